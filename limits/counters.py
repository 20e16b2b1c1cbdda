"""Counters in the database: so many hits on a key in a window, raised in one statement before anybody knows the answer.

A window begins with the first hit on its key, not at a full minute: nothing opens for everybody at once.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

from limits import instants
from limits.models import Counter


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to a hit. `count` includes it; `retry_after` is in whole seconds, 0 where it was allowed."""

    allowed: bool
    count: int
    limit: int
    retry_after: int


def judge(*, count: int, limit: int, remaining: int) -> Verdict:
    """Return the verdict on a count, with `remaining` whole seconds of its window to go."""
    allowed = count <= limit
    return Verdict(allowed=allowed, count=count, limit=limit, retry_after=0 if allowed else remaining)


def hit(*, key: str, limit: int, window: int, now: dt.datetime, cost: int = 1) -> Verdict:
    """Count `cost` hits on a key (200 characters at most) and say whether they fit `limit` in `window` seconds.

    Parallel hits are all counted, so exactly `limit` of them are allowed. A refused hit counts too. One statement;
    in a transaction that is rolled back the hit is forgotten, so whatever must be remembered is counted outside of it.
    """
    at = instants.milliseconds(now)
    values: dict[str, str | int] = {"key": key, "cost": cost, "at": at, "end": at + window * 1000}
    with connection.cursor() as cursor:
        cursor.execute(_HIT, values)
        count, end = cursor.fetchone()
    return judge(count=count, limit=limit, remaining=instants.seconds_between(at, end))


def read(keys: Collection[str], *, now: dt.datetime) -> dict[str, int]:
    """Return the hits on each of these keys in its present window, without counting one. One statement."""
    rows = Counter.objects.filter(key__in=keys, window_end__gt=instants.milliseconds(now))
    return dict(rows.values_list("key", "count"))


def purge(now: dt.datetime) -> int:
    """Delete the counters whose window is over; return how many."""
    deleted, _ = Counter.objects.filter(window_end__lte=instants.milliseconds(now)).delete()
    return deleted


_HIT = """
INSERT INTO limits_counter (key, count, window_end) VALUES (%(key)s, %(cost)s, %(end)s)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN limits_counter.window_end <= %(at)s THEN 0 ELSE limits_counter.count END + excluded.count,
    window_end = CASE
        WHEN limits_counter.window_end <= %(at)s THEN excluded.window_end
        ELSE limits_counter.window_end END
RETURNING count, window_end
"""
