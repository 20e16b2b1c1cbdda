"""What is counted of deliveries, and what is read of the queue."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kit.tallies import Span
from kit.testing.metrics import Values
from kit.testing.metrics import read as exposed
from notifications import metrics, statistics
from notifications.lanes import Lane
from notifications.models import Attempt, Message
from notifications.providers.base import Permanent, Transient
from notifications.testing import answers, deliver_all, make_message

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which providers there are is asked once in a process, perhaps by a test that had others."""
    for figure in (metrics.DELIVERIES, metrics.DELIVERY_SECONDS):
        monkeypatch.setitem(figure._words, "provider", metrics._providers)


def in_queue(name: str, now: datetime) -> Values:
    return {key: value for key, value in exposed(name, metrics.read(now)).items() if value}


def test_deliveries_are_counted_by_provider_and_outcome(now: datetime) -> None:
    before = exposed("deliveries_total")
    answers.extend([Transient("connection_failed"), Permanent("no_such_mailbox")])
    for _ in range(3):
        make_message(now=now)
    deliver_all(now)
    grown = {key: value - before.get(key, 0) for key, value in exposed("deliveries_total").items()}
    counted = {outcome: number for (outcome, provider), number in grown.items() if number and provider == "recording"}
    assert counted == {"accepted": 1, "deferred": 1, "refused": 1}
    assert exposed("delivery_seconds_count")[("recording",)] >= 3


def test_the_queue_is_told_by_lane_and_status(now: datetime) -> None:
    make_message(now=now, lane=Lane.URGENT)
    make_message(now=now)
    make_message(now=now)
    make_message(now=now, due_at=now + MINUTE, status=Message.Status.SCHEDULED)
    make_message(now=now, due_at=None, status=Message.Status.SENT)
    counted = in_queue("outbox_messages", now)
    assert counted == {("urgent", "queued"): 1, ("normal", "queued"): 2, ("normal", "scheduled"): 1}


def test_the_age_is_that_of_the_oldest_message_that_is_due(now: datetime) -> None:
    make_message(now=now - 2 * MINUTE)
    make_message(now=now - 5 * MINUTE, status=Message.Status.SENDING)
    make_message(now=now, lane=Lane.BULK, due_at=now + MINUTE)
    assert in_queue("outbox_oldest_due_seconds", now) == {("normal",): 300}


def test_an_empty_queue_is_told_as_zero(now: datetime) -> None:
    assert set(exposed("outbox_messages", metrics.read(now)).values()) == {0}
    assert exposed("outbox_oldest_due_seconds", metrics.read(now)) == {("urgent",): 0, ("normal",): 0, ("bulk",): 0}


@pytest.mark.parametrize("queued", [1, 30])
def test_reading_costs_two_statements(now: datetime, queued: int) -> None:
    for number in range(queued):
        make_message(now=now, lane=Lane(number % 3))
    with CaptureQueriesContext(connection) as captured:
        list(metrics.read(now))
    assert len(captured) == 2


def test_failed_attempts_are_counted_by_when_they_were_begun(now: datetime) -> None:
    answers.extend([Transient("connection_failed"), Permanent("no_such_mailbox")])
    for _ in range(3):
        make_message(now=now)
    deliver_all(now)
    assert Attempt.objects.count() == 3
    lately, before = Span(now - MINUTE, now + MINUTE), Span(now - 9 * MINUTE, now - MINUTE)
    assert statistics.count_failed_attempts([before, lately]) == [0, 2]
