"""What went out, by day, channel and provider: raised in the transaction that settles messages, and read by staff.

So it is as true as the messages' own states: what is settled is counted once, also where a worker dies between.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from kit.errors import Invalid
from kit.ids import uuid7
from kit.tenants import HOUSE
from notifications.models import Message, Usage

DAYS = 30
MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Settled:
    """A message that a provider took (`sent`), or that failed for good after an attempt of its."""

    message: Message
    provider: str
    sent: bool


def following(message: Message, provider: str, changes: Mapping[str, Any]) -> list[Settled]:
    """Return what counts of a message that gets these changes after an attempt.

    A provider that promises nothing by taking it has it on its account all the same, once.
    """
    status = changes.get("status")
    taken = status == Message.Status.SENT or bool(changes.get("awaiting"))
    if status == Message.Status.FAILED or (taken and not message.awaiting):
        return [Settled(message, provider, sent=taken)]
    return []


def count(settled: Iterable[Settled], now: dt.datetime) -> None:
    """Raise the day's figures by messages that were settled, in the caller's transaction. One statement for all."""
    raised: dict[tuple[UUID, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for one in settled:
        message = one.message
        figures = raised[message.tenant, str(message.channel), one.provider]
        added = (1, 0, message.segments, message.cost) if one.sent else (0, 1, 0, 0)
        figures[:] = [before + more for before, more in zip(figures, added, strict=True)]
    if not raised:
        return
    day = now.astimezone(dt.UTC).date()
    # In the order of the keys, so that no two statements wait for each other's rows.
    rows = [(uuid7(), key[0], day, key[1], key[2], *raised[key]) for key in sorted(raised)]
    values = ", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s, %s)"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            _RAISE.replace("VALUES ()", f"VALUES {values}"), [_adapted(value) for row in rows for value in row]
        )


def find(*, since: dt.date | None, until: dt.date | None, now: dt.datetime, tenant: UUID = HOUSE) -> QuerySet[Usage]:
    """Return the figures of days, the newest first: by default of the last thirty. Raises `Invalid`."""
    last = until or now.astimezone(dt.UTC).date()
    first = since or last - dt.timedelta(days=DAYS - 1)
    if first > last:
        raise Invalid("since", "It lies behind `until`.")
    if (last - first).days >= MOST_DAYS:
        raise Invalid("since", f"Ask for at most {MOST_DAYS} days.")
    return Usage.objects.filter(tenant=tenant, day__range=(first, last)).order_by("-day", "channel", "provider")


def _adapted(value: Any) -> Any:
    """Return a value as the database takes it: SQLite keeps ids as text."""
    if isinstance(value, UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return connection.ops.adapt_datefield_value(value) if isinstance(value, dt.date) else value


_RAISE = """
INSERT INTO notifications_usage (id, tenant, day, channel, provider, sent, failed, segments, cost) VALUES ()
ON CONFLICT (tenant, day, channel, provider) DO UPDATE SET
    sent = notifications_usage.sent + excluded.sent,
    failed = notifications_usage.failed + excluded.failed,
    segments = notifications_usage.segments + excluded.segments,
    cost = notifications_usage.cost + excluded.cost
"""
