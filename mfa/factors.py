"""All second factors behind one door: what a person has, and whether an answer of hers is right.

Whatever she answers with is counted by one counter, so that no method is a way round another. A device has tries of its
own only where somebody has proved a factor on it before: one that merely knew the password has no more than a stranger.
"""

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import CharField, QuerySet, Value

from accounts import guessing
from accounts.models import Device, LoginAttempt, Session, User
from kit.errors import Invalid, Throttled
from kit.origin import NOWHERE, Origin
from mfa import credentials, message_factors, passkeys, pauses, policy, recovery, totp
from mfa.models import MessageFactor, Passkey, RecoveryCode, Totp
from notifications.channels import Channel

FACTOR: Final = "second_factor"  # the name of the step, and of the counter of guesses
ANY: Final = ""

_DIGITS = re.compile(r"[0-9]{6,8}\Z", re.ASCII)
MFA: Final = "mfa"  # RFC 8176: several factors were proved
_OTP: Final = "otp"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What somebody answers with: a code, or the `credential` of a passkey.

    Without a method the form of the code decides. `attempt` is the sign-in under way that a passkey was asked for in,
    `device` the one that has tries of its own and is answered from.
    """

    method: str = ANY
    code: str = field(default="", repr=False)
    credential: dict[str, Any] | None = None
    attempt: LoginAttempt | None = None
    device: Device | None = None

    def within(self, attempt: LoginAttempt) -> "Answer":
        """Return the same answer, given in a sign-in under way."""
        return dataclasses.replace(self, attempt=attempt)


def methods_of(user: User) -> list[str]:
    """Return by which methods this person can prove a second factor here, the strongest first. One statement.

    Recovery codes stand in for a factor, also for one that is not taken here any more; alone they are none.
    """
    found = _confirmed(user)
    if found <= {policy.RECOVERY}:
        return []
    return [method for method in policy.METHODS if method in found and policy.allows(method, user)]


def has_any(user: User) -> bool:
    """Say whether a person has confirmed a factor at all, whether or not it is taken here."""
    return any(method != policy.RECOVERY for method in _confirmed(user))


def _confirmed(user: User) -> set[str]:
    """Return the methods of everything that a person has confirmed, by one statement."""
    passkeys = _named(Passkey.objects.filter(user=user, confirmed=True), policy.WEBAUTHN)
    totp = _named(Totp.objects.filter(user=user, confirmed=True), policy.TOTP)
    recovery = _named(RecoveryCode.objects.filter(user=user, used_at=None), policy.RECOVERY)
    contacts = MessageFactor.objects.filter(user=user, confirmed=True).order_by().values_list("channel")
    return {method for (method,) in passkeys.union(totp, recovery, contacts)}


def _named(rows: "QuerySet[Any]", method: str) -> "QuerySet[Any, tuple[str]]":
    named: QuerySet[Any, tuple[str]] = rows.order_by().annotate(method=Value(method, output_field=CharField()))
    return named.values_list("method")


def prove(*, user: User, answer: Answer, knock: guessing.Knock, now: dt.datetime) -> tuple[str, ...]:
    """Return what an answer proves, as values of `amr`; nothing for a wrong one, which is recorded.

    The try is counted before anything is looked at. Raises `Invalid` for an answer that can be none (nothing is counted
    then), `limits.guesses.Locked` (nor then, also of tries at codes by message), or `Throttled` after five tries at
    codes by message. Not to be called in a transaction.
    """
    refuse_malformed(answer)
    own = _at_own_lane(knock)
    given = dataclasses.replace(answer, device=own.device)
    proved: tuple[str, ...] = ()
    refused: list[Throttled] = []

    def look() -> bool:
        nonlocal proved
        try:
            methods = _candidates(user, given, now)
        except Throttled as refusal:
            refused.append(refusal)
            return False
        proved = check(user=user, answer=given, now=now, origin=knock.origin, by=methods)
        return bool(proved)

    guessing.is_counted_right(own, user, FACTOR, look, announce=pauses.announce)
    if refused:
        raise refused[0]
    return proved


def check(
    *, user: User, answer: Answer, now: dt.datetime, origin: Origin = NOWHERE, by: Sequence[str] | None = None
) -> tuple[str, ...]:
    """Look at one answer, consume it, and return what it proves, or nothing. Counts nothing: see `prove`.

    `by` names the methods to look by; without it, all by which such an answer could be right.
    """
    for method in _possible(answer) if by is None else by:
        verify = _VERIFIERS.get(method)
        proved = verify(user, answer, now, origin) if verify and policy.allows(method, user) else ()
        if proved:
            return (*proved, MFA)
    return ()


def _at_own_lane(knock: guessing.Knock) -> guessing.Knock:
    """Leave a device its own tries only where a factor was proved on it before."""
    device = knock.device
    if device is None or Session.objects.filter(device=device, factor_at__isnull=False).exists():
        return knock
    return dataclasses.replace(knock, device=None)


def refuse_malformed(answer: Answer) -> None:
    """Raise `Invalid` for what can be no answer; asked before anything is counted."""
    if not answer.code and not answer.credential:
        field = "credential" if answer.method == policy.WEBAUTHN else "code"
        raise Invalid(field, "Give an answer.", "required")
    if answer.method == policy.WEBAUTHN and answer.credential:
        credentials.read_answer(answer.credential)
    elif not (_DIGITS.match(answer.code) or recovery.is_form(answer.code)):
        raise Invalid("code", "This is not the form of a code.", "invalid")


def _possible(answer: Answer) -> list[str]:
    """Return by which methods this answer could be right."""
    if answer.method != ANY:
        return [answer.method]
    return [policy.TOTP, *policy.MESSAGES] if _DIGITS.match(answer.code) else [policy.RECOVERY]


def _candidates(user: User, answer: Answer, now: dt.datetime) -> list[str]:
    """Return the methods to look by, after a try at a code by message has been counted where one could be right."""
    possible = _possible(answer)
    if answer.method == ANY:
        mine = set(methods_of(user))
        possible = [method for method in possible if method in mine]
    if any(method in policy.MESSAGES for method in possible):
        try:
            message_factors.count_try(user=user, device=answer.device, now=now)
        except Throttled:
            possible = [method for method in possible if method not in policy.MESSAGES]
            if not possible:
                raise
    return possible


def _by_totp(user: User, answer: Answer, now: dt.datetime, _origin: Origin) -> tuple[str, ...]:
    return (_OTP,) if totp.is_right(user=user, code=answer.code, now=now) else ()


def _by_recovery_code(user: User, answer: Answer, now: dt.datetime, origin: Origin) -> tuple[str, ...]:
    return (_OTP,) if recovery.is_right(user=user, code=answer.code, now=now, origin=origin) else ()


def _by_passkey(user: User, answer: Answer, now: dt.datetime, origin: Origin) -> tuple[str, ...]:
    if not answer.credential:
        return ()
    return passkeys.is_right(user=user, credential=answer.credential, attempt=answer.attempt, now=now, origin=origin)


def _by_message(channel: str) -> "Verifier":
    amr = ("sms",) if channel == Channel.SMS else (_OTP,)

    def verify(user: User, answer: Answer, now: dt.datetime, _origin: Origin) -> tuple[str, ...]:
        code, device = answer.code, answer.device
        right = message_factors.is_right(user=user, channel=channel, code=code, device=device, now=now)
        return amr if right else ()

    return verify


Verifier = Callable[[User, Answer, dt.datetime, Origin], tuple[str, ...]]

_VERIFIERS: Mapping[str, Verifier] = {
    policy.WEBAUTHN: _by_passkey,
    policy.TOTP: _by_totp,
    policy.RECOVERY: _by_recovery_code,
    **{channel: _by_message(channel) for channel in policy.MESSAGES},
}
