"""Quiet hours: when a person wants no message that can wait. What can waits for their end, in her zone.

Minutes are those of the clock on her wall. Where the clock is put forward over one of them, it counts as much later;
where it is put back, the hours begin with the first of the two and end with the second.
"""

import zoneinfo
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from uuid import UUID

from django.conf import settings

from kit.errors import Invalid
from notifications import waiting
from notifications.channels import Channel
from notifications.drafts import Draft
from notifications.lanes import PATIENCE, Lane
from notifications.models import Message, QuietHours

GATE = "quiet_hours"
DAY = 24 * 60  # minutes
AT_ONCE = 500  # people in one statement


def checked(*, begins: int, ends: int, time_zone: str) -> None:
    """Raise `Invalid` unless these are hours of a day in a zone that is known."""
    for name, minute in (("begins", begins), ("ends", ends)):
        if not 0 <= minute < DAY:
            raise Invalid(f"quiet_hours.{name}", "Use a time of the day such as 22:00.")
    if begins == ends:
        raise Invalid("quiet_hours.ends", "They would never end. Choose another time.", "never_ends")
    if time_zone not in _zones():
        raise Invalid("quiet_hours.time_zone", "Name a zone of the IANA database, such as Europe/Berlin.", "zone")


def end_of(hours: QuietHours, moment: datetime) -> datetime | None:
    """Return when the quiet hours end that a moment lies in, or None where it lies in none."""
    zone = zone_of(hours.time_zone)
    today = moment.astimezone(zone).date()
    length = 1 if hours.ends <= hours.begins else 0
    for day in (today - timedelta(days=1), today):
        begins = at(day, hours.begins, zone)
        ends = at(day + timedelta(days=length), hours.ends, zone, later=True)
        if begins <= moment < ends:
            return ends
    return None


def at(day: date, minute: int, zone: zoneinfo.ZoneInfo, *, later: bool = False) -> datetime:
    """Return the moment at which the clock of a zone shows a minute of a day, in UTC.

    Of two, the first, or the `later` one. A minute that the clock leaves out counts as much later as it leaves out.
    """
    wall = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone)
    moments = [wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
    return max(moments) if later else moments[0]


def of(people: Collection[UUID]) -> dict[UUID, QuietHours]:
    """Return the quiet hours of those of these people who have some. One statement for 500 people."""
    found: dict[UUID, QuietHours] = {}
    for chunk in waiting.chunks(sorted(people), AT_ONCE):
        found |= QuietHours.objects.in_bulk(chunk)
    return found


def gate(drafts: Sequence[Draft], now: datetime) -> None:
    """Put off what can wait, to the end of the quiet hours of whom it is for."""
    asked = [(draft, draft.person) for draft in drafts if draft.person and _can_wait(draft)]
    hours = of({person for _, person in asked})
    for draft, person in asked:
        quiet = hours.get(person)
        end = quiet and end_of(quiet, max(draft.message.due_at or now, now))
        if end:
            put_off(draft, end, gate=GATE, word="put_off", detail="It waits for the end of the quiet hours.")


def put_off(draft: Draft, until: datetime, *, gate: str, word: str, detail: str) -> bool:
    """Move a message to a moment, and its end along where nobody chose that; close it where it would come too late.

    Tell whether it was moved.
    """
    message = draft.message
    due_at = message.due_at or message.created_at
    if message.expires_at is not None:
        if message.expires_at - due_at == PATIENCE[Lane(message.lane)].horizon:
            message.expires_at += until - due_at
        elif message.expires_at <= until:
            draft.close(gate, gate, "It would not be worth sending any more by then.")
            return False
    message.due_at, message.status = until, Message.Status.SCHEDULED
    draft.note(gate, word, detail)
    return True


def _can_wait(draft: Draft) -> bool:
    """Tell whether a draft may wait: nothing urgent or bound to arrive, and nothing that makes no sound."""
    message = draft.message
    quiet = draft.must_arrive or message.lane == Lane.URGENT or message.channel == Channel.INBOX
    return draft.is_open and not quiet


def zone_of(name: str) -> zoneinfo.ZoneInfo:
    """Return a zone by its name, and the house's own for one that nobody knows."""
    return zoneinfo.ZoneInfo(name if name in _zones() else settings.TIME_ZONE)


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())
