"""What workers do, called as Celery calls it."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from notifications import bell, sending, tasks
from notifications.models import Message
from notifications.testing import GREETING, make_message, sent

pytestmark = pytest.mark.django_db


class Rope:
    """Stands where a task stands, and counts how often it is asked for."""

    pulled = 0

    def apply_async(self, **options: Any) -> None:
        Rope.pulled += 1


ROPE = Rope()


def test_dispatch_sends_what_is_due() -> None:
    make_message()
    tasks.dispatch()
    assert len(sent) == 1


def test_idle_sweep_asks_the_database_one_question() -> None:
    with CaptureQueriesContext(connection) as queries:
        tasks.sweep()
    assert len(queries) == 1


def test_sweep_sends_what_the_bell_missed() -> None:
    make_message()
    tasks.sweep()
    assert Message.objects.get().status == "sent"


@pytest.mark.django_db(transaction=True)
def test_bell_rings_when_a_message_is_committed_and_not_before(settings: Any, now: Any) -> None:
    settings.NOTIFICATIONS_BELL = "notifications.tests.test_tasks.ROPE"
    Rope.pulled = 0
    with transaction.atomic():
        sending.send(kind=GREETING, to="anna@example.com", reference=None, now=now)
        assert Rope.pulled == 0
    assert Rope.pulled == 1


def test_run_that_is_out_of_time_gives_back_what_it_did_not_begin_and_rings(settings: Any) -> None:
    settings.NOTIFICATIONS_BELL = "notifications.tests.test_tasks.ROPE"
    settings.NOTIFICATIONS_RUN_SECONDS = 0
    Rope.pulled = 0
    make_message()
    tasks.dispatch()
    assert (Rope.pulled, sent) == (1, [])
    bell.ring()
    assert Rope.pulled == 2
