"""Signing in: a password at a door, then whatever further steps are due.

The password is counted before it is looked at (`guessing`), and every refusal looks alike: unknown, unconfirmed,
stopped, without a password, or wrong.
"""

import contextlib
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import transaction
from django.db.models import F

from accounts import conf, devices, event_types, guessing, hashing, metrics, robots, sessions, tokens
from accounts.models import Device, LoginAttempt, Session, User
from audit import recording
from audit.vocabulary import EventType
from kit.errors import InvalidToken, Refusal, Unavailable
from kit.origin import Origin
from limits import pressure


class InvalidCredentials(Refusal):
    """The one answer to every sign-in that is refused."""

    code = "invalid_credentials"
    default_detail = "The name or the password is not right."


ANSWERS = 5  # to the step of one attempt


class Step(Protocol):
    """A further step of a sign-in, named in ACCOUNTS_LOGIN_STEPS by its dotted path.

    `admin_page` is the name of the URL where staff complete it, or set it up, in the browser; empty where they cannot.
    """

    name: str
    admin_page: str

    def is_due(
        self, *, user: User, proofs: sessions.Proofs, device: Device | None, now: dt.datetime, origin: Origin
    ) -> bool:
        """Say whether this person must complete the step now. Asked again when the session starts."""

    def methods(self, *, user: User) -> Sequence[str]:
        """Return how she can complete it; told only after the password was right.

        Nothing where she has no way yet: the attempt that is begun then can do no more than set one up.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """What somebody shows at a door. `name` is an address or a user name."""

    name: str
    password: str = field(repr=False)
    device_token: str = field(default="", repr=False)
    device_name: str = ""
    robot_proof: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class StepDue:
    """The password was right and `methods` complete the next step; `challenge` is the secret of the attempt.

    Without any method it `enrols`: she must set one up first, and then sign in anew.
    """

    step: str
    challenge: str = field(repr=False)
    methods: Sequence[str]
    expires_in: int

    @property
    def enrols(self) -> bool:
        """Say whether the challenge can only set up a factor."""
        return not self.methods


@dataclass(frozen=True, kw_only=True, slots=True)
class StartedSession:
    """A person is signed in; her client keeps the token of the session's device (`devices.token_of`)."""

    session: Session


@dataclass(frozen=True, kw_only=True, slots=True)
class Knock(guessing.Knock):
    """Somebody at a door of ours, and how she calls what she signs in from."""

    door: Session.Door
    device_name: str


def begin(
    *, credentials: Credentials, door: Session.Door, now: dt.datetime, origin: Origin
) -> StepDue | StartedSession:
    """Check name and password at a door, and start a session or say which step is due.

    Raises `InvalidCredentials`, `limits.guesses.Locked`, `Invalid` for an oversize password or where a robots'
    challenge must be solved first, or `Unavailable`.
    """
    hashing.refuse_oversize(credentials.password)  # before anything is looked up
    user = User.objects.find_by_name(credentials.name)
    knock = Knock(
        door=door,
        name=credentials.name,
        device=devices.find_known(user=user, token=credentials.device_token),
        device_name=credentials.device_name,
        now=now,
        origin=origin,
    )
    _stop_robots(knock, credentials.robot_proof)
    if not guessing.is_right(knock, user, credentials.password) or user is None:
        raise InvalidCredentials
    _upgrade_hash(user, credentials.password)
    return proceed(knock, user, sessions.Proofs(methods=("pwd",), at=now))


def _stop_robots(knock: Knock, proof: str) -> None:
    """Ask a stranger to solve a challenge where many wrong passwords came lately, from her address or from everywhere.

    Before anything is counted, and whoever the name belongs to. Not at the admin's door, which opens to staff alone and
    has no page that could solve one; and never of a known device.
    """
    if conf.robot_challenge() == "off" or knock.device is not None or knock.door == Session.Door.ADMIN:
        return
    if pressure.read(address=knock.origin.address, now=knock.now).is_high:
        robots.require(proof=proof, purpose="login", now=knock.now, origin=knock.origin)


def proceed(knock: Knock, user: User, proofs: sessions.Proofs) -> StepDue | StartedSession:
    """Start a session for what a door has proved, or say which step is due.

    A door is whatever has checked a proof (a password, a mailed link) and comes here with it, counted and recorded.
    Raises `InvalidCredentials` for an account that may not act.
    """
    try:
        return _enter(knock, user, proofs)
    except sessions.AccountMayNotAct as error:
        guessing.record_refusal(knock, user, "stopped")
        raise InvalidCredentials from error


def complete_step(
    *, challenge: str, step: str, methods: tuple[str, ...], now: dt.datetime, origin: Origin
) -> StepDue | StartedSession:
    """Take note that a step of an attempt is complete, and start the session or say what is due next.

    The app that owns the step has checked it. The attempt is spent by this, whatever comes after; raises `InvalidToken`
    for one that is unknown, spent, waits for another step, or is older than `ACCOUNTS_LOGIN_ATTEMPT_LIFETIME`.
    """
    attempt = find_attempt(challenge=challenge, step=step, now=now)
    if not LoginAttempt.objects.filter(pk=attempt.pk, spent_at=None).update(spent_at=now):
        raise InvalidToken
    knock = knock_of(attempt, now=now, origin=origin)
    proved = attempt.proofs
    proofs = sessions.Proofs(methods=(*proved["methods"], *methods), steps=(*proved["steps"], step), at=now)
    return proceed(knock, attempt.user, proofs)


