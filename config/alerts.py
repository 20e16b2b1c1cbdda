"""Word to staff, by mail, when refusals or failures become much more frequent than they were, or a worker is silent.

The last ten minutes are held against the hour before them. Of one cause there is one alert an hour, whatever number of
workers look: the counter that decides it is raised in the transaction that writes the entry and the mails.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from accounts import event_types
from accounts.models import User
from audit import recording
from audit import statistics as log
from audit.vocabulary import ActorKind, EventType
from config import failures, heartbeats, message_kinds
from config.event_types import ALERT_RAISED, PERMISSION_REFUSED
from kit.tallies import Span
from limits import counters
from notifications import areas, sending
from notifications import statistics as messages
from roles import stamps

LATELY = dt.timedelta(minutes=10)
BEFORE = dt.timedelta(hours=1)
SECONDS_BETWEEN = 3600  # of two alerts of one cause
SECONDS_OF_TWO_LOOKS = 150  # one comes each minute
MAY_READ = "audit.view_entry"

# The refusals of each cause. What `message_kinds.CAUSES` holds besides are failures.
REFUSALS: dict[str, tuple[EventType, ...]] = {
    "sign_ins": (event_types.LOGIN_REFUSED, event_types.PASSWORD_REFUSED),
    "sessions": (event_types.REFRESH_REFUSED, event_types.REFRESH_REUSED),
    "registrations": (event_types.REGISTRATION_REFUSED, event_types.REGISTRATION_LIMITED),
    "permissions": (PERMISSION_REFUSED,),
}


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened in the last ten minutes, and in the hour before; how many workers are silent."""

    cause: str
    lately: int
    hour_before: int


def watch(*, now: dt.datetime) -> list[str]:
    """Tell staff of each cause that calls for it and was not told of within the hour; return those told of now."""
    if not settings.ALERTS_LEAST:
        return []
    causes = [*filter(_has_jumped, _counts(now)), *_missing_workers(now), *_guarded(now)]
    return [count.cause for count in causes if _tell(count, now)]


def _has_jumped(count: Count) -> bool:
    usual = count.hour_before * (LATELY / BEFORE)
    return count.lately >= settings.ALERTS_LEAST and count.lately > usual * settings.ALERTS_FACTOR


def _counts(now: dt.datetime) -> Iterable[Count]:
    before, lately = spans = [Span(now - LATELY - BEFORE, now - LATELY), Span(now - LATELY, now)]
    names = {event.name for events in REFUSALS.values() for event in events}
    refused = log.count_refused(events=names, spans=spans)
    for cause, events in REFUSALS.items():
        hour, ten_minutes = (sum(refused[event.name][position] for event in events) for position in (0, 1))
        yield Count(cause, ten_minutes, hour)
    hour, ten_minutes = messages.count_failed_attempts(spans)
    yield Count("deliveries", ten_minutes, hour)
    yield Count("requests", failures.count(lately, now=now), failures.count(before, now=now))


def _missing_workers(now: dt.datetime) -> Iterable[Count]:
    """Yield how many workers are silent, if an earlier look found some too: after an outage all are, for a moment."""
    silent = heartbeats.count(now).silent
    if silent and not counters.hit(key="house:silent", limit=1, window=SECONDS_OF_TWO_LOOKS, now=now).allowed:
        yield Count("workers", silent, 0)


def _guarded(now: dt.datetime) -> Iterable[Count]:
    """Yield how many places get no codes because hardly any was entered, and how many caps of the day are reached."""
    blocked, spent = areas.count_alarms(now)
    if blocked:
        yield Count("codes", blocked, 0)
    if spent:
        yield Count("short_messages", spent, 0)


def _tell(count: Count, now: dt.datetime) -> bool:
    """Record an alert and mail it to whom it concerns; False when there was one within the hour."""
    readers = list_readers()
    with transaction.atomic():
        key = f"house:alert:{count.cause}"
        if not counters.hit(key=key, limit=1, window=SECONDS_BETWEEN, now=now).allowed:
            return False
        details: dict[str, str | int] = {
            "cause": count.cause,
            "count": count.lately,
            "hour_before": count.hour_before,
            "minutes": int(LATELY.total_seconds()) // 60,
        }
        entry = recording.record(ALERT_RAISED, now=now, actor_kind=ActorKind.SYSTEM, details=details)
        assert entry is not None  # noqa: S101 - only refusals are counted instead of written
        for reader in readers:
            sending.send(kind=message_kinds.ALERT, to=reader.email, reference=entry.pk, now=now, locale=reader.locale)
    return True


def list_readers() -> list[User]:
    """Return the active members of staff who may read the log."""
    staff = User.objects.filter(is_staff=True, is_active=True).annotate(**stamps.of_user("pk"))
    return [person for person in staff if person.has_perm(MAY_READ)]
