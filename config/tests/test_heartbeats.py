"""Whether workers work: who was heard, and who should have been."""

import datetime as dt
import math
from typing import Any

import pytest
from django.db import DatabaseError

from config import celery, heartbeats
from config.models import Heartbeat
from kit.clock import utcnow
from kit.testing.metrics import read

pytestmark = pytest.mark.django_db

MINUTE = dt.timedelta(minutes=1)


def told(now: dt.datetime) -> tuple[float, float, float]:
    """Return how many workers are alive and silent, and the age of the last heartbeat."""
    workers = read("workers", heartbeats.read(now))
    return workers[("alive",)], workers[("silent",)], read("worker_heartbeat_seconds", heartbeats.read(now))[()]


def test_no_worker_was_ever_heard() -> None:
    assert told(utcnow()) == (0, 0, math.inf)


def test_workers_are_alive_then_silent_then_forgotten() -> None:
    now = utcnow()
    heartbeats.renew(name="one:1", now=now)
    heartbeats.renew(name="two:1", now=now + MINUTE)
    assert told(now + 1.5 * MINUTE) == (1, 1, 30)
    assert heartbeats.purge(now=now + 60.5 * MINUTE) == 1
    assert told(now + 65 * MINUTE)[:2] == (0, 0)


def test_a_worker_renews_its_one_row() -> None:
    now = utcnow()
    for seconds in range(3):
        heartbeats.renew(name="one:1", now=now + dt.timedelta(seconds=seconds))
    assert Heartbeat.objects.get().heard_at == now + dt.timedelta(seconds=2)


def test_a_process_beats_every_ten_seconds_however_many_tasks_it_runs(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(heartbeats, "_next", 0.0)
    heartbeats.beat(now=utcnow())
    assert Heartbeat.objects.get().name == heartbeats.own_name()
    with django_assert_num_queries(0):
        heartbeats.beat(now=utcnow() + MINUTE)


def test_a_database_that_is_away_stops_no_task(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(heartbeats, "_next", 0.0)
    monkeypatch.setattr(heartbeats, "renew", fail)
    heartbeats.beat(now=utcnow())
    monkeypatch.setattr(Heartbeat.objects, "filter", fail)
    heartbeats.end()


@pytest.mark.parametrize("how", ["stop", "terminate"])
def test_a_worker_that_ends_as_it_should_is_not_missed(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    monkeypatch.setattr(heartbeats, "_next", 0.0)
    heartbeats.beat(now=utcnow())
    assert Heartbeat.objects.exists()
    getattr(celery.HeartbeatStep(None), how)(None)
    heartbeats.beat(now=utcnow() + MINUTE)  # of a task that it had taken up already
    assert not Heartbeat.objects.exists()


def test_tasks_are_counted_by_how_they_ended() -> None:
    before = read("tasks_total").get(("SUCCESS", "house.wake"), 0)
    celery.wake.apply()
    assert read("tasks_total")[("SUCCESS", "house.wake")] == before + 1
    assert not Heartbeat.objects.exists()  # not a worker
