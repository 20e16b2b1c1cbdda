"""Invitations: how staff add a person, and the one way in where sign-up is by invitation.

One is bound to its address and good once. What it gives is checked when it is sent and again when it is accepted: an
inviter who has lost the right since has promised nothing. Nobody chooses a password for another; the invited does.
"""

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts import (
    conf,
    event_types,
    handles,
    hashing,
    landings,
    links,
    mail_limits,
    passwords,
    people,
    sign_up,
    tokens,
)
from accounts.message_kinds.invitations import INVITATION, INVITATION_PURPOSE
from accounts.models import Invitation, User
from audit import recording
from audit.vocabulary import ActorKind, EventType, Outcome
from kit import canonical, seams
from kit.errors import Conflict, Invalid, InvalidToken, NotFound, PermissionRefused, Refusal, Throttled
from kit.ids import uuid7
from kit.origin import NOWHERE, Origin
from notifications import sending
from vault import derived

PERMISSION = "accounts.add_user"
KEPT = dt.timedelta(days=30)  # after its end, for staff who wonder what became of it
REFUSED = "This invitation has been used or withdrawn, has expired, or is not one of ours."


class NotOpen(Conflict):
    """The invitation has been accepted or withdrawn."""

    default_detail = "This invitation has been accepted or withdrawn."


@dataclass(frozen=True, kw_only=True, slots=True)
class Guest:
    """Whom somebody invites, and to what. `grants` is in the form of the app that ACCOUNTS_INVITATION_GRANTS names."""

    email: str
    first_name: str = ""
    last_name: str = ""
    locale: str = ""
    is_staff: bool = False
    grants: tuple[dict[str, Any], ...] = ()
    link_url: str = ""


def invite(*, guest: Guest, inviter: User | None, now: dt.datetime, origin: Origin = NOWHERE) -> Invitation:
    """Mail an invitation; an earlier open one to the same address is withdrawn. `inviter` is None for the operator.

    Raises `PermissionRefused` where the inviter may not invite, make staff or give these roles, or sign-up is closed;
    `Invalid` (`email`, `link_url`, what the roles' side says), and `Throttled` for an address that had its mails.
    """
    sign_up.require_open(path="invite", invited=True, now=now, origin=origin)
    address = canonical.address(guest.email)
    landing = landings.require_allowed(guest.link_url)
    with _refusal_kept(inviter, None, now, origin):
        _require_right(inviter, is_staff=guest.is_staff)
        grants = _checked_grants(inviter, list(guest.grants), now)
    if handles.is_taken(address, now=now):
        raise Invalid("email", "Somebody has this address already.", "taken")
    with _refusal_kept(inviter, None, now, origin):
        _require_budget(address, now)
    row_id = uuid7()
    link = derived.mint(INVITATION_PURPOSE, row_id)
    with transaction.atomic():
        Invitation.objects.filter(address=address, accepted_at=None, withdrawn_at=None).update(withdrawn_at=now)
        row = Invitation.objects.create(
            id=row_id,
            address=address,
            first_name=guest.first_name,
            last_name=guest.last_name,
            locale=guest.locale,
            is_staff=guest.is_staff,
            grants=grants,
            landing=landing,
            invited_by=inviter.pk if inviter else None,
            digest=link.digest,
            key_id=link.key_id,
            created_at=now,
            expires_at=now + _lifetime(),
        )
        _send(row, inviter, now, origin)
    return row


def list_open(now: dt.datetime) -> QuerySet[Invitation]:
    """Return the invitations that can be accepted, the newest first."""
    return Invitation.objects.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=now).order_by("-pk")


def resend(*, invitation_id: uuid.UUID, actor: User | None, now: dt.datetime, origin: Origin = NOWHERE) -> Invitation:
    """Mail an invitation again, good for its whole time from now on. From now on it is this person's word.

    So what it gives is held against what *she* may give. Raises as `invite`, `NotFound`, or `NotOpen`.
    """
    sign_up.require_open(path="invite", invited=True, now=now, origin=origin)
    row = _find(invitation_id)
    with _refusal_kept(actor, row, now, origin):
        _require_right(actor, is_staff=row.is_staff)
        grants = _checked_grants(actor, row.grants, now)
        _require_budget(row.address, now)
    changes = {"expires_at": now + _lifetime(), "invited_by": actor.pk if actor else None, "grants": grants}
    with transaction.atomic():
        if not _waiting(row).update(**changes):
            raise NotOpen
        row.refresh_from_db()
        _send(row, actor, now, origin)
    return row


