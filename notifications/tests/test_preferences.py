"""Preferences: what a person chose holds, what must arrive does, and a choice at fault is named."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from audit.models import Entry
from kit.errors import Invalid
from kit.ids import uuid7
from notifications import preferences
from notifications.models import Message, Preference, QuietHours
from notifications.preferences import Choice, Hours
from notifications.testing import draft_for, make_message

pytestmark = pytest.mark.django_db

Digest = Preference.Digest
NIGHT = Hours(begins=1320, ends=420, time_zone="Europe/Berlin")
NO_NEWS = Choice(category="newsletter", channel="email", allowed=False)
TOLD_DAILY = Choice(category="invoices", channel="email", digest=Digest.DAILY)


def choose(person: UUID, *choices: Choice, now: datetime, hours: Hours | None = None) -> preferences.Chosen:
    return preferences.choose(person=person, choices=choices, hours=hours, now=now)


def verdict(person: UUID | None, now: datetime, **columns: Any) -> str:
    draft = draft_for(person, now=now, **columns)
    preferences.gate([draft], now)
    return draft.closing


def test_without_a_choice_the_defaults_hold() -> None:
    chosen = preferences.of(uuid7())
    assert {choice.allowed for choice in chosen.choices} == {True}
    assert {choice.channel for choice in chosen.choices} == {"email", "sms", "inbox"}
    assert [choice.category for choice in chosen.choices][::3] == [
        *("security", "codes", "account", "bulk", "marketing", "newsletter", "other")
    ]
    assert chosen.quiet_hours is None


def test_what_is_chosen_holds_for_the_category_and_channel(now: datetime) -> None:
    person = uuid7()
    choose(person, NO_NEWS, now=now)
    assert verdict(person, now, category="newsletter") == "not_wanted"
    assert verdict(person, now, category="newsletter", channel="inbox") == ""
    assert verdict(person, now, category="invoices") == ""
    assert verdict(uuid7(), now, category="newsletter") == ""
    assert verdict(None, now, category="newsletter") == ""


def test_messages_without_a_category_can_be_switched_off_as_others(now: datetime) -> None:
    person = uuid7()
    choose(person, Choice(category="other", channel="email", allowed=False), now=now)
    assert verdict(person, now) == "not_wanted"


def test_a_category_is_off_by_default_where_a_project_says_so(now: datetime, settings: Any) -> None:
    settings.NOTIFICATIONS_CATEGORIES = {"tips": {"default_channels": ["inbox"]}}
    person = uuid7()
    assert verdict(person, now, category="tips") == "not_wanted"
    choose(person, Choice(category="tips", channel="email"), now=now)
    assert verdict(person, now, category="tips") == ""


def test_what_must_arrive_passes_whatever_is_kept(now: datetime) -> None:
    person = uuid7()
    Preference.objects.create(person=person, category="codes", channel="email", allowed=False, updated_at=now)
    assert verdict(person, now, category="codes", must_arrive=True) == ""
    assert all(choice.allowed for choice in preferences.of(person).choices)


def test_choosing_puts_all_earlier_choices_away(now: datetime) -> None:
    person = uuid7()
    choose(person, NO_NEWS, TOLD_DAILY, now=now, hours=NIGHT)
    chosen = choose(person, TOLD_DAILY, now=now)
    assert [row.category for row in Preference.objects.filter(person=person)] == ["invoices"]
    assert (chosen.quiet_hours, QuietHours.objects.count()) == (None, 0)


def test_what_was_shown_can_be_sent_back_and_changes_nothing(now: datetime) -> None:
    person = uuid7()
    before = choose(person, NO_NEWS, TOLD_DAILY, now=now, hours=NIGHT)
    rows = list(Preference.objects.values_list("pk", "updated_at"))
    after = choose(person, *before.choices, now=now + timedelta(hours=1), hours=NIGHT)
    assert after.choices == before.choices
    assert list(Preference.objects.values_list("pk", "updated_at")) == rows


def test_a_change_is_recorded_without_what_it_is(now: datetime) -> None:
    person = uuid7()
    choose(person, NO_NEWS, TOLD_DAILY, now=now, hours=NIGHT)
    entry = Entry.objects.get()
    assert (entry.action, entry.actor) == ("notifications.preferences.changed", person)
    assert entry.details == {"choices": 2, "switched_off": 1, "quiet_hours": True}


def test_what_waits_and_is_no_longer_wanted_ends(now: datetime) -> None:
    person = uuid7()
    mine: dict[str, Any] = {"person": person, "due_at": now + timedelta(hours=1), "now": now}
    news, bill = (make_message(category=category, **mine) for category in ("newsletter", "invoices"))
    choose(person, NO_NEWS, now=now)
    found = {row.pk: (row.status, row.failure) for row in Message.objects.all()}
    assert found == {news.pk: ("suppressed", "not_wanted"), bill.pk: ("queued", "")}


def test_a_link_switches_one_category_and_back(now: datetime) -> None:
    person = uuid7()
    news: dict[str, Any] = {"category": "newsletter", "channel": "email"}
    preferences.switch(person=person, **news, allowed=False, now=now)
    assert verdict(person, now, category="newsletter") == "not_wanted"
    preferences.switch(person=person, **news, allowed=True, now=now)
    assert verdict(person, now, category="newsletter") == ""


@pytest.mark.parametrize(
    ("choice", "field", "reason"),
    [
        (Choice(category="security", channel="email", allowed=False), "allowed", "must_arrive"),
        (Choice(category="codes", channel="email", digest=Digest.DAILY), "digest", "must_arrive"),
        (Choice(category="newsletter", channel="sms", digest=Digest.DAILY), "digest", "email_only"),
        (Choice(category="No Word", channel="email"), "category", "invalid"),
    ],
)
def test_a_choice_that_cannot_be_made_is_named(now: datetime, choice: Choice, field: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        choose(uuid7(), NO_NEWS, choice, now=now)
    assert (refused.value.field, refused.value.reason) == (f"choices.1.{field}", reason)
    assert not Preference.objects.exists()


def test_nothing_is_chosen_twice_and_not_without_end(now: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        choose(uuid7(), NO_NEWS, NO_NEWS, now=now)
    assert (refused.value.field, refused.value.reason) == ("choices.1", "duplicate")
    many = [Choice(category=f"c{number}", channel="email", allowed=False) for number in range(201)]
    with pytest.raises(Invalid):
        choose(uuid7(), *many, now=now)


def test_a_thousand_messages_cost_two_statements(now: datetime, django_assert_num_queries: Any) -> None:
    drafts = [draft_for(uuid7(), now=now) for _ in range(1000)]
    with django_assert_num_queries(2):
        preferences.gate(drafts, now)
