"""Figures of what went out."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from kit.errors import Invalid
from kit.ids import uuid7
from kit.testing import races
from notifications import usage
from notifications.models import Message, Usage
from notifications.providers.base import Permanent, Receipt
from notifications.testing import answers, deliver_all, make_message
from notifications.usage import Settled

pytestmark = pytest.mark.django_db

TOLD = ("channel", "provider", "sent", "failed", "segments", "cost")


def short(**fields: Any) -> Message:
    return Message(**{"channel": "sms", "segments": 2, "cost": 150_000} | fields)


def test_what_was_sent_is_counted_by_day_channel_and_provider(now: datetime) -> None:
    mail = Message(channel="email")
    usage.count([Settled(short(), "twilio", sent=True), Settled(mail, "smtp", sent=True)], now)
    usage.count([Settled(short(), "twilio", sent=True), Settled(short(), "twilio", sent=False)], now)
    assert list(Usage.objects.order_by("channel").values_list(*TOLD)) == [
        ("email", "smtp", 1, 0, 0, 0),
        ("sms", "twilio", 2, 1, 4, 300_000),
    ]
    usage.count([Settled(mail, "smtp", sent=True)], now + timedelta(days=1))
    assert Usage.objects.filter(channel="email").count() == 2


def test_a_batch_costs_one_statement(now: datetime, django_assert_num_queries: Any) -> None:
    batch = [Settled(short(tenant=uuid7()), name, sent=True) for name in ("one", "two") for _ in range(50)]
    with django_assert_num_queries(1):
        usage.count(batch, now)
    with django_assert_num_queries(0):
        usage.count([], now)


def test_figures_are_of_the_days_asked_for(now: datetime) -> None:
    for back in (0, 29, 30):
        usage.count([Settled(short(), "twilio", sent=True)], now - timedelta(days=back))
    today = now.date()
    assert usage.find(since=None, until=None, now=now).count() == 2
    assert usage.find(since=today - timedelta(days=30), until=today - timedelta(days=1), now=now).count() == 2
    assert not usage.find(since=None, until=None, now=now, tenant=uuid7()).exists()


@pytest.mark.parametrize("since", [date(2026, 1, 2), date(2024, 12, 31)])
def test_days_that_make_no_sense_are_refused(now: datetime, since: date) -> None:
    with pytest.raises(Invalid):
        usage.find(since=since, until=date(2026, 1, 1), now=now)


@pytest.mark.django_db(transaction=True)
def test_parallel_batches_are_all_counted(now: datetime) -> None:
    races.run(20, lambda: usage.count([Settled(short(), "twilio", sent=True)], now))
    assert Usage.objects.get().sent == 20


def test_what_the_dispatcher_settles_is_counted(now: datetime) -> None:
    make_message()
    make_message(channel="sms", recipient="+4915112345678", to=["+4915112345678"], segments=2, cost=9)
    make_message()
    answers.extend([Permanent(), Receipt()])
    deliver_all(now + timedelta(seconds=1))
    told = Usage.objects.order_by("channel").values_list("channel", "sent", "failed", "segments", "cost")
    assert list(told) == [("email", 1, 1, 0, 0), ("sms", 1, 0, 2, 9)]


def test_what_a_provider_has_but_did_not_send_counts_once(now: datetime) -> None:
    taken, known = short(), short(awaiting="novu")
    assert usage.following(taken, "novu", {"status": "sending", "awaiting": "novu"}) == [
        Settled(taken, "novu", sent=True)
    ]
    assert usage.following(known, "novu", {"status": "sent", "awaiting": ""}) == []
    assert usage.following(taken, "novu", {"status": "queued"}) == []