def withdraw(*, invitation_id: uuid.UUID, actor: User | None, now: dt.datetime, origin: Origin = NOWHERE) -> None:
    """Let an invitation be good no more. Raises `PermissionRefused`, `NotFound`, or `NotOpen`."""
    with _refusal_kept(actor, None, now, origin):
        _require_right(actor, is_staff=False)
    row = _find(invitation_id)
    with transaction.atomic():
        if not _waiting(row).update(withdrawn_at=now):
            raise NotOpen
        _record_by(event_types.INVITATION_WITHDRAWN, row, actor, now, origin)


def standing_of(*, token: str, now: dt.datetime) -> links.Standing:
    """Return how the link of an invitation stands, for the page that shows it; changes nothing."""
    row = Invitation.objects.filter(digest=tokens.verify(token, tokens.Kind.LINK)).first()
    if row is None:
        return links.Standing.UNKNOWN
    if row.withdrawn_at is not None:
        return links.Standing.WITHDRAWN
    return links.standing(used_at=row.accepted_at, expires_at=row.expires_at, now=now)


def accept(
    *, token: str, password: str, first_name: str = "", last_name: str = "", now: dt.datetime, origin: Origin
) -> User:
    """Make the person of an invitation, at its address and with its roles, once.

    Names that are left empty are those of the invitation. Raises `Invalid` on `password`, which leaves the invitation
    as it was; `Invalid` on `token`, always alike, also where the inviter may not give any more what she promised; or
    `SignUpClosed`.
    """
    sign_up.require_open(path="invitation", invited=True, now=now, origin=origin)
    try:
        row = _find_open(token, now)
        names = {"first_name": first_name or row.first_name, "last_name": last_name or row.last_name}
        personal = (row.address.partition("@")[0], *names.values())
        passwords.require_acceptable(password, personal=personal)
        encoded = hashing.make(password)
        with transaction.atomic():
            return _make(row, names, encoded, now, origin)
    except (InvalidToken, handles.NameTaken) as error:
        _record_refusal("token", now, origin)
        raise Invalid("token", REFUSED, "invalid") from error
    except _InviterMayNot as error:
        _record_refusal("inviter", now, origin)
        raise Invalid("token", REFUSED, "invalid") from error


def purge(*, now: dt.datetime) -> int:
    """Delete the invitations that ended a month ago; return how many. Their people live on without them."""
    deleted, _ = Invitation.objects.filter(expires_at__lte=now - KEPT).delete()
    return deleted


class _InviterMayNot(Exception):
    """The inviter has lost the right to what she promised."""


def _make(row: Invitation, names: dict[str, str], encoded: str, now: dt.datetime, origin: Origin) -> User:
    """Spend the invitation and make its person with its roles, in the caller's transaction."""
    if not list_open(now).filter(pk=row.pk).update(accepted_at=now):
        raise InvalidToken
    row.refresh_from_db()  # sent again meanwhile, it is another's word
    inviter = User.objects.filter(pk=row.invited_by).first() if row.invited_by else None
    user = people.make(
        address=row.address,
        password_hash=encoded,
        now=now,
        origin=origin,
        locale=row.locale,
        is_staff=row.is_staff,
        first_name=names["first_name"],
        last_name=names["last_name"],
    )
    Invitation.objects.filter(pk=row.pk).update(user=user)
    try:
        if row.invited_by and inviter is None:
            raise _InviterMayNot
        _require_right(inviter, is_staff=row.is_staff)
        _give_grants(user, row.grants, inviter, now, origin)
    except Refusal as refusal:
        raise _InviterMayNot from refusal
    recording.record(
        event_types.INVITATION_ACCEPTED,
        now=now,
        actor=user.pk,
        target_kind="invitation",
        target=row.pk,
        details={"inviter": row.invited_by},
        origin=origin,
        name=row.address,
    )
    return user


