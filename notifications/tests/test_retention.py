"""Retention: what a message said is forgotten after a while, and later that it was; what waits never is."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from kit.ids import earliest, uuid7
from notifications import retention
from notifications.models import Attempt, IdempotencyKey, Message, Receipt
from notifications.testing import make_message

pytestmark = pytest.mark.django_db


def old(now: datetime, days: float, **columns: Any) -> Message:
    """Make a message that was accepted so many days ago, and sent at once."""
    then = now - timedelta(days=days)
    key = earliest(then).int | uuid7().int & (2**62 - 1)
    values = {"due_at": None, "sent_at": then, "status": Message.Status.SENT, "metadata": {"order": 7}}
    return make_message(now=then, id=earliest(then).__class__(int=key), **values | columns)


def said(message: Message) -> bool:
    """Tell whether it is still known what a message said."""
    message.refresh_from_db()
    assert (message.blanked_at is None) == bool(message.text)
    return bool(message.text or message.subject or message.metadata)


def test_what_was_said_is_forgotten_after_thirty_days(now: datetime) -> None:
    before, after = old(now, 29), old(now, 31)
    assert retention.blank(now) == 1
    assert (said(before), said(after)) == (True, False)
    assert (after.recipient, after.blanked_at) == ("anna@example.com", now)
    assert retention.blank(now) == 0


def test_a_project_says_how_long(now: datetime, settings: Any) -> None:
    settings.NOTIFICATIONS_RETENTION_DAYS = 7
    message = old(now, 8)
    retention.blank(now)
    assert not said(message)


@pytest.mark.parametrize("columns", [{"due_at": "now", "sent_at": None}, {"sent_at": "now"}])
def test_what_waits_or_was_only_now_sent_is_kept(now: datetime, columns: dict[str, Any]) -> None:
    message = old(now, 300, **{name: now if value == "now" else value for name, value in columns.items()})
    assert (retention.blank(now), said(message)) == (0, True)


def test_after_a_year_and_more_nothing_is_left_of_it(now: datetime) -> None:
    gone, stays = old(now, 401), old(now, 399)
    waits = old(now, 401, due_at=now)
    for message in (gone, stays):
        Attempt.objects.create(message=message, claim=1, provider="p", started_at=now)
        Receipt.objects.create(
            message=message, provider="p", event_id=str(message.pk), event="sent", occurred_at=now, received_at=now
        )
        IdempotencyKey.objects.create(message=message, caller=uuid7(), key="k", created_at=now)
    assert retention.delete(now) == 1
    assert set(Message.objects.values_list("pk", flat=True)) == {stays.pk, waits.pk}
    assert (Attempt.objects.count(), Receipt.objects.count(), IdempotencyKey.objects.count()) == (1, 1, 1)


def test_it_goes_in_parts_and_stops_after_a_while(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    monkeypatch.setattr(retention, "MOST", 4)
    for _ in range(5):
        old(now, 31)
    assert [retention.blank(now), retention.blank(now), retention.blank(now)] == [4, 1, 0]


def test_a_part_costs_few_statements(now: datetime, django_assert_max_num_queries: Any) -> None:
    for _ in range(30):
        old(now, 31)
    with django_assert_max_num_queries(7):
        retention.blank(now)


def report(now: datetime, days: float, **columns: Any) -> Receipt:
    """Make a report that came so many days ago and is of no message."""
    then = now - timedelta(days=days)
    key = earliest(then).int | uuid7().int & (2**62 - 1)
    values = {"event_id": str(uuid7()), "event": "stopped", "occurred_at": then, "received_at": then}
    return Receipt.objects.create(
        **{"id": UUID(int=key), "provider": "p", "recipient": "+4915112345678", "detail": "STOP", **values, **columns}
    )


def test_reports_of_nobodys_messages_are_deleted_and_answers_stay_without_their_names(now: datetime) -> None:
    message = old(now, 31)
    report(now, 31)
    kept = [report(now, 29), report(now, 31, message=message), report(now, 399, handled_at=now)]
    answer = report(now, 401, handled_at=now)
    assert (retention.delete_strangers(now), retention.delete_strangers(now)) == (1, 0)
    assert set(Receipt.objects.exclude(recipient="")) == set(kept)
    assert Receipt.objects.get(recipient="", detail="") == answer


def test_they_go_in_parts_too(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    monkeypatch.setattr(retention, "MOST", 4)
    for _ in range(5):
        report(now, 31)
    assert [retention.delete_strangers(now) for _ in range(3)] == [4, 1, 0]
