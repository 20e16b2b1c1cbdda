"""Where hits are counted that guard no account: in Redis where there is one, else in the database.

The rule for failures: while Redis does not answer, the database counts. A limit therefore holds either way, though
each change of the store begins a new count; where the database is away too, the request fails and nobody gets in.
"""

import datetime as dt
from collections.abc import Sequence

from limits import conf, counters, redis_counters


def hit_all(limits: Sequence[counters.Limit], *, now: dt.datetime) -> list[counters.Verdict]:
    """Count a hit on each of several keys: one round trip to Redis, or one statement. A verdict for each."""
    url = conf.redis_url()
    if url:
        try:
            return redis_counters.hit_all(limits, url=url)
        except redis_counters.RedisDown:
            pass
    return counters.hit_all(limits, now=now)


def read(keys: Sequence[str], *, now: dt.datetime) -> dict[str, int]:
    """Return the hits on those of these keys that have any, without counting one."""
    url = conf.redis_url()
    if url:
        try:
            return redis_counters.read(keys, url=url)
        except redis_counters.RedisDown:
            pass
    return counters.read(keys, now=now)
