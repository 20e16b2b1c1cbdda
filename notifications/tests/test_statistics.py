"""Messages in numbers."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kit.ids import earliest
from kit.tallies import last_days
from notifications import statistics
from notifications.testing import make_message

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 5, 6, 12, 0, tzinfo=dt.UTC)
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
made = iter(range(1, 1000))


def send(at: dt.datetime, status: str, **fields: Any) -> None:
    """Make a message of a moment, with the id that it would have had then."""
    own = UUID(int=earliest(at).int + next(made))
    make_message(id=own, status=status, **{"due_at": None, "created_at": at} | fields)


def numbers() -> statistics.Numbers:
    return statistics.gather(days=last_days(NOW, 2), now=NOW)


def test_messages_are_counted_on_the_day_they_were_asked_for() -> None:
    send(NOW - DAY, "sent")
    send(NOW, "delivered")
    send(NOW, "sent")
    send(NOW - DAY, "failed")
    send(NOW - 3 * DAY, "sent")
    assert (numbers().sent, numbers().failed) == ([1, 2], [1, 0])


def test_failures_of_the_last_day_are_told_and_older_ones_are_not() -> None:
    send(NOW - HOUR, "failed")
    send(NOW - 25 * HOUR, "failed")
    assert numbers().failed_lately == 1


def test_a_message_that_has_been_on_its_way_for_long_waits() -> None:
    send(NOW - HOUR, "queued", due_at=NOW + HOUR)
    send(NOW - dt.timedelta(minutes=1), "queued", due_at=NOW)
    send(NOW - DAY, "scheduled", due_at=NOW + DAY)
    assert (numbers().waiting, numbers().overdue) == (1, 0)


def test_a_message_that_nobody_takes_up_is_overdue() -> None:
    send(NOW - DAY, "scheduled", due_at=NOW - HOUR)
    assert (numbers().waiting, numbers().overdue) == (0, 1)


def test_the_numbers_cost_one_statement() -> None:
    send(NOW, "sent")
    with CaptureQueriesContext(connection) as captured:
        numbers()
    assert len(captured) == 1


def test_how_long_messages_took_is_told_by_lane() -> None:
    for seconds in (1, 2, 3, 40):
        send(NOW - HOUR, "sent", sent_at=NOW - HOUR + dt.timedelta(seconds=seconds))
    send(NOW - HOUR, "delivered", lane=0, sent_at=NOW - HOUR + dt.timedelta(seconds=0.5))
    send(NOW - 25 * HOUR, "sent", sent_at=NOW)
    told = [(one.lane, one.count, one.half, one.most, one.slowest) for one in statistics.times(now=NOW)]
    assert told == [("urgent", 1, 0.5, 0.5, 0.5), ("normal", 4, 2, 3, 40)]


def test_why_messages_failed_is_told_the_commonest_first() -> None:
    for failure in ("expired", "refused", "expired"):
        send(NOW - DAY, "failed", failure=failure)
    send(NOW - 8 * DAY, "failed", failure="poison")
    send(NOW, "suppressed", failure="day_spent")
    assert statistics.failures(now=NOW) == [("expired", 2), ("refused", 1)]
