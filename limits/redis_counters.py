"""The same counters in Redis, for what is counted on every anonymous request: one round trip, no write to the database.

Redis may be flushed or die at any moment, so nothing is counted here that guards an account. After a failure it
is left alone for a few seconds: an outage costs one time-out now and then, not one in each request.
"""

import logging
import threading
import time
from functools import lru_cache

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from limits import counters, instants

TIMEOUT_SECONDS = 0.5
REST_SECONDS = 5.0

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


def hit(*, url: str, key: str, limit: int, window: int) -> counters.Verdict:
    """Count a hit on a key in the Redis at `url`; as `counters.hit`, but on the clock of Redis. Raises `RedisDown`."""
    if rest.lasts():
        raise RedisDown
    try:
        # MULTI/EXEC: the key gets its end, the count and its remaining time together, whatever else runs or dies.
        with client(url).pipeline(transaction=True) as steps:
            steps.set(key, 0, nx=True, ex=window)
            steps.incr(key)
            steps.pttl(key)
            _, count, remaining = steps.execute()
    except (redis.RedisError, OSError):
        rest.begin()
        raise RedisDown from None
    return counters.judge(count=count, limit=limit, remaining=instants.seconds_between(0, remaining))


@lru_cache(maxsize=4)
def client(url: str) -> redis.Redis:
    """Return this process's client for a URL: short time-outs, no retries, threads and forks allowed."""
    return redis.Redis.from_url(
        url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
