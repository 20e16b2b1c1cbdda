"""Signing in: a password at a door, then whatever further steps are due.

The counter of guesses is raised before the password is looked at, keyed by the account (or by the name nobody holds),
and every refusal looks alike: unknown, unconfirmed, stopped, without a password, or wrong.
"""

import contextlib
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import transaction

from accounts import conf, devices, event_types, hashing, metrics, people, sessions, tokens
from accounts.models import Device, LoginAttempt, Session, User
from audit import recording
from audit.vocabulary import EventType, Outcome
from kit.errors import InvalidToken, Refusal, Unavailable
from kit.origin import Origin
from limits import guesses

FACTOR = "password"


class InvalidCredentials(Refusal):
    """The one answer to every sign-in that is refused."""

    code = "invalid_credentials"
    default_detail = "The name or the password is not right."


class Step(Protocol):
    """A further step of a sign-in, named in ACCOUNTS_LOGIN_STEPS by its dotted path."""

    name: str

    def is_due(self, *, user: User, proofs: sessions.Proofs, device: Device | None, now: dt.datetime) -> bool:
        """Say whether this person must complete the step now. Asked again when the session starts."""

    def methods(self, *, user: User) -> Sequence[str]:
        """Return how she can complete it; told only after the password was right."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """What somebody shows at a door. `name` is an address or a user name."""

    name: str
    password: str
    device_token: str = ""
    device_name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class StepDue:
    """The password was right and `methods` complete the next step; `challenge` is the secret of the attempt."""

    step: str
    challenge: str
    methods: Sequence[str]
    expires_in: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StartedSession:
    """A person is signed in; her client keeps the token of the session's device (`devices.token_of`)."""

    session: Session


def begin(
    *, credentials: Credentials, door: Session.Door, now: dt.datetime, origin: Origin
) -> StepDue | StartedSession:
    """Check name and password at a door, and start a session or say which step is due.

    Raises `InvalidCredentials`, `limits.guesses.Locked`, `Invalid` for an oversize password, or `Unavailable`.
    """
    hashing.refuse_oversize(credentials.password)
    user = User.objects.find_by_name(credentials.name)
    device = devices.find_known(user=user, token=credentials.device_token)
    with hashing.turn():  # first, so that nobody's try is counted while the house is too busy to check it
        reservation = _reserve(user, device, credentials.name, door=door, now=now, origin=origin)
        right = _password_is_right(user, credentials.password, door)
    if not right:
        _refuse(user, device, credentials.name, reason="credentials", door=door, now=now, origin=origin)
        raise InvalidCredentials
    assert user is not None  # noqa: S101 - a right password is somebody's
    guesses.succeeded(reservation, now=now)
    _upgrade_hash(user, credentials.password)
    proofs = sessions.Proofs(methods=("pwd",), at=now)
    return _proceed(user, device, credentials, proofs=proofs, door=door, now=now, origin=origin)


def complete_step(
    *, challenge: str, step: str, methods: tuple[str, ...], now: dt.datetime, origin: Origin
) -> StepDue | StartedSession:
    """Take note that a step of an attempt is complete, and start the session or say what is due next.

    The app that owns the step has checked it. The attempt is spent by this, whatever comes after; raises `InvalidToken`
    for one that is unknown, spent or older than `ACCOUNTS_LOGIN_ATTEMPT_LIFETIME`.
    """
    digest = tokens.verify(challenge, tokens.Kind.CHALLENGE)
    if not LoginAttempt.objects.filter(digest=digest, spent_at=None, expires_at__gt=now).update(spent_at=now):
        raise InvalidToken
    attempt = LoginAttempt.objects.select_related("user").get(digest=digest)
    proved = attempt.proofs
    proofs = sessions.Proofs(methods=(*proved["methods"], *methods), steps=(*proved["steps"], step), at=now)
    known = attempt.device_id
    device = Device.objects.filter(pk=known, user=attempt.user).first() if known else None
    credentials = Credentials(name="", password="", device_name=attempt.device_name)
    return _proceed(
        attempt.user, device, credentials, proofs=proofs, door=Session.Door(attempt.door), now=now, origin=origin
    )


def find_attempt(*, challenge: Any, now: dt.datetime) -> LoginAttempt:
    """Return the attempt whose secret this is, while it is fresh and unspent, or raise `InvalidToken`."""
    digest = tokens.verify(challenge, tokens.Kind.CHALLENGE)
    attempt = LoginAttempt.objects.select_related("user").filter(digest=digest, spent_at=None).first()
    if attempt is None or attempt.expires_at <= now:
        raise InvalidToken
    return attempt


