"""A new password: by the old one, or by a link to whoever has lost it.

Asking for a link costs the same work whoever it is asked for, and the link goes to the address in our books, never to
one that was typed. A new password ends what rested on the old one: sessions, begun sign-ins, other links and codes.
"""

import datetime as dt

from django.db import transaction

from accounts import (
    conf,
    devices,
    event_types,
    guessing,
    handles,
    hashing,
    landings,
    links,
    passwords,
    pending,
    reversals,
    sessions,
)
from accounts.mail_limits import may_mail
from accounts.message_kinds.password_changes import RESET
from accounts.models import Link, Session, User
from audit import recording
from audit.vocabulary import ActorKind, EventType, Outcome
from kit import canonical
from kit.errors import Conflict, Invalid, InvalidToken
from kit.origin import Origin
from limits import counters
from notifications import sending

DOOR = "password_change"
CHOICES_OF_A_LINK = 10  # new passwords that are held against the old one before a link is good no more
_SAME = "This is the password you have. Choose another."


class ChangedMeanwhile(Conflict):
    """Two changes of one password at once: this one came second."""

    default_detail = "The password was changed meanwhile."


def change(*, session: Session, current_password: str, new_password: str, now: dt.datetime, origin: Origin) -> None:
    """Set a new password for the person of this session; her other sessions end, and a mail tells her.

    Raises `Invalid` on `new_password` or `current_password`, `limits.guesses.Locked`, `Unavailable`, or
    `ChangedMeanwhile`. Not to be called in a transaction.
    """
    user = session.user
    _require_acceptable(user, new_password)
    right = guessing.checked_password(
        user=user, password=current_password, device=session.device, door=DOOR, now=now, origin=origin
    )
    if not right:
        raise Invalid("current_password", "The password is not right.", "wrong")
    if hashing.normalised(new_password) == hashing.normalised(current_password):
        raise Invalid("new_password", _SAME, "password_same")
    encoded = hashing.make(new_password)
    with transaction.atomic():
        row = User.objects.lock(user.pk)
        if row.password != user.password:
            raise ChangedMeanwhile
        _set(row, encoded, now, origin)
        reason = Session.EndReason.PASSWORD
        sessions.end_all(user=row, reason=reason, actor=row.pk, now=now, origin=origin, but=[session.pk])
        sessions.forget_devices(user=row, but=session.device)
        _record(event_types.PASSWORD_CHANGED, now, origin, user=row, actor=row)


def request_reset(*, email: str, now: dt.datetime, origin: Origin, link_url: str = "") -> None:
    """Mail a link that sets a new password, if the address is a confirmed one of somebody who may have it.

    The work and the answer are the same for everybody: a link that is nobody's is written too, and the worker finds
    nothing to send for it. The link leads to `link_url`, a client's own page, or to ours. Raises `Invalid` for a
    malformed address, or a page that links may not lead to.
    """
    address = canonical.address(email)
    landing = landings.require_allowed(link_url)
    user = _find_owner(address)
    with transaction.atomic():
        allowed = may_mail(address=address, now=now)
        if allowed:
            send_link(user=user, address=address, now=now, landing=landing, network=origin.address)
        event = event_types.RESET_REQUESTED if allowed else event_types.RESET_LIMITED
        outcome = Outcome.DONE if allowed else Outcome.REFUSED
        _record(event, now, origin, user=user, outcome=outcome, name=address)


def send_link(*, user: User | None, address: str, now: dt.datetime, landing: str = "", network: str = "") -> Link:
    """Mail a link that sets a new password, in the caller's transaction; `user` is None for an address of nobody's.

    `network` is the network address that asked, which the mail tells.
    """
    link = links.issue(
        purpose=Link.Purpose.RESET,
        address=address,
        user=user,
        now=now,
        lifetime=dt.timedelta(seconds=conf.reset_lifetime()),
        landing=landing,
        data={"network": network},
    )
    sending.send(kind=RESET, to=address, reference=link.pk, now=now, locale=user.locale if user else "")
    return link


