"""What the limits want done by the clock: forgetting what no longer counts."""

from celery import shared_task

from kit import clock
from limits import counters, guesses


@shared_task(name="limits.purge")
def purge() -> int:
    """Delete counters and runs that mean nothing any more; return how many. Once an hour is enough."""
    now = clock.utcnow()
    return counters.purge(now) + guesses.purge(now)
