"""Quotas of callers: what they refuse, for how long, and whom they tell."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from audit.models import Entry
from kit.errors import Throttled
from kit.ids import uuid7
from kit.testing import races
from notifications import quotas
from notifications.drafts import Draft
from notifications.models import Message

pytestmark = pytest.mark.django_db

CALLER = uuid7()


def drafts_of(caller: UUID | None, count: int, recipients: int = 1) -> list[Draft]:
    """Return drafts of messages that somebody has sent."""
    to = ["anna@example.com"] * recipients
    return [Draft(message=Message(caller=caller, channel="email", to=to)) for _ in range(count)]


def passed(drafts: list[Draft], now: datetime) -> int:
    """Pass the gate and return how many were not refused."""
    quotas.gate(drafts, now)
    return sum(draft.is_open for draft in drafts)


def test_a_minute_has_so_many_and_then_the_time_to_wait_is_told(settings: Any, now: datetime) -> None:
    settings.NOTIFY_PER_MINUTE = 3
    assert passed(drafts_of(CALLER, 2), now) == 2
    beyond = drafts_of(CALLER, 2)
    assert passed(beyond, now + timedelta(seconds=20)) == 1
    refusal = beyond[1].refusal
    assert isinstance(refusal, Throttled)
    assert refusal.retry_after == 40
    assert passed(drafts_of(CALLER, 1), now + timedelta(seconds=60)) == 1


def test_a_mail_to_several_counts_once_for_each(settings: Any, now: datetime) -> None:
    settings.NOTIFY_PER_MINUTE = 5
    assert passed(drafts_of(CALLER, 3, recipients=2), now) == 2
    assert passed(drafts_of(uuid7(), 1, recipients=5), now) == 1
    assert passed(drafts_of(uuid7(), 1, recipients=6), now) == 0


def test_callers_are_counted_apart_and_a_tenant_together(settings: Any, now: datetime) -> None:
    settings.NOTIFY_PER_DAY, settings.NOTIFY_PER_DAY_OF_ALL = 2, 3
    assert passed(drafts_of(CALLER, 3), now) == 2
    settings.NOTIFY_PER_DAY_OF_ALL = 4
    assert passed(drafts_of(uuid7(), 2), now) == 1


def test_the_house_itself_has_no_quota(settings: Any, now: datetime, django_assert_num_queries: Any) -> None:
    settings.NOTIFY_PER_MINUTE = 1
    with django_assert_num_queries(0):
        assert passed(drafts_of(None, 5), now) == 5


def test_a_day_nearly_spent_is_told_once(settings: Any, now: datetime) -> None:
    settings.NOTIFY_PER_DAY = 10
    [*early, last] = drafts_of(CALLER, 8)
    assert passed([*early, last], now) == 8
    assert [draft.notes for draft in early] == [[]] * 7
    assert last.notes[0].word == "nearly_spent"
    assert passed(drafts_of(CALLER, 1), now) == 1
    [entry] = Entry.objects.filter(action="notifications.quota.reached")
    assert (entry.target, entry.details) == (str(CALLER), {"count": 8, "most": 10, "hours": 24})


@pytest.mark.parametrize("count", [1, 1000])
def test_a_call_costs_one_statement_whatever_its_size(
    count: int, now: datetime, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        assert passed(drafts_of(CALLER, count), now) == count


@pytest.mark.django_db(transaction=True)
def test_parallel_calls_are_all_counted(settings: Any, now: datetime) -> None:
    settings.NOTIFY_PER_MINUTE = 5
    assert sum(1 for count in races.run(20, lambda: passed(drafts_of(CALLER, 1), now)) if count == 1) == 5
