"""Ending waits, welcoming a device, and what none of it gives back."""

import datetime as dt

import pytest

from limits import guesses
from limits.testing import fail_tries

NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


def _later(**after: float) -> dt.datetime:
    return NOW + dt.timedelta(**after)


def _reserve(now: dt.datetime = NOW, lane: str = guesses.STRANGERS) -> guesses.Reservation:
    return guesses.reserve(subject="anna", factor="password", lane=lane, now=now)


def test_unlocking_ends_the_waits_of_one_account_in_all_lanes() -> None:
    for lane in (guesses.STRANGERS, guesses.device_lane("d1")):
        fail_tries(10, subject="anna", now=NOW, lane=lane)
    fail_tries(10, subject="berta", now=NOW)
    assert guesses.unlock("anna") == 2
    assert fail_tries(30, subject="anna", now=NOW) == 10
    assert fail_tries(30, subject="anna", now=NOW, lane=guesses.device_lane("d1")) == 10
    assert fail_tries(30, subject="berta", now=NOW) == 0


def test_unlocking_again_and_again_never_gives_strangers_more_than_a_hundred_a_day() -> None:
    passed = 0
    for _ in range(30):
        passed += fail_tries(30, subject="anna", now=NOW)
        assert guesses.is_day_spent("anna", NOW) is (passed == 100)
        guesses.unlock("anna")
    assert passed == 100
    assert not guesses.is_day_spent("anna", _later(hours=24))
    assert fail_tries(30, subject="anna", now=_later(hours=24)) == 10


def test_welcome_device_has_ten_tries_and_no_more() -> None:
    lane = guesses.device_lane("d1")
    fail_tries(30, subject="anna", now=NOW)
    guesses.welcome(subject="anna", device_id="d1", now=NOW)
    assert fail_tries(30, subject="anna", now=NOW, lane=lane) == 10
    assert fail_tries(30, subject="anna", now=_later(hours=2), lane=lane) == 0


def test_pause_of_strangers_alone_is_worth_telling_the_owner_of() -> None:
    assert [_reserve().begins_a_pause for _ in range(10)] == [False] * 9 + [True]
    assert _reserve(now=_later(seconds=30)).begins_a_pause
    lane = guesses.device_lane("d1")
    assert not any(_reserve(lane=lane).begins_a_pause for _ in range(10))
