"""Setting up a second factor: begun with proof of who it is, on only after a first right answer, told to its owner.

Whoever sets one up is signed in; or she must have one before she gets a session, and holds the challenge of a sign-in
that can do no more than this. A first factor asks for the password, or a sign-in of a moment ago; a further one for a
factor that she has. Whatever was begun before and not finished is gone with the next beginning, and with every finish.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction

from accounts import codes, login, people, reauthentication
from accounts import conf as accounts_conf
from accounts.models import LoginAttempt, SentCode, Session, User
from audit import recording
from audit.vocabulary import EventType, Outcome
from kit.errors import Conflict, Invalid, NotAuthenticated
from kit.origin import Origin
from mfa import event_types, factors, notices, policy, proofs, recovery
from mfa.models import Ceremony, Factor, MessageFactor, Passkey, Totp

PURPOSE: Final = SentCode.Purpose.ENROL
MODELS: Final = (Totp, MessageFactor, Passkey)
MOST: Final = 5  # confirmed factors of a kind
_EXISTS = "This account has a second factor. Sign in with it, or ask those who run this service."


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrolling:
    """Who sets up a factor: by a session of hers, or by a sign-in under way that can do no more."""

    user: User
    session: Session | None = None
    attempt: LoginAttempt | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmed:
    """A factor that has been proved for the first time, and what that proves (`amr`)."""

    factor: Factor
    method: str
    amr: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrolled:
    """A factor that is on. With the first one come ten recovery codes, which are shown this once."""

    factor: Factor
    recovery_codes: list[str] = field(repr=False)


def who_enrols(*, session: Session | None, challenge: str = "", method: str = "", now: dt.datetime) -> Enrolling:
    """Return who sets up a factor, from the session of a request or from the challenge in its body.

    Raises `Conflict` where nobody may, `Invalid` on `method` for one that is not taken here, or on `challenge` beside a
    session, `NotAuthenticated` without either, and `InvalidToken` for a challenge that does not hold.
    """
    who = _by_challenge(challenge, now) if session is None else Enrolling(user=session.user, session=session)
    if session is not None and challenge:
        raise Invalid("challenge", "You are signed in: leave it out.", "unexpected")
    if policy.is_off():
        raise Conflict("Second factors are turned off here.")
    if method and not policy.allows(method, who.user):
        raise Invalid("method", "This kind of second factor is not taken here.", "not_allowed")
    return who


def _by_challenge(challenge: str, now: dt.datetime) -> Enrolling:
    if not challenge:
        raise NotAuthenticated
    attempt = login.find_attempt(challenge=challenge, step=factors.FACTOR, enrols=True, now=now)
    return Enrolling(user=attempt.user, attempt=attempt)


def require_proof(
    *, who: Enrolling, answer: factors.Answer, password: str = "", now: dt.datetime, origin: Origin
) -> None:
    """Return only if it is her who sets a factor up: by one that she has; for the first by password or recent sign-in.

    Raises `Conflict` where a challenge that enrols meets a factor, and as `proofs.require_factor` or
    `reauthentication.require_recent`. Not to be called in a transaction.
    """
    has_one = factors.has_any(who.user)
    if who.session is None:
        if has_one:
            raise Conflict(_EXISTS)
    elif has_one:
        proofs.require_factor(session=who.session, answer=answer, now=now, origin=origin)
    else:
        reauthentication.require_recent(
            session=who.session, password=password, code=answer.code, now=now, origin=origin
        )


def begin(*, who: Enrolling, pending: Factor | Ceremony, method: str, now: dt.datetime, origin: Origin) -> None:
    """Save what is to be confirmed, after `require_proof`: a factor, or the challenge that a passkey answers.

    What was begun before is gone. Raises `Conflict` for more than five of a kind: each is one more that a guess may
    hit.
    """
    with transaction.atomic():
        proofs.hold(who.user)
        if isinstance(pending, Factor):
            require_room(type(pending), who.user)
        forget_pending(who.user)
        pending.save(force_insert=True)
        _record(event_types.ENROLMENT_BEGUN, who.user, now, origin, {"method": method})


def require_room(model: type[Factor], user: User, *, most: int = MOST) -> None:
    """Raise `Conflict` for a person who has as many factors of a kind as one may have."""
    if model.objects.filter(user=user, confirmed=True).count() >= most:
        raise Conflict(f"An account has at most {most} second factors of this kind. Remove one first.")


def find_pending(*, user: User, now: dt.datetime) -> Totp | MessageFactor | None:
    """Return what a person is setting up that a code confirms, if she began it lately."""
    since = now - dt.timedelta(seconds=accounts_conf.enrolment_lifetime())
    for model in (Totp, MessageFactor):
        begun = model.objects.select_related("user").filter(user=user, confirmed=False, created_at__gt=since)
        found: Totp | MessageFactor | None = begun.first()
        if found is not None:
            return found
    return None


def forget_pending(user: User) -> None:
    """Drop whatever a person began to set up and has not confirmed, in the caller's transaction.

    A code that is under way to a contact confirms nothing any more.
    """
    for model in MODELS:
        model.objects.filter(user=user, confirmed=False).delete()
    Ceremony.objects.filter(user=user, purpose=Ceremony.Purpose.ENROL).delete()


def purge(*, now: dt.datetime) -> int:
    """Delete what was begun too long ago to be confirmed; return how many rows."""
    over = now - dt.timedelta(seconds=accounts_conf.enrolment_lifetime())
    return sum(model.objects.filter(confirmed=False, created_at__lte=over).delete()[0] for model in MODELS)


def count_try(*, user: User, now: dt.datetime) -> None:
    """Count a try to confirm before it is looked at. Raises `Throttled` after five in ten minutes.

    Whoever confirms is shown recovery codes: nobody gets there by guessing at what the owner has begun.
    """
    codes.count_try(purpose=PURPOSE, subject=people.guess_subject(user, ""), now=now)


def complete(
    *, who: Enrolling, method: str, confirm: Callable[[], Confirmed], now: dt.datetime, origin: Origin
) -> Enrolled:
    """Turn a factor on: `confirm` looks at the proof and saves the factor, or raises `Invalid`, which is recorded.

    All of it is one transaction, which holds her row: of two first factors one comes second, and what a challenge set
    up it sets up once. Raises what `confirm` raises, `InvalidToken`, or `Conflict`.
    """
    try:
        with transaction.atomic():
            proofs.hold(who.user)
            return _turn_on(who, confirm, now, origin)
    except Invalid:
        _record(event_types.ENROLMENT_REFUSED, who.user, now, origin, {"method": method}, outcome=Outcome.REFUSED)
        raise


def _turn_on(who: Enrolling, confirm: Callable[[], Confirmed], now: dt.datetime, origin: Origin) -> Enrolled:
    user, is_first = who.user, not factors.has_any(who.user)
    if who.attempt is not None:
        if not is_first:
            raise Conflict(_EXISTS)
        login.spend(who.attempt, now=now)
    confirmed = confirm()
    forget_pending(user)
    shown = recovery.make(user=user, now=now) if is_first else []
    if who.session is not None:
        _note_proof(who.session, confirmed.amr, now)
    about = {"method": confirmed.method, "factor": str(confirmed.factor.pk), "is_first": is_first}
    details = {**about, "by_challenge": who.attempt is not None}
    _record(event_types.FACTOR_ADDED, user, now, origin, details)
    notices.tell(user=user, change="factor_added", now=now, origin=origin, data=about)
    return Enrolled(factor=confirmed.factor, recovery_codes=shown)


def _note_proof(session: Session, amr: tuple[str, ...], now: dt.datetime) -> None:
    """Take note that a factor was proved in a session: the next thing that asks for one need not wait for a code."""
    methods = list(dict.fromkeys((*session.amr, *amr)))
    Session.objects.filter(pk=session.pk).update(factor_at=now, amr=methods)


def _record(
    event: EventType,
    user: User,
    now: dt.datetime,
    origin: Origin,
    details: dict[str, Any],
    *,
    outcome: Outcome = Outcome.DONE,
) -> None:
    recording.record(
        event,
        now=now,
        actor=user.pk,
        target_kind="user",
        target=user.pk,
        outcome=outcome,
        origin=origin,
        details=details,
    )
