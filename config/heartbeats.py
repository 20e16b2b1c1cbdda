"""Whether workers work. A worker is heard when it takes up a task, and the sweep gives it one every second.

So a heartbeat says more than that a process runs: beat, broker, worker and database did their part a moment ago.
"""

import datetime as dt
import math
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

import structlog
from django.db import DatabaseError
from django.db.models import Count, Max, Q

from config.models import Heartbeat
from kit.metrics import Reading, Sample

EVERY = 10.0  # seconds between two heartbeats of one process
SILENT_AFTER = dt.timedelta(minutes=1)
FORGOTTEN_AFTER = dt.timedelta(hours=1)

WORKERS = Reading(
    "workers",
    "Worker processes; `silent`: not heard for a minute, nor ended as they should.",
    state=("alive", "silent"),
)
AGE = Reading("worker_heartbeat_seconds", "How long ago the last worker was heard; +Inf: none was in the last hour.")

_log = structlog.get_logger("heartbeats")
_next = 0.0


@dataclass(frozen=True, slots=True)
class Workers:
    """How many are alive; how many are silent, though they did not end as they should; when the last was heard."""

    alive: int
    silent: int
    last: dt.datetime | None


def beat(*, now: dt.datetime) -> None:
    """Note that this process takes up tasks; one statement every ten seconds, and otherwise nothing. Never raises."""
    global _next  # noqa: PLW0603 - a process beats once, whoever calls
    moment = time.monotonic()
    if moment < _next:
        return
    _next = moment + EVERY
    try:
        renew(name=own_name(), now=now)
    except DatabaseError as error:
        _log.warning("no heartbeat", error=type(error).__name__)


def renew(*, name: str, now: dt.datetime) -> None:
    """Write that a worker was heard."""
    row = Heartbeat(name=name, heard_at=now)
    Heartbeat.objects.bulk_create([row], update_conflicts=True, unique_fields=["name"], update_fields=["heard_at"])


def end() -> None:
    """Forget this process, which ends as it should: a task that still begins is no heartbeat. Never raises."""
    global _next  # noqa: PLW0603 - as above
    _next = math.inf
    try:
        Heartbeat.objects.filter(name=own_name()).delete()
    except DatabaseError as error:
        _log.warning("a heartbeat stays", error=type(error).__name__)


def purge(*, now: dt.datetime) -> int:
    """Forget workers that have been silent for an hour; return how many."""
    deleted, _ = Heartbeat.objects.filter(heard_at__lte=now - FORGOTTEN_AFTER).delete()
    return deleted


def own_name() -> str:
    """Return the name of this process among all workers."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}"


def count(now: dt.datetime) -> Workers:
    """Return how it stands with the workers of the last hour. One statement."""
    alive = Q(heard_at__gt=now - SILENT_AFTER)
    found = Heartbeat.objects.filter(heard_at__gt=now - FORGOTTEN_AFTER).aggregate(
        alive=Count("pk", filter=alive), silent=Count("pk", filter=~alive), last=Max("heard_at")
    )
    return Workers(**found)


def read(now: dt.datetime) -> Iterator[Sample]:
    """Yield how many workers are alive and silent, and when the last was heard. One statement."""
    found = count(now)
    yield WORKERS.of(found.alive, state="alive")
    yield WORKERS.of(found.silent, state="silent")
    yield AGE.of(max(0.0, (now - found.last).total_seconds()) if found.last else math.inf)
