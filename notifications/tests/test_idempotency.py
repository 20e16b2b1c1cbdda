"""Idempotency keys under parallel use, on a real database and several connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection

from audit.models import Entry
from kit.ids import uuid7
from notifications import accepting, idempotency
from notifications.drafting import Sender
from notifications.idempotency import IdempotencyMismatch
from notifications.models import IdempotencyKey, Message
from notifications.placing import Answer, Call
from notifications.requests.base import MessageRequest

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 50


def accept(caller: UUID, now: datetime, text: str = "Once.") -> Answer | str:
    request = MessageRequest(to=("anna@example.com",), subject="Once", text=text)
    call = Call(sender=Sender(caller=caller), now=now, key=idempotency.key_of("k", text))
    try:
        return accepting.accept(call, request)
    except IdempotencyMismatch as refusal:
        return refusal.code


def at_once(call: Callable[[int], object]) -> list[object]:
    """Call from many threads at the same moment; return what each call returned."""
    barrier = Barrier(MANY)

    def run(number: int) -> object:
        barrier.wait()
        try:
            return call(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(run, range(MANY)))


def test_parallel_requests_under_one_key_make_one_message_and_get_one_answer(now: datetime) -> None:
    caller = uuid7()
    accepted = [one for one in at_once(lambda _: accept(caller, now)) if isinstance(one, Answer)]
    assert len(accepted) == MANY
    assert {(one.only.message.pk, one.only.status, one.only.message.created_at) for one in accepted} == {
        (Message.objects.get().pk, "queued", now)
    }
    assert sum(one.replayed for one in accepted) == MANY - 1
    assert Entry.objects.count() == 1


def test_parallel_requests_that_differ_leave_one_winner(now: datetime) -> None:
    caller = uuid7()
    outcomes = at_once(lambda number: accept(caller, now, text=f"Text {number}."))
    assert outcomes.count("idempotency_mismatch") == MANY - 1
    assert Message.objects.count() == 1


def test_purge_forgets_keys_after_a_day_and_keeps_their_messages(now: datetime) -> None:
    accept(uuid7(), now)
    assert idempotency.purge(now) == 0
    assert idempotency.purge(now + idempotency.LIFETIME) == 1
    assert (IdempotencyKey.objects.count(), Message.objects.count()) == (0, 1)
