"""Going on with a sign-in whose password was right: the code that goes out, and the answer that comes back.

An answer is counted twice before it is looked at: on the challenge, which five answers end, and on the person. Whatever
was wrong with it, the refusal is the same.
"""

import datetime as dt
from typing import Any, ClassVar

from accounts import login, reauthentication
from accounts.models import LoginAttempt, Session, User
from audit import recording
from kit.errors import Invalid, InvalidToken
from kit.origin import Origin
from mfa import event_types, factors, message_factors, passkeys, policy, trust
from notifications.channels import Channel


class WrongAnswer(login.InvalidCredentials):
    """The one answer to every second factor that is refused."""

    default_detail: ClassVar[str] = "This is not right. Try again, or take another method."


def answer(
    *,
    challenge: Any,
    given: factors.Answer,
    trust_device: bool = False,
    door: Session.Door = Session.Door.API,
    now: dt.datetime,
    origin: Origin,
) -> login.StepDue | login.StartedSession:
    """Take an answer to a challenge, and start the session or say what is due next.

    Raises `InvalidToken` for a challenge that is unknown, spent, over, of another door, or answered five times;
    `Invalid` for an answer that can be none, of which nothing is counted; `WrongAnswer`, `limits.guesses.Locked`, or
    `Throttled`.
    """
    attempt = find(challenge=challenge, door=door, now=now)
    factors.refuse_malformed(given)
    _refuse_same_mailbox(attempt, given.method)
    login.count_answer(attempt)
    knock = login.knock_of(attempt, now=now, origin=origin)
    methods = factors.prove(user=attempt.user, answer=given.within(attempt), knock=knock, now=now)
    if not methods:
        raise WrongAnswer
    result = login.complete_step(challenge=challenge, step=factors.FACTOR, methods=methods, now=now, origin=origin)
    if trust_device and isinstance(result, login.StartedSession):
        _trust(result.session, now, origin)
    return result


def send(
    *, challenge: Any, method: str, door: Session.Door = Session.Door.API, now: dt.datetime, origin: Origin
) -> passkeys.Asked | None:
    """Send a code for a challenge, or return what to ask of a passkey. Raises `InvalidToken`, or as `send_to`."""
    attempt = find(challenge=challenge, door=door, now=now)
    if method == policy.WEBAUTHN:
        return passkeys.begin_step(attempt=attempt, now=now)
    _refuse_same_mailbox(attempt, method)
    return send_to(user=attempt.user, method=method, now=now, origin=origin)


def send_to(*, user: User, method: str, now: dt.datetime, origin: Origin) -> passkeys.Asked | None:
    """Send a code to the confirmed contact of a person who has shown that it is her, by password or session.

    For passkeys nothing goes out: returns what to ask of one, for somebody who is signed in. Raises `Invalid` on
    `method` where she has no such contact or it is not taken here, `Throttled`, or `Unavailable`.
    """
    if method == policy.WEBAUTHN:
        return passkeys.begin_proof(user=user, now=now)
    if method not in policy.MESSAGES or not policy.allows(method, user):
        raise Invalid("method", "No codes are sent by this method.", "unknown")
    message_factors.send(user=user, method=method, now=now, origin=origin)
    recording.record(
        event_types.CODE_SENT,
        now=now,
        actor=user.pk,
        target_kind="user",
        target=user.pk,
        origin=origin,
        details={"method": method},
    )
    return None


def find(*, challenge: Any, door: Session.Door, now: dt.datetime) -> LoginAttempt:
    """Return the sign-in under way that waits for a second factor at this door. Raises `InvalidToken`."""
    attempt = login.find_attempt(challenge=challenge, step=factors.FACTOR, now=now)
    if attempt.door != door:
        raise InvalidToken
    return attempt


def _refuse_same_mailbox(attempt: LoginAttempt, method: str) -> None:
    """Raise `Invalid` for a code by mail in a sign-in that came by mail: that would be one factor, twice."""
    if method == Channel.EMAIL and attempt.proofs["methods"] == [reauthentication.BY_MAIL]:
        raise Invalid("method", "This sign-in came by mail: take another method, or the password.", "same_channel")


def _trust(session: Session, now: dt.datetime, origin: Origin) -> None:
    if trust.grant(session=session, now=now):
        recording.record(
            event_types.DEVICE_TRUSTED,
            now=now,
            actor=session.user_id,
            target_kind="user",
            target=session.user_id,
            origin=origin,
            details={"session": str(session.pk)},
        )