@contextmanager
def _refusal_kept(actor: User | None, row: Invitation | None, now: dt.datetime, origin: Origin) -> Iterator[None]:
    """Record that somebody would have promised what she may not, or mailed too much, and go on refusing it."""
    try:
        yield
    except (PermissionRefused, Throttled) as refusal:
        recording.record(
            event_types.INVITATION_REFUSED,
            now=now,
            actor=actor.pk if actor else None,
            target_kind="invitation",
            target=row.pk if row else "",
            outcome=Outcome.REFUSED,
            details={"reason": type(refusal).__name__},
            origin=origin,
        )
        raise


def _require_right(inviter: User | None, *, is_staff: bool) -> None:
    """Raise `PermissionRefused` unless this person may invite, and is staff herself where she would make staff."""
    if inviter is None:
        return
    if not people.may_act(inviter) or not inviter.has_perm(PERMISSION) or (is_staff and not inviter.is_staff):
        raise PermissionRefused


def _require_budget(address: str, now: dt.datetime) -> None:
    """Count a mail. Raises `Throttled` for an address that had too many."""
    if not mail_limits.may_mail(address=address, now=now):
        raise Throttled(mail_limits.HOUR, "This address had several mails in the last hour. Invite it later.")


def _checked_grants(inviter: User | None, grants: list[dict[str, Any]], now: dt.datetime) -> list[dict[str, Any]]:
    if not grants:
        return []
    path = conf.invitation_grants()
    if not path:
        raise Invalid("roles", "Invitations give no roles here.", "unknown_role")
    checked: list[dict[str, Any]] = seams.load(f"{path}.check")(inviter=inviter, grants=grants, now=now)
    return checked


def _give_grants(
    user: User, grants: list[dict[str, Any]], inviter: User | None, now: dt.datetime, origin: Origin
) -> None:
    if grants:
        seams.load(f"{conf.invitation_grants()}.give")(
            user=user, grants=grants, inviter=inviter, now=now, origin=origin
        )


def _find(invitation_id: uuid.UUID) -> Invitation:
    row = Invitation.objects.filter(pk=invitation_id).first()
    if row is None:
        raise NotFound
    return row


def _find_open(token: str, now: dt.datetime) -> Invitation:
    digest = tokens.verify(token, tokens.Kind.LINK)
    row = list_open(now).filter(digest=digest).first()
    if row is None:
        raise InvalidToken
    return row


def _lifetime() -> dt.timedelta:
    return dt.timedelta(seconds=conf.invitation_lifetime())


def _send(row: Invitation, actor: User | None, now: dt.datetime, origin: Origin) -> None:
    sending.send(kind=INVITATION, to=row.address, reference=row.pk, now=now, locale=row.locale)
    _record_by(event_types.INVITATION_SENT, row, actor, now, origin, staff=row.is_staff, grants=len(row.grants))


def _waiting(row: Invitation) -> QuerySet[Invitation]:
    """Return the invitation as long as it is neither accepted nor withdrawn: what a conditional update goes by."""
    return Invitation.objects.filter(pk=row.pk, accepted_at=None, withdrawn_at=None)


def _record_by(
    event: EventType,
    row: Invitation,
    actor: User | None,
    now: dt.datetime,
    origin: Origin,
    **details: int,
) -> None:
    recording.record(
        event,
        now=now,
        actor=actor.pk if actor else None,
        actor_kind=ActorKind.PERSON if actor else ActorKind.COMMAND,
        target_kind="invitation",
        target=row.pk,
        details=details,
        origin=origin,
        name=row.address,
    )


def _record_refusal(reason: str, now: dt.datetime, origin: Origin) -> None:
    recording.record(
        event_types.INVITATION_REFUSED,
        now=now,
        actor_kind=ActorKind.STRANGER,
        target_kind="invitation",
        outcome=Outcome.REFUSED,
        details={"reason": reason},
        origin=origin,
    )
