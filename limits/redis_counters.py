"""The same counters in Redis, for what is counted on every anonymous request: one round trip, no write to the database.

Redis may be flushed or die at any moment, so nothing is counted here that guards an account. After a failure it
is left alone for a few seconds: an outage costs one time-out now and then, not one in each request.
"""

import logging
import threading
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from limits import counters, instants

TIMEOUT_SECONDS = 0.5
REST_SECONDS = 5.0
_PREFIX = "gatehouse:limits:"

_log = logging.getLogger(__name__)


class RedisDown(Exception):
    """Redis did not answer, or has failed to a moment ago. The caller counts elsewhere."""


class _Rest:
    """The pause after a failure, for this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0

    def begin(self) -> None:
        with self._lock:
            resting, self._until = self.lasts(), time.monotonic() + REST_SECONDS
        if not resting:
            _log.warning("Redis does not answer; addresses are counted in the database meanwhile.")

    def lasts(self) -> bool:
        return time.monotonic() < self._until

    def end(self) -> None:
        self._until = 0.0


rest = _Rest()


def hit_all(limits: Sequence[counters.Limit], *, url: str) -> list[counters.Verdict]:
    """Count a hit on each key in the Redis at `url`; as `counters.hit_all`, but on the clock of Redis.

    Raises `RedisDown`.
    """
    with _steps(url) as steps:
        for limit in limits:
            # MULTI/EXEC: a key gets its end, the count and its remaining time together, whatever else runs or dies.
            steps.set(_PREFIX + limit.key, 0, nx=True, ex=limit.window)
            steps.incrby(_PREFIX + limit.key, limit.cost)
            steps.pttl(_PREFIX + limit.key)
        results = _execute(steps)
    return [
        counters.Verdict(count, limit.most, limit.window, instants.seconds_between(0, left))
        for limit, count, left in zip(limits, results[1::3], results[2::3], strict=True)
    ]


def read(keys: Sequence[str], *, url: str) -> dict[str, int]:
    """Return the hits on those of these keys that have any, without counting one. Raises `RedisDown`."""
    with _steps(url) as steps:
        steps.mget([_PREFIX + key for key in keys])
        [counts] = _execute(steps)
    return {key: int(count) for key, count in zip(keys, counts, strict=True) if count is not None}


def _steps(url: str) -> redis.client.Pipeline:
    if rest.lasts():
        raise RedisDown
    return client(url).pipeline(transaction=True)


def _execute(steps: redis.client.Pipeline) -> list[Any]:
    try:
        results: list[Any] = steps.execute()
    except (redis.RedisError, OSError):
        rest.begin()
        raise RedisDown from None
    return results


@lru_cache(maxsize=4)
def client(url: str) -> redis.Redis:
    """Return this process's client for a URL: short time-outs, no retries, threads and forks allowed."""
    return redis.Redis.from_url(
        url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
