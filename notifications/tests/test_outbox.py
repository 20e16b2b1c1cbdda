"""The outbox on a real table: leases, fences, verdicts, and the bell."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event, Thread

import pytest
from django.db import OperationalError, connection

from kit.clock import utcnow
from kit.outbox import Bell, DatabaseTime, Settlement, SingleFlight, backoff, persistently
from notifications.lanes import Lane
from notifications.models import Message
from notifications.testing import make_message

MINUTE = timedelta(minutes=1)


@pytest.mark.django_db
def test_the_most_pressing_lane_is_claimed_first_and_the_oldest_in_it(now: datetime) -> None:
    bulk = make_message(now=now, lane=Lane.BULK, due_at=now - MINUTE)
    late, early = (make_message(now=now, lane=Lane.URGENT, due_at=now - wait) for wait in (MINUTE, 2 * MINUTE))
    claimed = Message.objects.claim(now=now, lease=MINUTE, limit=2)
    assert [row.pk for row in claimed] == [early.pk, late.pk]
    assert [row.pk for row in Message.objects.claim(now=now, lease=MINUTE, limit=2)] == [bulk.pk]


@pytest.mark.django_db
def test_row_is_claimed_when_its_moment_has_come_and_not_before(now: datetime) -> None:
    make_message(now=now, due_at=now + MINUTE)
    assert Message.objects.claim(now=now, lease=MINUTE, limit=1) == []
    assert len(Message.objects.claim(now=now + MINUTE, lease=MINUTE, limit=1)) == 1


@pytest.mark.django_db
def test_worker_that_slept_through_its_lease_settles_nothing(now: datetime) -> None:
    make_message(now=now)
    [slept] = Message.objects.claim(now=now, lease=-MINUTE, limit=1)
    [woken] = Message.objects.claim(now=now, lease=MINUTE, limit=1)
    assert woken.fence == slept.fence + 1
    assert Message.objects.settle([Settlement(slept, {"due_at": None, "status": "failed"})]) == 0
    assert Message.objects.settle([Settlement(woken, {"due_at": None, "status": "sent"})]) == 1
    assert Message.objects.get().status == "sent"


@pytest.mark.django_db(transaction=True)
def test_parallel_claims_share_the_rows_without_overlap(now: datetime) -> None:
    made = {make_message(now=now).pk for _ in range(40)}

    def claim(_: int) -> list[object]:
        try:
            return [row.pk for row in Message.objects.claim(now=now, lease=MINUTE, limit=7)]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        claimed = [key for keys in pool.map(claim, range(8)) for key in keys]
    assert len(claimed) == len(set(claimed))
    assert set(claimed) <= made
    rest = Message.objects.claim(now=now, lease=MINUTE, limit=100)
    assert {*claimed, *(row.pk for row in rest)} == made


def test_backoff_grows_to_its_cap_and_never_beyond() -> None:
    waits = [backoff(tries, base=MINUTE, cap=10 * MINUTE) for tries in range(1, 2000)]
    assert max(waits[:1]) <= MINUTE
    assert max(waits) <= 10 * MINUTE
    assert max(waits) > 5 * MINUTE


def test_bell_that_fails_is_silent_for_a_while_and_never_raises() -> None:
    rung: list[int] = []

    def fail() -> None:
        rung.append(1)
        raise ConnectionError

    bell = Bell(fail, pause=60)
    bell.ring()
    bell.ring()
    assert len(rung) == 1


@pytest.mark.django_db(transaction=True)
def test_bell_rings_after_the_commit(now: datetime) -> None:
    rung: list[int] = []
    Bell(lambda: rung.append(1)).ring_after_commit()
    assert rung == [1]


def test_call_during_a_run_makes_it_run_once_more() -> None:
    flight, started, release = SingleFlight(), Event(), Event()
    runs: list[int] = []

    def work() -> int:
        runs.append(1)
        started.set()
        release.wait(10)
        return 1

    thread = Thread(target=flight.run, args=(work,))
    thread.start()
    started.wait(10)
    assert flight.run(work) is None
    release.set()
    thread.join(10)
    assert len(runs) == 2


@pytest.mark.django_db(transaction=True)
def test_outcome_is_written_again_when_the_database_was_away_for_a_moment() -> None:
    tries: list[int] = []

    def write() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError
        return "written"

    assert persistently(write, pauses=(0, 0)) == "written"


@pytest.mark.django_db
@pytest.mark.parametrize(("slow", "corrected"), [(MINUTE, True), (timedelta(milliseconds=100), False)])
def test_clock_that_is_wrong_is_put_right_by_the_database_of_many_machines(slow: timedelta, corrected: bool) -> None:
    time = DatabaseTime()
    time.look(lambda: utcnow() - slow)
    expected = slow if corrected and connection.vendor == "postgresql" else timedelta()
    assert abs(time.ahead - expected) < timedelta(seconds=1)
    assert bool(time.ahead) == bool(expected)
