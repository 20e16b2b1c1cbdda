"""How many sign-ins the whole house refuses."""

import datetime as dt
import random
from collections.abc import Iterator

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
    pressure.memory.forget()
    with override_settings(REDIS_URL=url, LIMITS_PRESSURE=3):
        yield dt.datetime.fromtimestamp(random.randrange(10**7) * 2 * SPAN_SECONDS, tz=dt.UTC)


def noted(times: int, now: dt.datetime) -> list[bool]:
    """Note refused sign-ins; return which of them was the one that passed the limit."""
    return [pressure.note(now).has_risen for _ in range(times)]


def read(now: dt.datetime) -> Reading:
    pressure.memory.forget()
    return pressure.read(now)


def test_pressure_is_high_beyond_its_limit(now: dt.datetime) -> None:
    noted(3, now)
    assert read(now) == Reading(refusals=3, limit=3)
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


def test_reading_again_at_once_asks_nobody(now: dt.datetime) -> None:
    with CaptureQueriesContext(connection) as queries:
        read(now)
        seen = len(queries)
        assert pressure.read(now) == pressure.read(now)
    assert len(queries) == seen <= 1


@pytest.mark.django_db(transaction=True)
def test_parallel_refusals_are_all_counted_and_one_passes_the_limit(now: dt.datetime) -> None:
    outcomes = races.run(24, lambda: pressure.note(now))
    assert sorted(outcome.refusals for outcome in outcomes if isinstance(outcome, Reading)) == list(range(1, 25))
    assert [outcome.has_risen for outcome in outcomes if isinstance(outcome, Reading)].count(True) == 1


def test_pressure_is_read_in_the_database_while_redis_is_down(now: dt.datetime) -> None:
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        noted(4, now)
        assert read(now).is_high
