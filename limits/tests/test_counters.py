"""Counters in the database."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kit.testing import races
from limits import counters
from limits.counters import Limit, Verdict
from limits.models import Counter

NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)


def _hit(seconds: float = 0, *, key: str = "k", cost: int = 1) -> Verdict:
    return counters.hit(key=key, limit=3, window=60, now=NOW + dt.timedelta(seconds=seconds), cost=cost)


@pytest.mark.django_db
def test_hits_are_allowed_up_to_the_limit() -> None:
    verdicts = [_hit() for _ in range(5)]
    assert [verdict.allowed for verdict in verdicts] == [True, True, True, False, False]
    assert [verdict.count for verdict in verdicts] == [1, 2, 3, 4, 5]


@pytest.mark.django_db
def test_refusal_says_how_long_to_wait() -> None:
    for _ in range(3):
        assert _hit().retry_after == 0
    assert _hit(14.5).retry_after == 46
    assert _hit(59.9).retry_after == 1


@pytest.mark.django_db
def test_window_begins_with_its_first_hit_and_ends_whatever_came_in_it() -> None:
    for second in (0, 20, 40, 59):
        _hit(second)
    assert _hit(59.9).allowed is False
    assert _hit(60) == Verdict(count=1, limit=3, window=60, reset=60)
    assert _hit(119).count == 2


@pytest.mark.django_db
def test_keys_are_counted_apart() -> None:
    _hit(cost=3)
    assert _hit(key="other").allowed


@pytest.mark.django_db
def test_hit_may_cost_more_than_one() -> None:
    assert _hit(cost=3).allowed
    assert not _hit().allowed


@pytest.mark.django_db
def test_hit_is_one_statement() -> None:
    with CaptureQueriesContext(connection) as queries:
        _hit()
    assert len(queries) == 1


@pytest.mark.django_db
def test_purge_deletes_what_is_over_and_nothing_else() -> None:
    _hit(key="old")
    _hit(30, key="new")
    assert counters.purge(NOW + dt.timedelta(seconds=60)) == 1
    assert [str(counter) for counter in Counter.objects.all()] == ["1 x new"]


@pytest.mark.django_db(transaction=True)
def test_parallel_hits_are_all_counted() -> None:
    verdicts = races.run(60, _hit)
    assert sum(isinstance(verdict, Verdict) and verdict.allowed for verdict in verdicts) == 3
    assert Counter.objects.get().count == 60


@pytest.mark.django_db
def test_reading_counts_nothing_and_forgets_windows_that_are_over() -> None:
    for key in ("a", "a", "b"):
        counters.hit(key=key, limit=1, window=60, now=NOW)
    for _ in range(2):
        assert counters.read(["a", "b", "c"], now=NOW) == {"a": 2, "b": 1}
    assert counters.read(["a"], now=NOW + dt.timedelta(seconds=60)) == {}


@pytest.mark.django_db
def test_each_of_several_keys_is_raised_by_its_own_cost() -> None:
    limits = [Limit("one", 3, 60), Limit("dear", 3, 60, cost=4)]
    one, dear = counters.hit_all(limits, now=NOW)
    assert (one.count, one.allowed, dear.count, dear.allowed) == (1, True, 4, False)


@pytest.mark.django_db
def test_looking_says_how_limits_stand_and_counts_nothing() -> None:
    counters.hit(key="a", limit=3, window=60, now=NOW, cost=2)
    limits = [Limit("a", 3, 60), Limit("b", 3, 30)]
    for _ in range(2):
        known, unknown = counters.look(limits, now=NOW + dt.timedelta(seconds=20))
        assert (known.count, known.remaining, known.reset) == (2, 1, 40)
        assert (unknown.count, unknown.reset) == (0, 30)
