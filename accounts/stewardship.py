"""What staff do to other people's accounts: permission, guard, change and entry together, in one function each.

The API and the admin both end here, so that they cannot drift apart. Staff never see, choose or confirm a password or
an address: they have a link sent to the one that the person confirmed.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID

from django.db import transaction

from accounts import (
    authority,
    conf,
    erasure,
    event_types,
    links,
    lockouts,
    mail_limits,
    password_changes,
    people,
    profiles,
    sessions,
)
from accounts.models import Link, Session, User
from audit import recording
from audit.vocabulary import ActorKind, EventType, Outcome
from kit import seams
from kit.errors import Conflict, Invalid, NotFound, PermissionRefused, Throttled
from kit.origin import NOWHERE, Origin

CHANGE_USER, DELETE_USER = "accounts.change_user", "accounts.delete_user"
MAX_REASON = 200
EDITABLE = ("first_name", "last_name", "locale", "time_zone")


class OwnAccount(Conflict):
    """Staff would do to themselves what asks for proof that it is them."""

    default_detail = "This is your own account. Do this where you manage it yourself, and prove that it is you."


class NoFactors(Conflict):
    """Nobody has second factors here."""

    default_detail = "There are no second factors here."


def update(
    *, user: User, changes: Mapping[str, str], actor: User | None, now: dt.datetime, origin: Origin = NOWHERE
) -> User:
    """Change the fields of `EDITABLE` that are among the changes, and no others. Raises as every function here.

    That is `PermissionRefused` for who lacks the permission, `authority.BeyondReach` where the other may do more.
    """
    wanted = {name: value for name, value in changes.items() if name in EDITABLE}
    with managed("update", user=user, actor=actor, now=now, origin=origin):
        return profiles.update(user=user, changes=wanted, actor=_id(actor), now=now, origin=origin)


def activate(*, user: User, actor: User | None, now: dt.datetime, origin: Origin = NOWHERE) -> None:
    """Let an account act again, a deleted one too until its grace is over. What its owner froze stays frozen."""
    with managed("activate", user=user, actor=actor, now=now, origin=origin):
        erasure.restore(user=user, actor=actor, now=now, origin=origin)
        people.activate(user=user, actor=_id(actor), now=now, origin=origin)


def deactivate(*, user: User, actor: User | None, now: dt.datetime, origin: Origin = NOWHERE) -> None:
    """Stop an account at once. Of a deleted one, the link that would bring it back is good no more."""
    with managed("deactivate", user=user, actor=actor, now=now, origin=origin, others_alone=True):
        people.deactivate(user=user, actor=_id(actor), now=now, origin=origin)
        with transaction.atomic():
            if links.void(user=user, purposes=(Link.Purpose.KEEP,), now=now):
                _record(event_types.USER_DEACTIVATED, user=user, actor=actor, now=now, origin=origin)


def delete(*, user: User, actor: User | None, now: dt.datetime, origin: Origin = NOWHERE) -> None:
    """Stop an account at once, to be erased when its grace is over."""
    with managed("delete", user=user, actor=actor, now=now, origin=origin, permission=DELETE_USER, others_alone=True):
        erasure.request(user=user, actor=actor, now=now, origin=origin)


def sign_out(*, user: User, actor: User | None, now: dt.datetime, origin: Origin = NOWHERE) -> int:
    """End every session of a person; return how many."""
    with managed("sign-out", user=user, actor=actor, now=now, origin=origin):
        reason = Session.EndReason.STAFF
        return sessions.end_all(user=user, reason=reason, actor=_id(actor), now=now, origin=origin)


def end_session(
    *, user: User, session_id: UUID, actor: User | None, now: dt.datetime, origin: Origin = NOWHERE
) -> None:
    """End one session of a person. Raises `NotFound` for one that is not hers or has ended."""
    with managed("end-session", user=user, actor=actor, now=now, origin=origin):
        session = Session.objects.live(now).filter(pk=session_id, user=user).first()
        if session is None:
            raise NotFound
        sessions.end(session=session, reason=Session.EndReason.STAFF, actor=_id(actor), now=now, origin=origin)


def unlock(*, user: User, actor: User | None, now: dt.datetime, origin: Origin = NOWHERE) -> None:
    """Let an account be tried again at once, after too many wrong passwords."""
    with managed("unlock", user=user, actor=actor, now=now, origin=origin):
        lockouts.unlock(user=user, actor=_id(actor), now=now, origin=origin)


def reset_factors(
    *, user: User, actor: User | None, reason: str = "", now: dt.datetime, origin: Origin = NOWHERE
) -> None:
    """Take away a person's second factors, as ACCOUNTS_FACTOR_RESET names it; her sessions end with them.

    The log and the mail to her give the reason, one line of at most `MAX_REASON` characters (`Invalid`). Raises
    `NoFactors` where no app has any to take.
    """
    with managed("reset-mfa", user=user, actor=actor, now=now, origin=origin, others_alone=True):
        why = one_line(reason, most=MAX_REASON)
        path = conf.factor_reset()
        if not path:
            raise NoFactors
        with transaction.atomic():
            seams.load(path)(user=user, actor=actor, reason=why, now=now, origin=origin)
            ended = Session.EndReason.STAFF
            sessions.end_all(user=user, reason=ended, actor=_id(actor), now=now, origin=origin)
            details = {"reason": why}
            _record(event_types.FACTORS_RESET, user=user, actor=actor, now=now, origin=origin, details=details)


def send_password_reset(*, user: User, actor: User | None, now: dt.datetime, origin: Origin = NOWHERE) -> None:
    """Have a link sent to a person's own address by which she sets a new password.

    Raises `Conflict` for an account that may not have one, and `Throttled` when the address has had too much mail.
    """
    with managed("send-password-reset", user=user, actor=actor, now=now, origin=origin):
        if not user.is_active or user.erase_at is not None:
            raise Conflict("The account is stopped: nobody can set a new password for it.")
        with transaction.atomic():
            allowed = mail_limits.may_mail(address=user.email, now=now)
            if allowed:
                password_changes.send_link(user=user, address=user.email, now=now)
                _record(event_types.RESET_SENT, user=user, actor=actor, now=now, origin=origin)
        if not allowed:
            raise Throttled(mail_limits.HOUR, "This address has had as much mail as it may in an hour.")


@contextmanager
def managed(
    action: str,
    *,
    user: User,
    actor: User | None,
    now: dt.datetime,
    origin: Origin,
    permission: str = CHANGE_USER,
    others_alone: bool = False,
) -> Iterator[None]:
    """Do what is inside if the actor may; a refusal, of whatever is inside too, leaves an entry and goes on.

    For modules that offer staff more than this one does, too. `others_alone` keeps them from their own accounts.
    """
    try:
        authority.require(actor=actor, user=user, permission=permission, now=now)
        if others_alone and actor is not None and actor.pk == user.pk:
            raise OwnAccount
        yield
    except (PermissionRefused, Conflict, Throttled) as refusal:
        details = {"action": action, "reason": type(refusal).__name__}
        _record(
            event_types.MANAGEMENT_REFUSED,
            user=user,
            actor=actor,
            now=now,
            origin=origin,
            outcome=Outcome.REFUSED,
            details=details,
        )
        raise


def one_line(text: str, *, most: int) -> str:
    """Return a reason without the space around it. Raises `Invalid` for one that is no line, or longer than `most`."""
    line = text.strip()
    if len(line) > most or not line.isprintable():
        raise Invalid("reason", f"Give a reason in one line of at most {most} characters.", "invalid_reason")
    return line


def _record(
    event: EventType,
    *,
    user: User,
    actor: User | None,
    now: dt.datetime,
    origin: Origin,
    outcome: Outcome = Outcome.DONE,
    details: Mapping[str, str] | None = None,
) -> None:
    recording.record(
        event,
        now=now,
        actor=_id(actor),
        actor_kind=ActorKind.COMMAND if actor is None else ActorKind.PERSON,
        target_kind="user",
        target=user.pk,
        outcome=outcome,
        origin=origin,
        details=details,
    )


def _id(actor: User | None) -> UUID | None:
    return actor.pk if actor else None
