"""People in numbers: how many came to be on each day, and how many cannot be erased."""

import datetime as dt
from collections.abc import Sequence

from accounts.models import User
from kit.tallies import Span, count_each


def count_new(days: Sequence[Span]) -> list[int]:
    """Return how many people came to be on each day. One statement, over an index."""
    made = {day.since: User.objects.filter(created_at__gte=day.since, created_at__lt=day.until) for day in days}
    return list(count_each(made).values())


def count_unerased(now: dt.datetime) -> int:
    """Return how many accounts are due to be erased and could not be. One statement, over an index."""
    return User.objects.filter(erase_at__lte=now, erasure_failed_at__isnull=False).count()
