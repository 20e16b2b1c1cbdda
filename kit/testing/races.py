"""Races: the same call from many threads at once, each on a database connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

T = TypeVar("T")


def run(times: int, call: Callable[[], T], *, threads: int = 12) -> list[T | Exception]:
    """Make a call `times` times on up to `threads` threads that start together; return each result or exception.

    The test needs `pytest.mark.django_db(transaction=True)`: the threads see what is committed, nothing else.
    """
    workers = min(times, threads)
    start = threading.Barrier(workers)
    shares = [len(range(worker, times, workers)) for worker in range(workers)]

    def work(share: int) -> list[T | Exception]:
        start.wait(timeout=30)
        try:
            return [_outcome(call) for _ in range(share)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(workers) as pool:
        return [outcome for outcomes in pool.map(work, shares) for outcome in outcomes]


def _outcome(call: Callable[[], T]) -> T | Exception:
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - how a racer lost is what the test looks at
        return error
