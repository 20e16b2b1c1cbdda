"""What the clock starts."""

import datetime as dt

import pytest

from kit import clock
from limits import counters, guesses, tasks


@pytest.mark.django_db
def test_purge_task_deletes_old_counters_and_runs() -> None:
    long_ago = clock.utcnow() - dt.timedelta(days=3)
    counters.hit(key="k", limit=1, window=60, now=long_ago)
    guesses.reserve(subject="anna", factor="password", now=long_ago)
    guesses.reserve(subject="berta", factor="password", now=clock.utcnow())
    assert tasks.purge() == 3
