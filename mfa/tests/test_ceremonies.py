"""Challenges of passkeys: good once, for what and whom they are out."""

import datetime as dt
from typing import Any

import pytest

from accounts.models import LoginAttempt, User
from accounts.testing import make_person
from kit.testing import races
from mfa import ceremonies, tasks
from mfa.ceremonies import LIFETIME, Purpose
from mfa.models import Ceremony
from mfa.testing import challenge_of, make_totp

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(now: dt.datetime) -> User:
    return make_person(now=now)


def out(user: User, now: dt.datetime, **more: Any) -> Ceremony:
    return ceremonies.begin(purpose=Purpose.PROOF, user=user, now=now, **more)


def burn(ceremony: Ceremony, user: User, now: dt.datetime, **other: Any) -> bool:
    given: dict[str, Any] = {"purpose": Purpose.PROOF, "challenge": bytes(ceremony.challenge), **other}
    return ceremonies.burn(user=user, now=now, **given)


def test_a_challenge_is_32_random_bytes(anna: User, now: dt.datetime) -> None:
    first, second = bytes(out(anna, now).challenge), bytes(out(anna, now).challenge)
    assert len(first) == len(second) == 32
    assert first != second


def test_a_challenge_burns_once(anna: User, now: dt.datetime) -> None:
    ceremony = out(anna, now)
    assert burn(ceremony, anna, now)
    assert not burn(ceremony, anna, now)


def test_a_challenge_is_for_its_purpose_and_person_alone(anna: User, now: dt.datetime) -> None:
    ceremony = out(anna, now)
    assert not burn(ceremony, make_person(now=now), now)
    for purpose in (Purpose.ENROL, Purpose.STEP, Purpose.SIGN_IN):
        assert not burn(ceremony, anna, now, purpose=purpose)
    assert not burn(ceremony, anna, now, challenge=bytes(32))
    assert burn(ceremony, anna, now)


def test_a_challenge_is_for_its_sign_in_alone(anna: User, now: dt.datetime) -> None:
    make_totp(anna, now=now)
    for _ in range(2):
        challenge_of(anna, now=now)
    first, second = LoginAttempt.objects.order_by("pk")
    ceremony = ceremonies.begin(purpose=Purpose.STEP, user=anna, attempt=first, now=now)
    for attempt in (None, second):
        assert not burn(ceremony, anna, now, purpose=Purpose.STEP, attempt=attempt)
    assert burn(ceremony, anna, now, purpose=Purpose.STEP, attempt=first)


def test_a_challenge_ends_on_the_second(anna: User, now: dt.datetime) -> None:
    ceremony = out(anna, now)
    assert not burn(ceremony, anna, now + LIFETIME)
    assert burn(ceremony, anna, now + LIFETIME - dt.timedelta(seconds=1))


def test_a_new_challenge_ends_the_one_before(anna: User, now: dt.datetime) -> None:
    first, second = out(anna, now), out(anna, now)
    assert not burn(first, anna, now)
    assert burn(second, anna, now)


def test_strangers_who_ask_end_no_challenge_of_another(anna: User, now: dt.datetime) -> None:
    own = ceremonies.begin_open(user=anna, now=now)
    ceremonies.begin_open(user=anna, now=now)
    assert ceremonies.burn_open(challenge=bytes(own.challenge), ceremony=own.pk, user=anna, now=now)


def test_what_is_over_is_purged(anna: User, now: dt.datetime) -> None:
    out(anna, now)
    assert ceremonies.purge(now=now + LIFETIME - dt.timedelta(seconds=1)) == 0
    assert ceremonies.purge(now=now + LIFETIME) == 1
    out(anna, now - LIFETIME)
    assert tasks.purge() == 1


@pytest.mark.django_db(transaction=True)
def test_of_50_uses_at_once_one_burns_it(anna: User, now: dt.datetime) -> None:
    ceremony = out(anna, now)
    outcomes = races.run(50, lambda: burn(ceremony, anna, now))
    assert sorted(outcomes, key=str) == [False] * 49 + [True]
