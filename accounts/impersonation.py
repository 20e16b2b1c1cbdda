"""Staff see the service as a person does, for a while: to look at, never to change anything.

It is a session of its own at the door `acting`, no sign-in of hers, with a token that says who acts for whom (`act`).
The row that each of its requests reads also holds who acts and her own session: it ends with that, with her account,
with a new password of hers, and with the permission. What may be called is for `kit.permissions` to say.
"""

import datetime as dt
import uuid
from dataclasses import dataclass, field

from django.db import transaction

from accounts import authority, conf, event_types, people, reauthentication, sessions, stewardship, tokens
from accounts.message_kinds.sessions import IMPERSONATED
from accounts.models import Session, User
from audit import recording
from audit.vocabulary import Outcome
from kit.errors import Conflict, Invalid, PermissionRefused
from kit.origin import Origin
from kit.permissions import NotForAnother
from limits import addresses
from notifications import sending

PERMISSION = "accounts.impersonate_user"
ROUTE = "impersonate"  # of LIMITS_BY_ADDRESS, by caller
MAX_REASON, MAX_MINUTES = 500, 60

_NEVER = dt.datetime.fromtimestamp(0, tz=dt.UTC)
_OF_ACTOR = "impersonator_"  # before the names of what the row says of who acts


class Stopped(Conflict):
    """The account may not act, so there is nothing to see."""

    default_detail = "This account is stopped or frozen: nobody can see what its person would."


@dataclass(frozen=True, slots=True)
class Begun:
    """A session in which staff act for a person, and its one token: there is none that would renew it."""

    session: Session
    access: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """Why somebody would act for a person, for how many minutes, and the proof that it is really her who asks.

    `password` or `code` may be empty where she signed in a moment ago.
    """

    reason: str
    minutes: int | None = None
    password: str = field(default="", repr=False)
    code: str = field(default="", repr=False)


def begin(*, user: User, session: Session, wish: Wish, now: dt.datetime, origin: Origin) -> Begun:
    """Let who has this session act for a person. It is recorded, and she is told (`ACCOUNTS_IMPERSONATION_TOLD`).

    Raises `PermissionRefused` as every function of `stewardship`, `Invalid`, `Stopped`, `OwnAccount` for oneself,
    `Throttled`, or as `reauthentication.require_recent`. Not to be called in a transaction.
    """
    actor = session.user
    with stewardship.managed(
        "impersonate", user=user, actor=actor, now=now, origin=origin, permission=PERMISSION, others_alone=True
    ):
        if session.parent_id is not None:
            raise NotForAnother
        reason = _reason(wish.reason)
        ends = min(now + _length(wish.minutes), session.over_at)
        reauthentication.require_recent(session=session, password=wish.password, code=wish.code, now=now, origin=origin)
        addresses.hit_by_caller(route=ROUTE, caller=actor.pk, now=now)
        with transaction.atomic():
            acting = _start(user=user, parent=session, ends=ends, now=now)
            _record_start(acting, reason=reason, now=now, origin=origin)
            if conf.impersonation_told():
                sending.send(kind=IMPERSONATED, to=user.email, reference=acting.pk, now=now, locale=user.locale)
    access = tokens.issue_acting(subject=user.pk, actor=actor.pk, session=acting.pk, now=now, expires_at=ends)
    return Begun(session=acting, access=access)


def find_live(*, session_id: uuid.UUID, actor: uuid.UUID, now: dt.datetime) -> sessions.Caller | None:
    """Return whom `actor` acts for in a session, by one statement, and by some more whether she still may.

    None when the session has ended or is none of hers, when her own session has, when either account may not act, or
    when she has set a new password since.
    """
    hers, of_actor = sessions.annotations_of("user_id"), sessions.annotations_of("impersonator_id")
    rows = Session.objects.filter(pk=session_id, door=Session.Door.ACTING, impersonator=actor)
    rows = rows.select_related("user", "impersonator", "parent")
    rows = rows.defer("evidence", "parent__evidence", "user__password", "impersonator__password")
    session = next(iter(rows.annotate(**hers, **{_OF_ACTOR + name: told for name, told in of_actor.items()})), None)
    if session is None or not _goes_on(session, now):
        return None
    for name in hers:
        setattr(session.user, name, getattr(session, name))
        setattr(session.impersonator, name, getattr(session, _OF_ACTOR + name))
    return sessions.Caller(user=session.user, session=session) if _still_may(session, now) else None


def record_refusal(*, session: Session, method: str, call: str, now: dt.datetime, origin: Origin) -> None:
    """Record that somebody who acts for a person tried what only that person may; `call` is its route, without ids."""
    with transaction.atomic():
        recording.record(
            event_types.IMPERSONATION_REFUSED,
            now=now,
            actor=session.user_id,
            target_kind="session",
            target=session.pk,
            outcome=Outcome.REFUSED,
            details={"method": method, "call": call},
            origin=origin,
        )


def _reason(text: str) -> str:
    line = stewardship.one_line(text, most=MAX_REASON)
    if not line:
        raise Invalid("reason", "Say why you would see what this person sees.", "required")
    return line


def _length(minutes: int | None) -> dt.timedelta:
    asked = conf.impersonation_minutes() if minutes is None else minutes
    if not 1 <= asked <= MAX_MINUTES:
        raise Invalid("minutes", f"Ask for 1 to {MAX_MINUTES} minutes.", "invalid_minutes")
    return dt.timedelta(minutes=asked)


def _start(*, user: User, parent: Session, ends: dt.datetime, now: dt.datetime) -> Session:
    """Make the session, of a person who may act and whom nobody stops meanwhile. Raises `Stopped`.

    It keeps nothing of where the one sits who acts: the person sees this row among her sessions.
    """
    row = User.objects.select_for_update(no_key=True).filter(pk=user.pk).first()
    if row is None or not people.may_act(row):
        raise Stopped
    return Session.objects.create(
        user=user,
        impersonator=parent.user,
        parent=parent,
        door=Session.Door.ACTING,
        auth_time=_NEVER,
        created_at=now,
        last_seen_at=now,
        expires_at=ends,
    )


def _record_start(acting: Session, *, reason: str, now: dt.datetime, origin: Origin) -> None:
    minutes = round((acting.expires_at - now).total_seconds() / 60)
    recording.record(
        event_types.IMPERSONATION_STARTED,
        now=now,
        actor=acting.impersonator_id,
        target_kind="user",
        target=acting.user_id,
        details={"session": acting.pk, "asked_in": acting.parent_id, "minutes": minutes, "reason": reason},
        origin=origin,
    )


def _goes_on(session: Session, now: dt.datetime) -> bool:
    """Say whether both sessions live and both people may act, by what the row holds."""
    actor, parent = session.impersonator, session.parent
    if actor is None or parent is None or parent.user_id != actor.pk:
        return False
    parent.user = actor
    since = actor.password_changed_at
    has_new_password = since is not None and since >= session.created_at
    both_may_act = people.may_act(session.user) and people.may_act(actor)
    return both_may_act and not has_new_password and session.is_live(now)


def _still_may(session: Session, now: dt.datetime) -> bool:
    try:
        authority.require(actor=session.impersonator, user=session.user, permission=PERMISSION, now=now)
    except PermissionRefused:
        return False
    return True