def _reserve(
    user: User | None, device: Device | None, name: str, *, door: Session.Door, now: dt.datetime, origin: Origin
) -> guesses.Reservation:
    """Raise the counter of guesses, or record and raise `Locked`: at the same try for known and unknown names."""
    lane = guesses.device_lane(device.pk) if device else guesses.STRANGERS
    try:
        return guesses.reserve(subject=people.guess_subject(user, name), factor=FACTOR, lane=lane, now=now)
    except guesses.Locked:
        _refuse(user, device, name, reason="locked", door=door, now=now, origin=origin)
        raise


def _password_is_right(user: User | None, password: str, door: Session.Door) -> bool:
    """Check the password with the work of one hash, whoever it is and whether or not she may come in here."""
    right = hashing.matches(password, user.password if user else None)
    if user is None or not right:
        return False
    return people.may_act(user) and (door != Session.Door.ADMIN or user.is_staff)


def _upgrade_hash(user: User, password: str) -> None:
    """Make an outdated hash anew; where the house is too busy for that, at some later sign-in."""
    if not hashing.is_outdated(user.password):
        return
    with contextlib.suppress(Unavailable):
        encoded = hashing.make(password)
        User.objects.filter(pk=user.pk, password=user.password).update(password=encoded)
        user.password = encoded


def _proceed(
    user: User,
    device: Device | None,
    credentials: Credentials,
    *,
    proofs: sessions.Proofs,
    door: Session.Door,
    now: dt.datetime,
    origin: Origin,
) -> StepDue | StartedSession:
    known = device is not None
    try:
        with transaction.atomic():
            if device is None:
                device = devices.register(user=user, name=credentials.device_name, now=now)
            else:
                devices.touch(device=device, now=now)
            session = sessions.start(
                user=user,
                proofs=proofs,
                door=door,
                origin=origin,
                now=now,
                device=device,
                device_name=credentials.device_name or device.name,
            )
            details = {"session": str(session.pk), "door": door.value, "known_device": known}
            _record(event_types.LOGIN_SUCCEEDED, user, now, origin, details)
        metrics.SIGN_INS.count(outcome="succeeded", door=door)
        return StartedSession(session=session)
    except sessions.StepMissing as missing:
        return _await_step(user, device if known else None, credentials, missing.step, proofs, door, now, origin)
    except sessions.AccountMayNotAct as error:
        name = credentials.name or user.email
        _refuse(user, device if known else None, name, reason="stopped", door=door, now=now, origin=origin)
        raise InvalidCredentials from error


def _await_step(
    user: User,
    device: Device | None,
    credentials: Credentials,
    step: Step,
    proofs: sessions.Proofs,
    door: Session.Door,
    now: dt.datetime,
    origin: Origin,
) -> StepDue:
    lifetime = conf.attempt_lifetime()
    challenge, digest = tokens.mint(tokens.Kind.CHALLENGE)
    with transaction.atomic():
        LoginAttempt.objects.create(
            user=user,
            digest=digest,
            door=door,
            proofs={"methods": list(proofs.methods), "steps": list(proofs.steps)},
            device_id=device.pk if device else None,
            device_name=credentials.device_name[:100],
            created_at=now,
            expires_at=now + dt.timedelta(seconds=lifetime),
        )
        details = {"step": step.name, "door": door.value}
        _record(event_types.LOGIN_STEP_REQUIRED, user, now, origin, details)
    metrics.SIGN_INS.count(outcome="step_due", door=door)
    return StepDue(step=step.name, challenge=challenge, methods=step.methods(user=user), expires_in=lifetime)


def _record(event: EventType, user: User, now: dt.datetime, origin: Origin, details: dict[str, Any]) -> None:
    recording.record(event, now=now, actor=user.pk, target_kind="user", target=user.pk, origin=origin, details=details)


def _refuse(
    user: User | None,
    device: Device | None,
    name: str,
    *,
    reason: str,
    door: Session.Door,
    now: dt.datetime,
    origin: Origin,
) -> None:
    metrics.SIGN_INS.count(outcome=reason, door=door)
    recording.record(
        event_types.LOGIN_REFUSED,
        now=now,
        actor_kind="stranger",
        target_kind="user",
        target=user.pk if user else "",
        outcome=Outcome.REFUSED,
        origin=origin,
        name=name[:254],
        details={"reason": reason, "door": door.value, "known_device": device is not None},
    )
