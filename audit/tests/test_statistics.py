"""The log in numbers, and how it is kept."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import recording, statistics, triggers
from audit.models import Entry
from audit.testing import seal_all
from audit.tests.log import NOW
from audit.vocabulary import EventType, Outcome
from kit.origin import Origin
from kit.tallies import Span, count_each, last_days

pytestmark = pytest.mark.django_db

OPENED = EventType("tests.gate.opened", "A gate was opened")
ORIGIN = Origin(address="198.51.100.7", agent="x", request_id="r")
DAY = dt.timedelta(days=1)


def happen(times: int, at: dt.datetime, outcome: Outcome = Outcome.DONE) -> None:
    for _ in range(times):
        recording.record(OPENED, now=at, actor_kind="system", outcome=outcome, origin=ORIGIN)


def numbers() -> statistics.Numbers:
    return statistics.gather(days=last_days(NOW, 3), event=OPENED, now=NOW)


def test_days_are_whole_days_in_utc_up_to_today() -> None:
    east = dt.timezone(dt.timedelta(hours=9))
    days = last_days(dt.datetime(2026, 3, 2, 8, 0, tzinfo=east), 2)
    midnights = [dt.datetime(2026, 2, 28, tzinfo=dt.UTC) + number * DAY for number in range(3)]
    assert days == [Span(midnights[0], midnights[1]), Span(midnights[1], midnights[2])]


def test_what_was_done_and_refused_is_counted_on_its_day() -> None:
    happen(2, NOW - DAY)
    happen(1, NOW)
    happen(3, NOW - 2 * DAY, Outcome.REFUSED)
    happen(1, NOW - 5 * DAY)
    assert numbers().done == [3, 2, 1]
    assert numbers().refused == [3, 0, 0]


def test_a_flood_counts_as_the_refusals_it_stands_for() -> None:
    happen(50, NOW - DAY, Outcome.REFUSED)
    recording.flush_floods(now=NOW)
    assert numbers().refused == [0, 50, 0]
    assert Entry.objects.count() == 21


def test_a_flood_under_way_is_told_apart_from_those_that_are_over() -> None:
    happen(21, NOW - dt.timedelta(hours=2), Outcome.REFUSED)
    recording.flush_floods(now=NOW)
    happen(21, NOW, Outcome.REFUSED)
    assert (numbers().floods, numbers().floods_now) == (1, 1)


def test_the_numbers_cost_two_statements() -> None:
    happen(3, NOW)
    with CaptureQueriesContext(connection) as captured:
        numbers()
    assert len(captured) == 2


def test_the_oldest_entry_that_waits_for_its_seal_is_told() -> None:
    happen(1, NOW)
    assert statistics.inspect().unsealed_since == NOW
    seal_all(now=NOW)
    assert statistics.inspect().unsealed_since is None


def test_missing_guards_are_told() -> None:
    assert statistics.inspect().missing_triggers == []
    with triggers.lifted():
        triggers.drop()
        assert len(statistics.inspect().missing_triggers) > 0


def test_the_newest_entries_come_first() -> None:
    happen(1, NOW)
    happen(1, NOW + DAY)
    happen(1, NOW + 2 * DAY)
    assert [entry.at for entry in statistics.list_latest(2)] == [NOW + 2 * DAY, NOW + DAY]


def test_counts_of_nothing_are_zero_and_a_slice_bounds_a_count() -> None:
    happen(3, NOW)
    every = Entry.objects.all()
    assert count_each({"none": every.none(), "all": every, "two": every[:2]}) == {"none": 0, "all": 3, "two": 2}
    assert count_each({"none": every.none()}) == {"none": 0}
    assert count_each({}) == {}
