"""Polling: messages go out while no task comes, and nobody looks twice while tasks do."""

import threading
from typing import Any

import pytest
from django.db import OperationalError

from notifications import polling, tasks
from notifications.models import Message
from notifications.polling import EAR, Poller
from notifications.testing import make_message

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EAR, "heard_at", 0.0)


@pytest.mark.django_db(transaction=True)
def test_without_a_task_the_queue_is_looked_at_all_the_same() -> None:
    make_message()
    assert Poller(tasks.look_by_ourselves).look()
    assert Message.objects.get().status == "sent"


@pytest.mark.parametrize("task", [tasks.sweep, tasks.dispatch])
def test_while_tasks_come_nobody_else_looks(task: Any) -> None:
    task()
    looks: list[int] = []
    assert not Poller(lambda: looks.append(1)).look()
    assert looks == []


def test_a_database_that_is_away_ends_no_poller() -> None:
    def fail() -> None:
        raise OperationalError

    assert Poller(fail).look()


def test_it_looks_until_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "EVERY", 0.001)
    looked = threading.Event()
    poller = Poller(looked.set)
    poller.start()
    assert looked.wait(5)
    poller.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "polling"]
