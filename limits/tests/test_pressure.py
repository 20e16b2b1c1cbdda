"""How many sign-ins the whole house refuses."""

import datetime as dt
import random
from collections.abc import Iterator
from ipaddress import IPv4Address

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from kit.testing import races
from limits import pressure
from limits.pressure import SPAN_SECONDS, Reading

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["database", "redis"])
def now(request: pytest.FixtureRequest) -> Iterator[dt.datetime]:
    """Return the beginning of a span that no other test has counted in, in a Redis that outlives the test."""
    url = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    with override_settings(REDIS_URL=url, LIMITS_PRESSURE=3):
        yield dt.datetime.fromtimestamp(random.randrange(10**7) * 2 * SPAN_SECONDS, tz=dt.UTC)


def noted(times: int, now: dt.datetime) -> list[bool]:
    """Note refused sign-ins; return which of them was the one that passed the limit."""
    return [note(now).has_risen for _ in range(times)]


def note(now: dt.datetime, *, is_failure: bool = True, address: str = "") -> pressure.Note:
    return pressure.note(address=address or new_address(), now=now, is_failure=is_failure)


def read(now: dt.datetime, address: str = "192.0.2.77") -> Reading:
    return pressure.read(address=address, now=now)


def new_address() -> str:
    return str(IPv4Address(random.getrandbits(32)))


def test_pressure_is_high_beyond_its_limit(now: dt.datetime) -> None:
    noted(3, now)
    assert (read(now).refusals, read(now).limit) == (3, 3)
    assert not read(now).is_high
    noted(1, now)
    assert read(now).is_high


def test_one_refusal_of_a_span_is_the_one_that_passed_the_limit(now: dt.datetime) -> None:
    assert noted(6, now) == [False, False, False, True, False, False]


def test_the_last_span_counts_until_the_present_one_is_over(now: dt.datetime) -> None:
    noted(4, now)
    assert read(now + dt.timedelta(seconds=2 * SPAN_SECONDS - 1)).is_high
    assert not read(now + dt.timedelta(seconds=2 * SPAN_SECONDS)).is_high


def test_without_a_limit_pressure_is_never_high(now: dt.datetime) -> None:
    with override_settings(LIMITS_PRESSURE=0):
        assert noted(5, now) == [False] * 5
        assert not read(now).is_high


def test_what_was_not_looked_at_is_no_pressure(now: dt.datetime) -> None:
    assert not any(note(now, is_failure=False).has_risen for _ in range(5))
    assert read(now).refusals == 0


def test_refusals_of_a_minute_are_written_down_up_to_a_limit(now: dt.datetime) -> None:
    with override_settings(LIMITS_REFUSALS_WRITTEN=2):
        notes = [note(now, is_failure=number % 2 == 0) for number in range(5)]
        assert [note.is_written for note in notes] == [True, True, False, False, False]
        assert [note.is_first_unwritten for note in notes] == [False, False, True, False, False]
        assert note(now + dt.timedelta(seconds=60)).is_written


def test_many_failures_from_one_address_are_pressure_there_alone(now: dt.datetime) -> None:
    here, elsewhere = new_address(), new_address()
    with override_settings(LIMITS_PRESSURE=0):
        for _ in range(pressure.FREE_FAILURES):
            note(now, address=here)
        assert not read(now, here).is_high
        note(now, address=here)
        assert read(now, here).is_high
        assert not read(now, elsewhere).is_high
        with override_settings(RATE_LIMIT_SCALE=10):
            assert not read(now, here).is_high


def test_noting_and_reading_take_one_statement_each(now: dt.datetime) -> None:
    with CaptureQueriesContext(connection) as queries:
        note(now)
        read(now)
    assert len(queries) in {0, 2}


@pytest.mark.django_db(transaction=True)
def test_parallel_refusals_are_all_counted_and_one_passes_the_limit(now: dt.datetime) -> None:
    outcomes = races.run(24, lambda: note(now))
    notes = [outcome for outcome in outcomes if isinstance(outcome, pressure.Note)]
    assert len(notes) == 24
    assert [note.has_risen for note in notes].count(True) == 1
    assert read(now).refusals == 24


def test_pressure_is_read_in_the_database_while_redis_is_down(now: dt.datetime) -> None:
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        noted(4, now)
        assert read(now).is_high