def reset(*, token: str, new_password: str, device_token: str = "", now: dt.datetime, origin: Origin) -> User:
    """Set a new password by a link: every session ends, a frozen account is free again, and a mail tells her.

    Of the devices known to her only the one of `device_token` stays so. Nobody is signed in by it, so a second factor
    stays due. Raises `Invalid` on `token`, always alike, or on `new_password`, which leaves the link as it was; or
    `Unavailable`.
    """
    try:
        link = links.find(token=token, purpose=Link.Purpose.RESET, now=now)
        user = _require_resettable(link.user)
        _require_acceptable(user, new_password)
        encoded = _encode_different(user, link, new_password, now)
        with transaction.atomic():
            row = User.objects.lock(user.pk)
            _require_resettable(row)
            _require_hers(row, link)
            links.use(token=token, purpose=Link.Purpose.RESET, now=now)
            was_frozen = row.frozen_at is not None
            row.frozen_at = None
            _set(row, encoded, now, origin)
            sessions.end_all(user=row, reason=Session.EndReason.RESET, actor=row.pk, now=now, origin=origin)
            sessions.forget_devices(user=row, but=devices.find_known(user=row, token=device_token))
            details = {"was_frozen": was_frozen}
            _record(event_types.RESET_DONE, now, origin, user=row, actor=row, details=details)
    except InvalidToken as error:
        _record(event_types.RESET_REFUSED, now, origin, outcome=Outcome.REFUSED)
        raise Invalid("token", "This link has been used, has expired, or is not one of ours.", "invalid") from error
    return row


def _find_owner(address: str) -> User | None:
    """Return whose confirmed address this is, if she may set a new password; by one statement."""
    user = handles.owner_of(address)
    return user if user is not None and _is_resettable(user) else None


def _is_resettable(user: User) -> bool:
    """Say whether she may set a new password by a link: a frozen account may, it is what frees it."""
    return user.is_active and user.erase_at is None


def _require_resettable(user: User | None) -> User:
    """Return a person who may set a new password. Raises `InvalidToken`."""
    if user is None or not _is_resettable(user):
        raise InvalidToken
    return user


def _require_hers(user: User, link: Link) -> None:
    """Raise `InvalidToken` for a link that has gone to an address which a locked person has given up meanwhile."""
    if not handles.is_hers(user=user, address=link.address):
        raise InvalidToken


def _require_acceptable(user: User, new_password: str) -> None:
    personal = (user.email.partition("@")[0], user.username or "", user.first_name, user.last_name)
    passwords.require_acceptable(new_password, personal=personal, field="new_password")


def _encode_different(user: User, link: Link, new_password: str, now: dt.datetime) -> str:
    """Return the hash of a new password, in one turn: whom the house is too busy for has used up nothing of the link.

    Raises `Invalid` when it is the old password again; `InvalidToken` once the link has been used to find that out.
    Whoever has the link alone must not learn the old password by trying: it may be good elsewhere too.
    """
    with hashing.turn():
        verdict = counters.hit(key=f"reset:{link.pk}", limit=CHOICES_OF_A_LINK, window=conf.reset_lifetime(), now=now)
        if not verdict.allowed:
            raise InvalidToken
        if hashing.matches(new_password, user.password):
            raise Invalid("new_password", _SAME, "password_same")
        return hashing.encode(new_password)


def _set(user: User, encoded: str, now: dt.datetime, origin: Origin) -> None:
    """Set a locked person's password, and tell her; what rested on the old one is over."""
    before = reversals.state_of(user)
    user.password, user.password_changed_at = encoded, now
    user.save(update_fields=["password", "password_changed_at", "frozen_at"])
    pending.void(user=user, now=now)
    reversals.notify(user=user, change="password", before=before, to=user.email, now=now, origin=origin)


def _record(
    event: EventType,
    now: dt.datetime,
    origin: Origin,
    *,
    user: User | None = None,
    actor: User | None = None,
    outcome: Outcome = Outcome.DONE,
    name: str = "",
    details: dict[str, bool] | None = None,
) -> None:
    recording.record(
        event,
        now=now,
        actor=actor.pk if actor else None,
        actor_kind=ActorKind.PERSON if actor else ActorKind.STRANGER,
        target_kind="user",
        target=user.pk if user else "",
        outcome=outcome,
        origin=origin,
        name=name,
        details=details,
    )
