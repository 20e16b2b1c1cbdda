"""Fifty at once, again and again: a code by message and the challenge of a passkey are good once, at whatever door.

`GATEHOUSE_ROUNDS=200` repeats each race so many times; without it, twice. Those of applications and recovery codes are
in `test_code_races`.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest

from accounts import login, reauthentication
from accounts.models import SentCode, Session
from accounts.testing import ORIGIN, make_person
from accounts.testing import sign_in as start_session
from kit.clock import utcnow
from kit.errors import Conflict, Invalid
from kit.testing import races
from limits.guesses import Locked
from mfa import challenges, factors, message_factors, passkey_enrolment, passkey_sign_ins
from mfa.enrolment import Enrolled, Enrolling
from mfa.factors import Answer
from mfa.models import Ceremony, Passkey, RecoveryCode
from mfa.testing import challenge_of, code_of, make_contact, make_totp, newest_code
from mfa.tests.soft_key import SoftKey, give

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = int(os.environ.get("GATEHOUSE_ROUNDS", "2"))
MANY = 50


@pytest.fixture(autouse=True)
def cheap_hashes(settings: Any) -> None:
    """The races are for rows: a hash that costs nothing lets more of them meet."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ACCOUNTS_HASHES_AT_ONCE = MANY


def won(call: Callable[[], object], *refusals: type[Exception]) -> int:
    """Let fifty make a call at once; return how many got what they wanted. The others were refused, and not failed."""
    outcomes = races.run(MANY, call)
    assert [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, refusals)] == []
    return sum(bool(one) and not isinstance(one, Exception) for one in outcomes)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_code_by_message_is_right_once(_round: int) -> None:
    now, user = utcnow(), make_person()
    make_contact(user)
    message_factors.send(user=user, method="email", now=now)
    given = Answer(method="email", code=newest_code(user))
    assert won(lambda: factors.check(user=user, answer=given, now=now)) == 1
    assert SentCode.objects.get().used_at == now


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_challenge_of_a_passkey_is_answered_once(_round: int) -> None:
    now, user = utcnow(), make_person()
    key, challenge = give(user, now), challenge_of(user, now=now)
    asked = challenges.send(challenge=challenge, method="webauthn", now=now, origin=ORIGIN)
    assert asked is not None
    attempt = login.find_attempt(challenge=challenge, step=factors.FACTOR, now=now)
    given = Answer(method="webauthn", credential=key.answer(asked), attempt=attempt)
    assert won(lambda: factors.check(user=user, answer=given, now=now)) == 1
    assert Ceremony.objects.get(purpose=Ceremony.Purpose.STEP).burnt_at == now


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_challenge_of_a_passkey_signs_in_once(_round: int) -> None:
    now, user = utcnow(), make_person()
    credential = give(user, now).answer(passkey_sign_ins.begin(now=now))
    given: dict[str, Any] = {"credential": credential, "client": passkey_sign_ins.Client()}
    refusals = (passkey_sign_ins.InvalidPasskey, Locked)
    assert won(lambda: passkey_sign_ins.complete(**given, now=now, origin=ORIGIN), *refusals) == 1
    assert Session.objects.filter(user=user).count() == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_challenge_makes_one_passkey(_round: int) -> None:
    now, who = utcnow(), Enrolling(user=make_person())
    credential = SoftKey().make(passkey_enrolment.begin(who=who, now=now, origin=ORIGIN))

    def finish() -> Enrolled:
        return passkey_enrolment.finish(who=who, credential=credential, name="", now=now, origin=ORIGIN)

    assert won(finish, Invalid, Conflict) == 1
    assert (Passkey.objects.count(), RecoveryCode.objects.count()) == (1, 10)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_code_is_good_for_one_sign_in_or_one_proof(_round: int) -> None:
    now, user = utcnow(), make_person()
    session = start_session(user, now=now).session  # before she has a factor
    device = make_totp(user)
    code, waiting = code_of(device, now), iter([challenge_of(user, now=now) for _ in range(MANY)])

    def sign_in() -> object:
        given = Answer(method="totp", code=code)
        return challenges.answer(challenge=next(waiting), given=given, now=now, origin=ORIGIN)

    def prove() -> object:
        return reauthentication.renew(session=session, code=code, now=now, origin=ORIGIN)

    doors = iter([sign_in, prove] * MANY)

    def knock() -> object:
        return next(doors)()

    assert won(knock, challenges.WrongAnswer, Invalid, Locked) == 1
