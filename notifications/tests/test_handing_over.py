"""A run whose time is over while slow calls fly: codes go on beside them, nothing else begins, and it ends then."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from notifications import dispatching
from notifications.lanes import Lane
from notifications.models import Message
from notifications.providers.base import Email, Receipt
from notifications.testing import answers, make_message

pytestmark = pytest.mark.django_db(transaction=True)


class Call:
    """A call of a provider that lasts until it is let go."""

    def __init__(self) -> None:
        self.begun, self.let_go = threading.Event(), threading.Event()
        answers.append(self)

    def __call__(self, _: Email) -> Receipt:
        self.begun.set()
        assert self.let_go.wait(20)
        return Receipt()


@pytest.fixture
def over(now: datetime) -> Iterator[tuple[Any, Call]]:
    """Yield a run in its thread whose time is over, and its slow call."""
    call, run = Call(), dispatching._Run(lambda: now)
    make_message(now=now, lane=Lane.BULK)

    def work() -> None:
        run.drain()
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    assert call.begun.wait(20)
    run._ends = run._claims._ends = time.monotonic()
    yield thread, call
    call.let_go.set()
    thread.join(20)


def wait_for_sent(lane: Lane) -> None:
    deadline = time.monotonic() + 8
    while statuses()[lane] != "sent":
        assert time.monotonic() < deadline
        time.sleep(0.02)


def statuses() -> dict[int, str]:
    return dict(Message.objects.values_list("lane", "status"))


def test_code_goes_out_beside_a_slow_call_and_nothing_else_does(over: tuple[Any, Call], now: datetime) -> None:
    thread, slow = over
    make_message(now=now, lane=Lane.NORMAL)
    make_message(now=now, lane=Lane.URGENT)
    wait_for_sent(Lane.URGENT)
    slow.let_go.set()
    thread.join(20)
    assert not thread.is_alive()
    assert statuses() == {Lane.URGENT: "sent", Lane.NORMAL: "queued", Lane.BULK: "sent"}


def test_run_ends_however_many_codes_come(over: tuple[Any, Call], now: datetime) -> None:
    thread, slow = over
    code = Call()
    make_message(now=now, lane=Lane.URGENT)
    assert code.begun.wait(20)
    slow.let_go.set()
    wait_for_sent(Lane.BULK)
    next_code = make_message(now=now, lane=Lane.URGENT)
    code.let_go.set()
    thread.join(20)
    assert not thread.is_alive()
    assert Message.objects.get(pk=next_code.pk).status == "queued"
