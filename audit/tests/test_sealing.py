"""Sealing: what is due, in which order, and with whom at the same time."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from audit import recording, sealing, tasks, verification
from audit.models import Checkpoint, Entry, Personal, Seal
from audit.testing import entries
from audit.tests.event_types import DOOR_OPENED
from audit.tests.log import NOW, sealed, write

LATER = NOW + dt.timedelta(hours=1)


@pytest.mark.django_db
def test_entries_are_sealed_once_the_horizon_has_passed() -> None:
    write(1)
    assert sealing.seal_due(now=NOW + sealing.HORIZON - dt.timedelta(seconds=1)) == 0
    assert sealing.seal_due(now=NOW + sealing.HORIZON) == 1
    assert sealing.seal_due(now=LATER) == 0


@pytest.mark.django_db
def test_positions_have_no_gap_and_follow_the_order_of_writing() -> None:
    made = [*write(3), *write(2, now=NOW + dt.timedelta(minutes=1))]
    sealing.seal_due(now=LATER)
    assert list(Seal.objects.order_by("position").values_list("position", "entry_id")) == [
        (position, entry.id) for position, entry in enumerate(made, start=1)
    ]


@pytest.mark.django_db
def test_each_batch_ends_with_a_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 2)
    write(5)
    assert sealing.seal_due(now=LATER) == 5
    assert list(Checkpoint.objects.order_by("position").values_list("position", flat=True)) == [2, 4, 5]


@pytest.mark.django_db
def test_writer_that_commits_late_is_sealed_further_down() -> None:
    late = write(1, now=NOW - dt.timedelta(days=1))[0]
    Personal.objects.filter(entry_id=late.id).update(sealed=True)  # as if its transaction were still open
    write(2)
    sealing.seal_due(now=LATER)
    Personal.objects.filter(entry_id=late.id).update(sealed=False)
    sealing.seal_due(now=LATER)
    assert Seal.objects.get(entry_id=late.id).position == 3
    assert verification.verify().sealed == 3


@pytest.mark.django_db
def test_entry_is_sealed_once_though_its_mark_was_lost() -> None:
    sealed(2)
    Personal.objects.update(sealed=False)
    assert sealing.seal_due(now=LATER) == 0
    assert not Personal.objects.filter(sealed=False).exists()


@pytest.mark.django_db(transaction=True)
def test_sealers_and_writers_at_once_leave_one_whole_chain() -> None:
    start = Barrier(6)

    def work(number: int) -> None:
        start.wait()
        for round_ in range(6):
            if number % 2:
                sealing.seal_due(now=LATER)
            else:
                with transaction.atomic():
                    recording.record(DOOR_OPENED, now=NOW + dt.timedelta(seconds=round_))
        connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    sealing.seal_due(now=LATER)
    found = verification.verify()
    assert (found.sealed, found.waiting, Entry.objects.count()) == (18, 0, 18)


@pytest.mark.django_db
def test_failure_that_no_other_sealer_explains_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed(1)
    write(1, now=LATER)
    monkeypatch.setattr(sealing, "_extend", lambda *_: Seal.objects.create(position=1, entry_id=entries()[1].id))
    with pytest.raises(IntegrityError):
        sealing.seal_due(now=LATER + sealing.HORIZON)


@pytest.mark.django_db
def test_tasks_seal_and_flush() -> None:
    write(2)
    assert (tasks.seal(), tasks.flush_floods()) == (2, 0)
    assert (tasks.seal.name, tasks.flush_floods.name) == ("audit.seal", "audit.flush_floods")
