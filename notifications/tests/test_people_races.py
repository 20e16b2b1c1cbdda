"""Many at once: what is learned, chosen and gathered is there once, whole, and nothing is told or lost twice."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from kit.ids import uuid7
from kit.tenants import HOUSE
from kit.testing import races
from notifications import digests, preferences, suppressions, testing, unsubscribing
from notifications.lanes import Lane
from notifications.models import Message, Preference, Suppression
from notifications.preferences import Choice
from notifications.testing import draft_for, make_message

pytestmark = pytest.mark.django_db(transaction=True)

Reason = Suppression.Reason
NOON = datetime(2026, 11, 22, 12, 10, tzinfo=UTC)
ONE = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)


def learn(reason: str, now: datetime) -> bool:
    return suppressions.learn(tenant=HOUSE, channel="email", address="anna@example.com", reason=reason, now=now)


def test_the_same_is_learned_once(now: datetime) -> None:
    learned = races.run(24, lambda: learn(Reason.COMPLAINED, now))
    assert sorted(map(bool, learned)) == [False] * 23 + [True]
    assert [type(one) for one in learned] == [bool] * 24
    assert Suppression.objects.count() == 1


def test_of_many_reasons_the_weightiest_stays(now: datetime) -> None:
    reasons = itertools.cycle(Reason.values)
    outcomes = races.run(30, lambda: learn(next(reasons), now))
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    assert Suppression.objects.get().reason == Reason.STOPPED


def test_one_click_by_many_at_once_unsubscribes_once(now: datetime) -> None:
    link = unsubscribing.link_of(make_message(now=now, category="newsletter")).removeprefix("http://testserver")
    assert races.run(12, lambda: Client().post(link).status_code) == [200] * 12
    assert Suppression.objects.count() == 1


def test_choices_of_two_windows_are_those_of_one_of_them(now: datetime) -> None:
    person, turns = uuid7(), itertools.count()

    def choose() -> None:
        categories = ["a", "b", "c"] if next(turns) % 2 else ["c", "b", "d"]
        chosen = [Choice(category=category, channel="email", allowed=False) for category in categories]
        preferences.choose(person=person, choices=chosen, hours=None, now=now)

    assert races.run(24, choose) == [None] * 24
    rows = sorted(Preference.objects.filter(person=person).values_list("category", flat=True))
    assert rows in (["a", "b", "c"], ["b", "c", "d"])


@pytest.fixture
def gathered(settings: Any) -> list[UUID]:
    """Return thirty messages to three people that wait to be told together."""
    settings.NOTIFICATIONS_KINDS = ("notifications.testing", "notifications.message_kinds")
    keys = []
    for name in ("anna", "berta", "carla"):
        person, address = uuid7(), f"{name}@example.com"
        daily = Choice(category="invoices", channel="email", digest=Preference.Digest.HOURLY)
        preferences.choose(person=person, choices=[daily], hours=None, now=NOON)
        values: dict[str, Any] = {"category": "invoices", "to": [address], "recipient": address}
        drafts = [draft_for(person, now=NOON, subject=f"{name} {number}", **values) for number in range(10)]
        digests.gate(drafts, NOON)
        Message.objects.bulk_create(draft.message for draft in drafts)
        keys += [draft.message.pk for draft in drafts]
    return keys


def test_each_message_is_told_in_one_digest_however_many_gather(gathered: list[UUID]) -> None:
    told = races.run(8, lambda: digests.put_together(ONE), threads=4)
    assert [one for one in told if isinstance(one, Exception)] == []
    assert sum(one for one in told if isinstance(one, int)) == 30
    assert Message.objects.filter(kind=digests.KIND).count() == 3
    lines = [line for mail in testing.deliver_all(ONE) for line in mail.text.splitlines()]
    for name in ("anna", "berta", "carla"):
        assert [lines.count(f"{name} {number}") for number in range(10)] == [1] * 10


def test_gathering_and_sending_at_once_take_each_message_one_way(gathered: list[UUID]) -> None:
    late, turns = ONE + digests.PATIENTLY, itertools.count()
    alone: list[UUID] = []

    def either() -> None:
        if next(turns) % 2:
            digests.put_together(late)
            return
        rows = Message.objects.filter(lane=Lane.NORMAL, kind="")
        claimed = rows.claim(now=late, lease=timedelta(minutes=1), limit=3, status=Message.Status.SENDING)
        alone.extend(message.pk for message in claimed)

    assert [one for one in races.run(12, either, threads=4) if one is not None] == []
    together = set(Message.objects.filter(pk__in=gathered, digest__startswith="in").values_list("pk", flat=True))
    assert together.isdisjoint(alone)
    assert len(alone) == len(set(alone))
    digests.put_together(late)
    waiting = Message.objects.filter(pk__in=gathered, due_at__isnull=False).exclude(pk__in=alone)
    assert [row.digest for row in waiting] in ([], [""], ["", ""], ["", "", ""])
