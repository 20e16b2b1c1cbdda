"""What the tests of every app above may use of the limits."""

import datetime as dt

from limits import guesses, redis_counters
from limits.models import Counter, Guess


def fail_tries(
    times: int, *, subject: str, now: dt.datetime, factor: str = "password", lane: str = guesses.STRANGERS
) -> int:
    """Make tries that fail; return how many of them got through to the check."""
    passed = 0
    for _ in range(times):
        try:
            guesses.reserve(subject=subject, factor=factor, lane=lane, now=now)
        except guesses.Locked:
            continue
        passed += 1
    return passed


def forget_counts() -> None:
    """Forget everything that was counted in the database."""
    Counter.objects.all().delete()
    Guess.objects.all().delete()


def wake_redis() -> None:
    """End the pause that follows a failure of Redis, and its connections."""
    redis_counters.rest.end()
    redis_counters.client.cache_clear()
