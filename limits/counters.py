"""Counters in the database: so many hits on a key in a window, raised in one statement before anybody knows the answer.

A window begins with the first hit on its key, not at a full minute: nothing opens for everybody at once.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import connection

from limits import instants
from limits.models import Counter


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` hits on a key (200 characters at most) in `window` seconds; one counts as `cost` of them."""

    key: str
    most: int
    window: int
    cost: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to a hit. `count` includes it; `reset` is how many whole seconds its window goes on."""

    count: int
    limit: int
    window: int
    reset: int

    @property
    def allowed(self) -> bool:
        """Tell whether the hit fits the limit."""
        return self.count <= self.limit

    @property
    def remaining(self) -> int:
        """Return how many more hits fit."""
        return max(0, self.limit - self.count)

    @property
    def retry_after(self) -> int:
        """Return the whole seconds to wait; 0 where the hit was allowed."""
        return 0 if self.allowed else self.reset


def hit(*, key: str, limit: int, window: int, now: dt.datetime, cost: int = 1) -> Verdict:
    """Count `cost` hits on a key and say whether they fit `limit` in `window` seconds.

    Parallel hits are all counted, so exactly `limit` of them are allowed. A refused hit counts too. One statement;
    in a transaction that is rolled back the hit is forgotten, so whatever must be remembered is counted outside of it.
    """
    return hit_all([Limit(key, limit, window, cost)], now=now)[0]


def hit_all(limits: Sequence[Limit], *, now: dt.datetime) -> list[Verdict]:
    """Count hits on several different keys, as `hit` does on one, in one statement; return a verdict for each."""
    at = instants.milliseconds(now)
    # In the order of the keys, so that no two statements wait for each other's rows.
    rows = sorted((limit.key, limit.cost, at + limit.window * 1000) for limit in limits)
    statement = _HIT.replace("(%s, %s, %s)", ", ".join(["(%s, %s, %s)"] * len(rows)))
    with connection.cursor() as cursor:
        cursor.execute(statement, [*(value for row in rows for value in row), at, at])
        counted = {key: (count, end) for key, count, end in cursor.fetchall()}
    return [
        Verdict(count, limit.most, limit.window, instants.seconds_between(at, end))
        for limit in limits
        for count, end in [counted[limit.key]]
    ]


def look(limits: Sequence[Limit], *, now: dt.datetime) -> list[Verdict]:
    """Say how some limits stand, as `hit_all` does, without counting anything. One statement."""
    at = instants.milliseconds(now)
    rows = Counter.objects.filter(key__in=[limit.key for limit in limits], window_end__gt=at)
    standing = {key: (count, end) for key, count, end in rows.values_list("key", "count", "window_end")}
    return [
        Verdict(count, limit.most, limit.window, instants.seconds_between(at, end))
        for limit in limits
        for count, end in [standing.get(limit.key, (0, at + limit.window * 1000))]
    ]


def read(keys: Collection[str], *, now: dt.datetime) -> dict[str, int]:
    """Return the hits on each of these keys in its present window, without counting one. One statement."""
    rows = Counter.objects.filter(key__in=keys, window_end__gt=instants.milliseconds(now))
    return dict(rows.values_list("key", "count"))


def purge(now: dt.datetime) -> int:
    """Delete the counters whose window is over; return how many."""
    deleted, _ = Counter.objects.filter(window_end__lte=instants.milliseconds(now)).delete()
    return deleted


_HIT = """
INSERT INTO limits_counter (key, count, window_end) VALUES (%s, %s, %s)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN limits_counter.window_end <= %s THEN 0 ELSE limits_counter.count END + excluded.count,
    window_end = CASE WHEN limits_counter.window_end <= %s THEN excluded.window_end ELSE limits_counter.window_end END
RETURNING key, count, window_end
"""
