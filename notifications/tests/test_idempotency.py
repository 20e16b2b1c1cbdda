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
from kit.origin import NOWHERE
from notifications import idempotency, sending
from notifications.emails import EmailRequest
from notifications.idempotency import IdempotencyMismatch
from notifications.models import IdempotencyKey, Message
from notifications.sending import Accepted

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 20


def accept(caller: UUID, now: datetime, text: str = "Once.") -> Accepted | str:
    request = EmailRequest(to=("anna@example.com",), subject="Once", text=text)
    try:
        return sending.accept_email(caller=caller, request=request, idempotency_key="k", now=now, origin=NOWHERE)
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
    accepted = [one for one in at_once(lambda _: accept(caller, now)) if isinstance(one, Accepted)]
    assert len(accepted) == MANY
    assert {(one.message.pk, one.status, one.message.created_at) for one in accepted} == {
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
