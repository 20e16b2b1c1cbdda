"""Sessions: the one way in. Every door proves what it proves and then comes to `start`; every request reads one row.

No cache decides whether a session lives: logout, deactivation and role change are columns of the row that is read.
"""

import datetime as dt
import functools
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts import conf, event_types, people, places
from accounts.models import Device, LoginAttempt, Session, User
from audit import recording
from audit.vocabulary import ActorKind
from kit import seams
from kit.errors import NotFound, Refusal
from kit.origin import NOWHERE, Origin
from kit.prepared import ByKey

TOUCH_EVERY = dt.timedelta(minutes=5)
LISTED = 100
PURGED_AT_ONCE = 5_000


class StepMissing(Refusal):
    """A step of the sign-in is due and not among the proofs; `step` names it."""

    code = "mfa_required"
    default_detail = "A further step is due before this account can be used."

    def __init__(self, step: Any) -> None:
        super().__init__()
        self.step = step


class AccountMayNotAct(Refusal):
    """The account is stopped. Doors answer this as they answer a wrong password."""

    code = "invalid_credentials"


@dataclass(frozen=True, kw_only=True, slots=True)
class Proofs:
    """What a sign-in has proved: methods by RFC 8176 (`pwd`, `otp`, …), names of completed steps, and when."""

    methods: tuple[str, ...]
    steps: tuple[str, ...] = ()
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request is from: the person, with what the request annotations say of her, and her session."""

    user: User
    session: Session


def start(
    *,
    user: User,
    proofs: Proofs,
    door: Session.Door,
    origin: Origin,
    now: dt.datetime,
    device: Device | None = None,
    device_name: str = "",
) -> Session:
    """Begin a session, in the caller's transaction.

    Asks by itself whether the account may act and which steps are due; raises `AccountMayNotAct` or `StepMissing`.
    Of more than `ACCOUNTS_SESSIONS_AT_ONCE` sessions the oldest end.
    """
    if not people.may_act(user):
        raise AccountMayNotAct
    asked = {"user": user, "proofs": proofs, "device": device, "now": now, "origin": origin}
    for step in login_steps():
        if step.name not in proofs.steps and step.is_due(**asked):
            raise StepMissing(step)
    hold(user)
    lifetime = conf.admin_session_lifetime() if door == Session.Door.ADMIN else conf.session_lifetime()
    session = Session.objects.create(
        user=user,
        device=device,
        door=door,
        device_name=device_name[:100],
        address=origin.address,
        place=places.find(origin.address),
        agent=origin.agent[:256],
        amr=list(proofs.methods),
        auth_time=proofs.at,
        factor_at=proofs.at if proofs.steps else None,
        created_at=now,
        last_seen_at=now,
        expires_at=now + dt.timedelta(seconds=lifetime),
    )
    _end_surplus(user, now)
    return session


def hold(user: User) -> None:
    """Keep others from beginning sessions of this person, or ending her account, until the transaction is over.

    What was proved was proved of the row as it was read then: raises `AccountMayNotAct` if the account has been stopped
    since, or its password changed.
    """
    row = User.objects.select_for_update(no_key=True).filter(pk=user.pk).first()
    if row is None or not people.may_act(row) or row.password_changed_at != user.password_changed_at:
        raise AccountMayNotAct


def _end_surplus(user: User, now: dt.datetime) -> None:
    """End the oldest sessions beyond what one person may have; nobody else counts them meanwhile (`hold`)."""
    most = conf.sessions_at_once()
    if not most:
        return
    own = Session.objects.live(now).filter(user=user, parent=None)
    surplus = own.order_by("-created_at", "-pk").values("pk")[most:]
    reason = Session.EndReason.LIMIT
    count = Session.objects.filter(pk__in=surplus).update(ended_at=now, end_reason=reason)
    if count:
        _record_ended(user, reason, count, actor=None, now=now, origin=NOWHERE)


def login_steps() -> list[Any]:
    """Return the steps that ACCOUNTS_LOGIN_STEPS names, in order (see `accounts.login.Step`)."""
    return [_step(path) for path in getattr(settings, "ACCOUNTS_LOGIN_STEPS", ())]


@functools.cache
def _step(path: str) -> Any:
    return seams.load(path)()


def find_live(*, session_id: uuid.UUID, door: Session.Door, now: dt.datetime) -> Caller | None:
    """Return who a live session is of, by one statement: session, person and request annotations in one row.

    None when the session has ended, was begun at another door, or the account may not act.
    """
    rows, annotated = _read_by_requests(tuple(getattr(settings, "ACCOUNTS_REQUEST_ANNOTATIONS", ())))
    session = rows.find(session_id)
    if session is None or session.door != door or not session.is_live(now) or not people.may_act(session.user):
        return None
    for name in annotated:
        setattr(session.user, name, getattr(session, name))
    return Caller(user=session.user, session=session)


@functools.cache
def _read_by_requests(_annotations: tuple[str, ...]) -> tuple[ByKey[Session], tuple[str, ...]]:
    """Return how a request reads its row, and the names of the annotations in it, which the setting names."""
    annotations = annotations_of("user_id")
    rows = Session.objects.select_related("user").defer("evidence", "user__password")
    return ByKey(rows.annotate(**annotations)), tuple(annotations)


def annotations_of(user_id_ref: str) -> dict[str, Any]:
    """Return what ACCOUNTS_REQUEST_ANNOTATIONS wants to know of a person in the row that each request reads.

    `find_live` asks once in a process: what they return must not depend on the moment.
    """
    merged: dict[str, Any] = {}
    for annotate in seams.load_all("ACCOUNTS_REQUEST_ANNOTATIONS"):
        merged |= annotate(user_id_ref)
    return merged


def touch(*, session: Session, now: dt.datetime) -> None:
    """Note that a session was used, at most every five minutes."""
    if now - session.last_seen_at >= TOUCH_EVERY:
        Session.objects.filter(pk=session.pk, last_seen_at__lt=now).update(last_seen_at=now)
        session.last_seen_at = now


def list_live(*, user: User, now: dt.datetime) -> "list[Session]":
    """Return where a person is signed in, the newest first."""
    return list(Session.objects.live(now).filter(user=user).order_by("-created_at")[:LISTED])


def list_ended(*, user: User) -> "list[Session]":
    """Return the sessions of a person that were ended and are kept yet, the last one first."""
    return list(Session.objects.filter(user=user, ended_at__isnull=False).order_by("-ended_at", "-pk")[:LISTED])


def purge(*, now: dt.datetime) -> int:
    """Delete sessions that were over `ACCOUNTS_ENDED_SESSIONS_KEPT` ago, at most 5,000 in one call; return how many."""
    over = Session.objects.over_before(now - dt.timedelta(seconds=conf.ended_sessions_kept()))
    ids = list(over.order_by().values_list("pk", flat=True)[:PURGED_AT_ONCE])
    Session.objects.filter(pk__in=ids).delete()
    return len(ids)


def end(
    *, session: Session, reason: Session.EndReason, actor: uuid.UUID | None, now: dt.datetime, origin: Origin = NOWHERE
) -> bool:
    """End a session; its access and refresh tokens are refused from the next request on. False if it had ended."""
    acting = session.impersonator_id
    with transaction.atomic():
        if not Session.objects.filter(pk=session.pk, ended_at=None).update(ended_at=now, end_reason=reason):
            return False
        recording.record(
            event_types.IMPERSONATION_ENDED if acting else event_types.SESSION_ENDED,
            now=now,
            actor=actor,
            actor_kind=ActorKind.PERSON if actor else ActorKind.SYSTEM,
            target_kind="session",
            target=session.pk,
            origin=origin,
            details={"reason": reason.value, **({"impersonator": acting} if acting else {})},
        )
    return True


def end_own(*, user: User, session_id: uuid.UUID, now: dt.datetime, origin: Origin) -> None:
    """End one session of a person's own. Raises `NotFound` for another's as for an unknown one."""
    session = Session.objects.live(now).filter(pk=session_id, user=user).first()
    if session is None:
        raise NotFound
    end(session=session, reason=Session.EndReason.REMOVED, actor=user.pk, now=now, origin=origin)


def end_all(
    *,
    user: User,
    reason: Session.EndReason,
    actor: uuid.UUID | None,
    now: dt.datetime,
    origin: Origin = NOWHERE,
    but: Iterable[uuid.UUID] = (),
) -> int:
    """End every session of a person, except those named in `but`; return how many.

    Sign-ins of hers that wait for a further step are over as well.
    """
    with transaction.atomic():
        live = Session.objects.filter(user=user, ended_at=None).exclude(pk__in=list(but))
        count = live.update(ended_at=now, end_reason=reason)
        LoginAttempt.objects.filter(user=user).delete()
        _record_ended(user, reason, count, actor=actor, now=now, origin=origin)
    return count


def _record_ended(
    user: User, reason: Session.EndReason, count: int, *, actor: uuid.UUID | None, now: dt.datetime, origin: Origin
) -> None:
    recording.record(
        event_types.SESSIONS_ENDED,
        now=now,
        actor=actor,
        actor_kind=ActorKind.PERSON if actor else ActorKind.SYSTEM,
        target_kind="user",
        target=user.pk,
        origin=origin,
        details={"reason": reason.value, "count": count},
    )


def forget_devices(*, user: User, but: Device | None = None) -> None:
    """Let no device be known to a person any more, except one, in the caller's transaction.

    Each has a budget of guesses of its own: whoever knew the old password may have made some, and keeps none of them.
    """
    others = Device.objects.filter(user=user)
    (others.exclude(pk=but.pk) if but else others).delete()
