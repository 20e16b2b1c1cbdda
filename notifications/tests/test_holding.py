"""What a worker holds and has not begun: it begins only what is still its own, and holds on to what it has begun."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from kit.ids import uuid7
from kit.personal_data import Subject
from notifications import dispatching, personal_data
from notifications.lanes import Lane
from notifications.models import Message, ProviderState
from notifications.providers.base import Email, Receipt
from notifications.testing import answers, deliver_all, make_message, sent

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = timedelta(minutes=1)


def erase(message: Message) -> None:
    anna = Subject(id=uuid7(), names=frozenset({"anna@example.com"}))
    personal_data.ERASER.erase(anna, message.created_at)


def lose(message: Message) -> None:
    Message.objects.filter(pk=message.pk).update(lease_until=Now() - MINUTE)


def let_another_claim(message: Message) -> None:
    Message.objects.filter(pk=message.pk).update(lease_until=Now() + MINUTE, fence=F("fence") + 1)


def cut_in(act: Callable[[], object]) -> None:
    """Do something while the first message is with its provider, and the second is held and waits."""

    def answer(_: Email) -> Receipt:
        act()
        connection.close()
        return Receipt()

    answers.append(answer)


def to_of_mails() -> list[tuple[UUID, tuple[str, ...]]]:
    return [(mail.id, mail.to) for mail in sent]


@pytest.fixture
def first(now: datetime, settings: Any) -> Message:
    """Return a message that goes out alone, before any other."""
    settings.NOTIFICATIONS_THREADS = 2
    return make_message(now=now, to=["first@example.com"], recipient="first@example.com", due_at=now - MINUTE)


@pytest.mark.parametrize("take", [erase, let_another_claim])
def test_what_is_not_ours_any_more_is_not_begun(take: Any, first: Message, now: datetime) -> None:
    message = make_message(now=now)
    cut_in(lambda: take(message))
    deliver_all(now)
    assert to_of_mails() == [(first.pk, ("first@example.com",))]
    assert not message.attempts.exists()


def test_what_was_held_for_longer_than_its_lease_is_claimed_anew(first: Message, now: datetime) -> None:
    message = make_message(now=now)
    cut_in(lambda: lose(message))
    deliver_all(now)
    assert [mail.id for mail in sent] == [first.pk, message.pk]
    assert message.attempts.get().claim == 2


def test_person_who_was_taken_out_of_a_mail_is_not_in_it(first: Message, now: datetime) -> None:
    message = make_message(now=now, to=["anna@example.com", "berta@example.com"])
    cut_in(lambda: erase(message))
    deliver_all(now)
    assert to_of_mails()[1:] == [(message.pk, ("berta@example.com",))]


def test_message_that_was_to_probe_and_is_gone_gives_the_probe_back(now: datetime) -> None:
    ProviderState.objects.create(name="recording", breaker="open", open_until=now - MINUTE, updated_at=now)
    message = make_message(now=now)

    def execute(run: Any, sql: str, *rest: Any) -> Any:
        done = run(sql, *rest)
        if "half_open" in map(str, rest[0] or ()):
            Message.objects.filter(pk=message.pk).update(due_at=None, fence=F("fence") + 1)
        return done

    with connection.execute_wrapper(execute):
        deliver_all(now)
    assert (sent, ProviderState.objects.get().probe_until) == ([], None)


def test_lease_of_a_call_that_lasts_longer_is_renewed(now: datetime) -> None:
    message, begun, let_go = make_message(now=now, lane=Lane.BULK), threading.Event(), threading.Event()
    run = dispatching._Run(lambda: now)

    def answer(_: Email) -> Receipt:
        begun.set()
        assert let_go.wait(20)
        return Receipt()

    answers.append(answer)
    thread = threading.Thread(target=in_a_thread, args=(run,))
    thread.start()
    assert begun.wait(20)
    lose(message)
    [job] = run._flights.flying
    job.leased -= MINUTE.total_seconds()
    deadline = time.monotonic() + 8
    while not Message.objects.filter(lease_until__gt=Now()).exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    let_go.set()
    thread.join(20)
    assert Message.objects.get().status == "sent"


def in_a_thread(run: Any) -> None:
    run.drain()
    connection.close()
