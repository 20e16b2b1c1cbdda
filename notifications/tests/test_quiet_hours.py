"""Quiet hours: what can wait, waits for their end, by the clock on her wall."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from kit.errors import Invalid
from kit.ids import uuid7
from notifications import quiet_hours
from notifications.drafts import Draft
from notifications.lanes import Lane
from notifications.models import Message, QuietHours
from notifications.testing import draft_for

NIGHT = 22 * 60, 7 * 60


def hours_of(begins: int, ends: int, zone: str = "Europe/Berlin", person: UUID | None = None) -> QuietHours:
    return QuietHours(
        person=person or uuid7(), begins=begins, ends=ends, time_zone=zone, updated_at=datetime(2026, 1, 1, tzinfo=UTC)
    )


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "moment", "end"),
    [
        (NIGHT, "2026-01-10 21:30", "2026-01-11 06:00"),
        (NIGHT, "2026-01-11 05:59", "2026-01-11 06:00"),
        (NIGHT, "2026-01-11 06:00", None),
        (NIGHT, "2026-01-10 20:59", None),
        ((9 * 60, 17 * 60), "2026-01-10 12:00", "2026-01-10 16:00"),
        ((9 * 60, 17 * 60), "2026-01-10 16:00", None),
        ((0, 6 * 60), "2026-01-09 23:30", "2026-01-10 05:00"),
    ],
)
def test_a_moment_within_them_waits_for_their_end(hours: tuple[int, int], moment: str, end: str | None) -> None:
    assert quiet_hours.end_of(hours_of(*hours), utc(moment)) == (end and utc(end))


@pytest.mark.parametrize(
    ("hours", "moment", "end"),
    [
        # In the night to 29 March 2026 the clock goes from 02:00 to 03:00, at 01:00 UTC.
        (NIGHT, "2026-03-28 21:30", "2026-03-29 05:00"),
        ((22 * 60, 2 * 60 + 30), "2026-03-29 01:10", "2026-03-29 01:30"),
        ((2 * 60 + 30, 5 * 60), "2026-03-29 01:10", None),
        ((2 * 60 + 30, 5 * 60), "2026-03-29 01:40", "2026-03-29 03:00"),
        # In the night to 25 October 2026 the clock goes from 03:00 to 02:00, at 01:00 UTC: 02:30 is there twice.
        (NIGHT, "2026-10-24 21:30", "2026-10-25 06:00"),
        ((22 * 60, 2 * 60 + 30), "2026-10-25 00:40", "2026-10-25 01:30"),
        ((22 * 60, 2 * 60 + 30), "2026-10-25 01:30", None),
        ((2 * 60 + 30, 5 * 60), "2026-10-25 00:30", "2026-10-25 04:00"),
        ((2 * 60 + 30, 5 * 60), "2026-10-25 00:29", None),
    ],
)
def test_they_hold_in_the_nights_in_which_the_clock_changes(
    hours: tuple[int, int], moment: str, end: str | None
) -> None:
    assert quiet_hours.end_of(hours_of(*hours), utc(moment)) == (end and utc(end))


def test_each_minute_of_a_year_is_quiet_or_not_as_the_clock_on_the_wall_says() -> None:
    hours, zone = hours_of(*NIGHT, zone="Australia/Lord_Howe"), quiet_hours.zone_of("Australia/Lord_Howe")
    for step in range(0, 366 * 24 * 60, 17):
        moment = utc("2026-01-01 00:00") + timedelta(minutes=step)
        wall = moment.astimezone(zone)
        quiet = wall.hour >= 22 or wall.hour < 7
        assert (quiet_hours.end_of(hours, moment) is not None) == quiet, moment


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"begins": 1440, "ends": 0, "time_zone": "UTC"}, "quiet_hours.begins"),
        ({"begins": 60, "ends": -1, "time_zone": "UTC"}, "quiet_hours.ends"),
        ({"begins": 60, "ends": 60, "time_zone": "UTC"}, "quiet_hours.ends"),
        ({"begins": 60, "ends": 61, "time_zone": "../etc/passwd"}, "quiet_hours.time_zone"),
        ({"begins": 60, "ends": 61, "time_zone": ""}, "quiet_hours.time_zone"),
    ],
)
def test_hours_that_are_none_are_refused(values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        quiet_hours.checked(**values)
    assert refused.value.field == field


MIDNIGHT = utc("2026-01-10 23:00")


def put_through(**columns: Any) -> Draft:
    """Return a draft at midnight, after the gate, for a person with quiet nights."""
    person = uuid7()
    hours_of(*NIGHT, person=person).save()
    draft = draft_for(person, now=MIDNIGHT, **columns)
    quiet_hours.gate([draft], MIDNIGHT)
    return draft


@pytest.mark.django_db
def test_what_can_wait_is_put_off_with_its_end() -> None:
    message = put_through().message
    assert (message.due_at, message.status) == (utc("2026-01-11 06:00"), Message.Status.SCHEDULED)
    assert message.expires_at == utc("2026-01-12 06:00")


@pytest.mark.django_db
@pytest.mark.parametrize("columns", [{"lane": Lane.URGENT}, {"must_arrive": True}, {"channel": Message.Channel.INBOX}])
def test_what_cannot_wait_or_makes_no_sound_goes_at_once(columns: dict[str, Any]) -> None:
    draft = put_through(**columns)
    assert (draft.message.due_at, draft.notes) == (MIDNIGHT, [])


@pytest.mark.django_db
def test_what_would_come_too_late_is_not_sent() -> None:
    draft = put_through(expires_at=MIDNIGHT + timedelta(hours=2))
    assert (draft.closing, draft.message.due_at) == ("quiet_hours", MIDNIGHT)


@pytest.mark.django_db
def test_an_end_that_was_chosen_stays_where_it_is() -> None:
    chosen = MIDNIGHT + timedelta(hours=9)
    message = put_through(expires_at=chosen).message
    assert (message.due_at, message.expires_at) == (utc("2026-01-11 06:00"), chosen)


@pytest.mark.django_db
def test_the_moment_that_counts_is_the_one_it_is_due_at() -> None:
    noon = utc("2026-01-11 12:00")
    assert put_through(due_at=noon, expires_at=noon + timedelta(hours=24)).message.due_at == noon


@pytest.mark.django_db
def test_a_thousand_messages_cost_two_statements(django_assert_num_queries: Any) -> None:
    drafts = [draft_for(uuid7(), now=MIDNIGHT) for _ in range(1000)]
    with django_assert_num_queries(2):
        quiet_hours.gate(drafts, MIDNIGHT)