def find_attempt(*, challenge: Any, step: str, enrols: bool = False, now: dt.datetime) -> LoginAttempt:
    """Return the attempt whose secret this is, while it is fresh, unspent, and waits for this step.

    Raises `InvalidToken`, also for one that may only enrol where it should sign in, and the other way round.
    """
    digest = tokens.verify(challenge, tokens.Kind.CHALLENGE)
    attempt = LoginAttempt.objects.select_related("user").filter(digest=digest, step=step, enrols=enrols).first()
    if attempt is None or attempt.spent_at is not None or attempt.expires_at <= now:
        raise InvalidToken
    return attempt


def knock_of(attempt: LoginAttempt, *, now: dt.datetime, origin: Origin) -> Knock:
    """Return who is at the door in an attempt that goes on: the name is her own, the device the one that she showed."""
    known = attempt.device_id
    return Knock(
        door=Session.Door(attempt.door),
        name=attempt.user.email,
        device=Device.objects.filter(pk=known, user=attempt.user).first() if known else None,
        device_name=attempt.device_name,
        now=now,
        origin=origin,
    )


def count_answer(attempt: LoginAttempt) -> None:
    """Count an answer to the step of an attempt before it is looked at. Raises `InvalidToken` after five.

    Not to be called in a transaction that could undo it.
    """
    counted = LoginAttempt.objects.filter(pk=attempt.pk, spent_at=None, tries__lt=ANSWERS)
    if not counted.update(tries=F("tries") + 1):
        raise InvalidToken


def spend(attempt: LoginAttempt, *, now: dt.datetime) -> None:
    """Use up an attempt that enrols, in the transaction of what it set up. Raises `InvalidToken` if it was used up."""
    if not LoginAttempt.objects.filter(pk=attempt.pk, enrols=True, spent_at=None).update(spent_at=now):
        raise InvalidToken


def _upgrade_hash(user: User, password: str) -> None:
    """Make an outdated hash anew; where the house is too busy for that, at some later sign-in."""
    if not hashing.is_outdated(user.password):
        return
    with contextlib.suppress(Unavailable):
        encoded = hashing.make(password)
        User.objects.filter(pk=user.pk, password=user.password).update(password=encoded)
        user.password = encoded


def _enter(knock: Knock, user: User, proofs: sessions.Proofs) -> StepDue | StartedSession:
    try:
        with transaction.atomic():
            session = _start_session(knock, user, proofs)
    except sessions.StepMissing as missing:
        return _await_step(knock, user, proofs, missing.step)
    metrics.SIGN_INS.count(outcome="succeeded", door=knock.door)
    return StartedSession(session=session)


def _start_session(knock: Knock, user: User, proofs: sessions.Proofs) -> Session:
    """Begin the session on a device that is known from now on, and record it, in the caller's transaction."""
    device, is_new = knock.device, devices.is_new(knock.device)
    if device is None:
        device = devices.register(user=user, name=knock.device_name, now=knock.now)
    else:
        devices.touch(device=device, now=knock.now)
    session = sessions.start(
        user=user,
        proofs=proofs,
        door=knock.door,
        origin=knock.origin,
        now=knock.now,
        device=device,
        device_name=knock.device_name or device.name,
    )
    if is_new:
        devices.tell_owner(session=session, now=knock.now, origin=knock.origin)
    details = {"session": str(session.pk), "door": knock.door.value, "known_device": knock.device is not None}
    _record(event_types.LOGIN_SUCCEEDED, knock, user, details)
    return session


def _await_step(knock: Knock, user: User, proofs: sessions.Proofs, step: Step) -> StepDue:
    """Write down what has been proved so far, and answer the challenge that goes on from there."""
    methods = step.methods(user=user)
    lifetime = conf.attempt_lifetime() if methods else conf.enrolment_lifetime()
    challenge, digest = tokens.mint(tokens.Kind.CHALLENGE)
    due = StepDue(step=step.name, challenge=challenge, methods=methods, expires_in=lifetime)
    with transaction.atomic():
        sessions.hold(user)
        LoginAttempt.objects.create(
            user=user,
            digest=digest,
            door=knock.door,
            step=step.name,
            enrols=due.enrols,
            proofs={"methods": list(proofs.methods), "steps": list(proofs.steps)},
            device_id=knock.device.pk if knock.device else None,
            device_name=knock.device_name[:100],
            created_at=knock.now,
            expires_at=knock.now + dt.timedelta(seconds=lifetime),
        )
        _record(event_types.LOGIN_STEP_REQUIRED, knock, user, {"step": step.name, "door": knock.door.value})
    metrics.SIGN_INS.count(outcome="step_due", door=knock.door)
    return due


def _record(event: EventType, knock: Knock, user: User, details: dict[str, Any]) -> None:
    recording.record(
        event,
        now=knock.now,
        actor=user.pk,
        target_kind="user",
        target=user.pk,
        origin=knock.origin,
        details=details,
    )
