"""Signing in with a passkey and nothing else: it is a factor, and its user was verified by another.

A stranger who asks for a challenge learns nothing. No passkey is ever named to her: the browser finds those that it
has. An address that she gives binds the challenge to its owner, and that of nobody brings one that nobody can answer.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from accounts import devices, guessing, handles, login, sessions
from accounts.models import Session, User
from kit import canonical
from kit.origin import Origin
from mfa import ceremonies, credentials, factors, passkeys
from mfa.models import Passkey

PASSKEY: Final = "passkey"  # the counter of guesses: what strangers try here holds up no second step of hers


class InvalidPasskey(login.InvalidCredentials):
    """The one answer to every passkey that is refused."""

    default_detail = "This passkey does not sign anybody in here."


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """At which door somebody signs in, and from what."""

    door: Session.Door = Session.Door.API
    device_name: str = ""
    device_token: str = field(default="", repr=False)


def begin(*, email: str = "", now: dt.datetime) -> passkeys.Asked:
    """Return options for signing in, as the owner of an address where one is given.

    The same statements and the same answer for an address that is nobody's. Raises `Invalid` on a malformed one.
    """
    owner = handles.owner_of(canonical.address(email)) if email else None
    ceremony = ceremonies.begin_open(user=owner, is_void=bool(email) and owner is None, now=now)
    return passkeys.ask(ceremony, allowed=[], must_verify=True)


def complete(
    *,
    credential: Mapping[str, Any],
    challenge_id: uuid.UUID | None = None,
    client: Client,
    now: dt.datetime,
    origin: Origin,
) -> login.StepDue | login.StartedSession:
    """Sign in by the answer of a passkey. Its challenge is burnt by it.

    Raises `Invalid` for what is no answer, `InvalidPasskey` whatever is wrong with it, or `limits.guesses.Locked`: what
    a known passkey fails at is counted on its person. Not to be called in a transaction.
    """
    answer = credentials.read_answer(credential)
    passkey = Passkey.objects.select_related("user").filter(credential_id=answer.id, confirmed=True).first()
    user = passkey.user if passkey else None
    knock = _knock(user, client, now, origin)
    proved: tuple[str, ...] = ()

    def look() -> bool:
        nonlocal proved
        was_out = ceremonies.burn_open(challenge=answer.challenge, ceremony=challenge_id, user=user, now=now)
        if was_out and passkey is not None and _is_hers(answer, passkey.user) and _may_enter(knock, passkey.user):
            proved = passkeys.proved(passkey, answer, must_verify=True, now=now, origin=origin)
        return bool(proved)

    if user is None:
        look()
        guessing.record_refusal(knock, None, guessing.WRONG)
    elif guessing.is_counted_right(knock, user, PASSKEY, look):
        return _enter(knock, user, proved)
    raise InvalidPasskey


def _enter(knock: login.Knock, user: User, proved: tuple[str, ...]) -> login.StepDue | login.StartedSession:
    proofs = sessions.Proofs(methods=(*proved, factors.MFA), steps=(factors.FACTOR,), at=knock.now)
    try:
        return login.proceed(knock, user, proofs)
    except login.InvalidCredentials as error:  # a stopped account: said as anything else that is wrong
        raise InvalidPasskey from error


def _knock(user: User | None, client: Client, now: dt.datetime, origin: Origin) -> login.Knock:
    return login.Knock(
        door=client.door,
        name=user.email if user else "",
        device=devices.find_known(user=user, token=client.device_token),
        device_name=client.device_name,
        now=now,
        origin=origin,
    )


def _is_hers(answer: credentials.Answer, user: User) -> bool:
    """Say whether the passkey names its person, as one that is found without its id must (section 7.2, step 6)."""
    return answer.parsed.response.user_handle == passkeys.handle_of(user)


def _may_enter(knock: login.Knock, user: User) -> bool:
    return knock.door != Session.Door.ADMIN or user.is_staff
