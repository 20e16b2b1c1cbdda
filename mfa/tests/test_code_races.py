"""Fifty at once, again and again: a code of an application or a recovery code is right once, and sets one factor up.

`GATEHOUSE_ROUNDS=200` repeats each race so many times; without it, twice.
"""

import os
from typing import Any

import pytest

from accounts.models import Session
from accounts.testing import ORIGIN, make_person, sign_in
from kit.clock import utcnow
from kit.errors import Conflict, Invalid, Throttled
from kit.testing import races
from mfa import enrolment, inventory, recovery, setups, totp
from mfa.factors import Answer
from mfa.models import RecoveryCode, Totp
from mfa.testing import challenge_of, code_of, make_recovery_codes, make_totp
from notifications.models import Message

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = int(os.environ.get("GATEHOUSE_ROUNDS", "2"))
MANY = 50


@pytest.fixture(autouse=True)
def cheap_hashes(settings: Any) -> None:
    """The races are for rows: a hash that costs nothing lets more of them meet."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_code_of_an_application_is_right_once(_round: int) -> None:
    now, device = utcnow(), make_totp(make_person())
    code = code_of(device, now)
    outcomes = races.run(MANY, lambda: totp.is_right(user=device.user, code=code, now=now))
    assert sorted(outcomes, key=str) == [False] * (MANY - 1) + [True]


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_recovery_code_is_right_once(_round: int) -> None:
    now, user = utcnow(), make_person()
    code = make_recovery_codes(user)[0]
    outcomes = races.run(MANY, lambda: recovery.is_right(user=user, code=code, now=now))
    assert sorted(outcomes, key=str) == [False] * (MANY - 1) + [True]


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_codes_that_are_used_at_once_one_is_the_one_that_warns(_round: int) -> None:
    now, user = utcnow(), make_person()
    codes = iter(make_recovery_codes(user))
    outcomes = races.run(10, lambda: recovery.is_right(user=user, code=next(codes), now=now))
    assert outcomes == [True] * 10
    assert Message.objects.filter(kind="mfa.recovery_codes_low").count() == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_challenge_sets_up_one_factor(_round: int, settings: Any) -> None:
    settings.MFA_POLICY = "required"
    now, user = utcnow(), make_person()
    who = [enrolment.who_enrols(session=None, challenge=challenge_of(user, now=now), now=now) for _ in range(2)]
    given: dict[str, Any] = {"name": "", "algorithm": "SHA1", "digits": 6, "proof": setups.Proof(answer=Answer())}
    setups.begin_totp(who=who[0], now=now, origin=ORIGIN, **given)
    code, turns = code_of(Totp.objects.get(), now), iter(who * MANY)
    outcomes = races.run(MANY, lambda: setups.verify(who=next(turns), code=code, now=now, origin=ORIGIN))
    assert sum(isinstance(one, enrolment.Enrolled) for one in outcomes) == 1
    assert all(isinstance(one, enrolment.Enrolled | Invalid | Throttled | Conflict) for one in outcomes)
    assert (len(inventory.list_of(user)), RecoveryCode.objects.count()) == (1, 10)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_beginnings_at_once_one_is_left(_round: int) -> None:
    session, now = sign_in().session, utcnow()
    who = enrolment.who_enrols(session=Session.objects.get(pk=session.pk), now=now)
    given: dict[str, Any] = {"name": "", "algorithm": "SHA1", "digits": 6, "proof": setups.Proof(answer=Answer())}
    outcomes = races.run(10, lambda: setups.begin_totp(who=who, now=now, origin=ORIGIN, **given))
    secrets = {getattr(one, "secret", one) for one in outcomes}
    assert len(secrets) == 10
    assert Totp.objects.get().key in secrets
