"""The dispatcher: what goes out, in which order, and what follows from each way in which a provider fails."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import override_settings

from notifications import dispatching, ledger
from notifications.lanes import PATIENCE, Lane
from notifications.models import Attempt, Message
from notifications.providers.base import (
    Ambiguous,
    Email,
    Misconfigured,
    Permanent,
    RateLimited,
    Receipt,
    SendingFailed,
    Transient,
)
from notifications.testing import answers, deliver_all, make_message, sent

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def attempts(message: Message) -> list[tuple[str, str, str]]:
    return list(message.attempts.values_list("provider", "outcome", "error"))


def refreshed(message: Message) -> Message:
    message.refresh_from_db()
    return message


def test_due_message_is_sent_once_and_is_done_with(now: datetime) -> None:
    message = make_message(now=now)
    assert [mail.id for mail in deliver_all(now)] == [message.pk]
    assert deliver_all(now + HOUR) == []
    refreshed(message)
    assert (message.status, message.sent_at, message.due_at, message.lease_until) == ("sent", now, None, None)
    assert attempts(message) == [("recording", "accepted", "")]


@pytest.mark.django_db(transaction=True)
def test_attempt_is_on_record_before_the_provider_is_called(now: datetime) -> None:
    message = make_message(now=now)
    seen: list[list[tuple[str, str, str]]] = []

    def look(mail: Email) -> Receipt:
        seen.append(attempts(message))
        connection.close()
        return Receipt()

    answers.append(look)
    deliver_all(now)
    assert seen == [[("recording", "open", "")]]


@pytest.mark.parametrize(
    ("failure", "outcome", "error"),
    [
        (Transient("connection_failed"), "deferred", "connection_failed"),
        (Misconfigured("login_refused"), "misconfigured", "login_refused"),
        (Ambiguous(), "unknown", "unknown"),
        (KeyError("a bug of the provider"), "unknown", "provider_fault"),
    ],
)
def test_failure_that_may_pass_is_tried_again_later(
    failure: Exception, outcome: str, error: str, now: datetime
) -> None:
    message = make_message(now=now)
    answers.append(failure)
    assert deliver_all(now) == []
    assert (refreshed(message).status, attempts(message)) == ("queued", [("recording", outcome, error)])
    assert message.due_at is not None
    assert now <= message.due_at <= now + PATIENCE[Lane.NORMAL].first_pause
    assert len(deliver_all(now + HOUR)) == 1
    assert refreshed(message).status == "sent"


def test_refusal_for_good_fails_the_message_with_its_reason(now: datetime) -> None:
    message = make_message(now=now)
    answers.append(Permanent("recipient_refused", "550 5.1.1 No such user"))
    deliver_all(now)
    assert (refreshed(message).status, message.failure, message.due_at) == ("failed", "recipient_refused", None)
    assert message.attempts.get().detail == "550 5.1.1 No such user"


def test_bulk_mail_that_may_have_gone_out_is_not_sent_twice(now: datetime) -> None:
    message = make_message(now=now, lane=Lane.BULK)
    answers.append(Ambiguous("connection_lost_after_data"))
    deliver_all(now)
    assert (refreshed(message).status, message.failure) == ("failed", "unknown")


def test_provider_that_names_its_pause_is_obeyed(now: datetime) -> None:
    message = make_message(now=now)
    answers.append(RateLimited(retry_after=120))
    deliver_all(now)
    assert refreshed(message).due_at == now + timedelta(seconds=120)


def test_message_is_given_up_at_its_own_end_and_not_before(now: datetime) -> None:
    message = make_message(now=now, expires_at=now + HOUR)
    answers.extend([Transient("connection_failed")] * 2)
    deliver_all(now)
    assert refreshed(message).status == "queued"
    deliver_all(now + HOUR - timedelta(microseconds=1))
    assert refreshed(message).status in ("failed", "queued")
    deliver_all(now + HOUR)
    assert refreshed(message).status == "failed"
    assert sent == []


def test_expired_message_is_not_even_tried(now: datetime) -> None:
    message = make_message(now=now, expires_at=now)
    assert deliver_all(now) == []
    assert (refreshed(message).failure, attempts(message)) == ("expired", [])


@override_settings(
    NOTIFICATIONS_EMAIL_PROVIDERS=[
        "notifications.testing.RecordingProvider",
        "notifications.testing.SecondProvider",
    ]
)
@pytest.mark.parametrize(
    ("failure", "tried"),
    [
        (Transient(), ["recording", "second"]),
        (Misconfigured(), ["recording", "second"]),
        (Permanent(), ["recording"]),
        (Ambiguous(), ["recording"]),
    ],
)
def test_next_provider_tries_at_once_what_the_first_surely_did_not_take(
    failure: SendingFailed, tried: list[str], now: datetime
) -> None:
    message = make_message(now=now)
    answers.append(failure)
    deliver_all(now)
    assert [provider for provider, _, _ in attempts(message)] == tried


def test_only_recipients_who_were_put_off_are_tried_again(now: datetime) -> None:
    message = make_message(now=now, to=["a@example.com", "b@example.com", "c@example.com"])
    answers.append(Receipt(refused=("a@example.com",), deferred=("c@example.com",)))
    deliver_all(now)
    assert (refreshed(message).status, message.remaining) == ("queued", ["c@example.com"])
    [mail] = deliver_all(now + HOUR)
    assert (mail.to, refreshed(message).status) == (("c@example.com",), "sent")
    assert message.attempts.first().detail == "1 refused, 1 deferred: a@example.com, c@example.com"  # type: ignore[union-attr]


@override_settings(NOTIFICATIONS_EMAIL_PROVIDERS=[])
def test_message_without_a_provider_waits_for_one(now: datetime) -> None:
    message = make_message(now=now)
    deliver_all(now)
    assert (refreshed(message).status, message.due_at, message.claims, message.tries) == ("queued", now, 0, 0)
    assert not dispatching.is_due(now)


def test_moments_are_those_of_the_database(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    message = make_message(now=now)
    monkeypatch.setattr(dispatching._time, "ahead", HOUR)
    monkeypatch.setattr(dispatching._time, "look", lambda _: None)
    assert dispatching.is_due(now - HOUR)
    assert not dispatching.is_due(now - HOUR - timedelta(seconds=1))
    deliver_all(now - HOUR)
    assert (refreshed(message).status, message.sent_at) == ("sent", now)


def abandon(message: Message, now: datetime) -> None:
    """Leave a message as a worker does that is killed in the middle of sending it."""
    [claimed] = Message.objects.claim(now=now, lease=timedelta(minutes=1), limit=1, status=Message.Status.SENDING)
    assert claimed.pk == message.pk
    Attempt.objects.create(message=message, claim=claimed.fence, provider="recording", started_at=now)
    dispatching.recover()


def test_message_of_a_killed_worker_is_sent_again_and_its_attempt_is_called_unknown(now: datetime) -> None:
    message = make_message(now=now)
    abandon(message, now)
    assert len(deliver_all(now)) == 1
    assert attempts(message) == [("recording", "unknown", "worker_lost"), ("recording", "accepted", "")]


def test_message_that_is_leased_is_left_alone(now: datetime) -> None:
    make_message(now=now)
    Message.objects.claim(now=now, lease=timedelta(minutes=1), limit=1)
    assert not dispatching.is_due(now)
    assert deliver_all(now) == []


def test_message_that_keeps_killing_its_worker_is_given_up(now: datetime) -> None:
    message = make_message(now=now)
    for _ in range(ledger.POISON_ATTEMPTS):
        abandon(message, now)
    deliver_all(now)
    assert (refreshed(message).status, message.failure, sent) == ("failed", "poison", [])


def test_message_that_only_waited_in_killed_workers_is_not_given_up(now: datetime) -> None:
    message = make_message(now=now)
    for _ in range(20):
        Message.objects.claim(now=now, lease=timedelta(minutes=1), limit=1)
        dispatching.recover()
    assert [mail.id for mail in deliver_all(now)] == [message.pk]


def blocking(started: threading.Semaphore, release: threading.Event) -> Callable[[Email], Receipt]:
    def answer(mail: Email) -> Receipt:
        started.release()
        assert release.wait(10)
        return Receipt()

    return answer


def deliver_and_hang_up(now: datetime) -> None:
    deliver_all(now)
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_urgent_message_overtakes_bulk_that_fills_every_other_thread(now: datetime) -> None:
    bulk = [make_message(now=now, lane=Lane.BULK) for _ in range(60)]
    started, release = threading.Semaphore(0), threading.Event()
    answers.extend([blocking(started, release)] * 12)
    worker = threading.Thread(target=deliver_and_hang_up, args=(now,))
    worker.start()
    for _ in range(12):
        assert started.acquire(timeout=10)
    code = make_message(now=now, lane=Lane.URGENT)
    for _ in range(100):
        worker.join(0.05)
        if sent:
            break
    assert [mail.id for mail in sent] == [code.pk]
    release.set()
    worker.join(20)
    assert {mail.id for mail in sent} == {code.pk, *(message.pk for message in bulk)}


@pytest.mark.django_db(transaction=True)
def test_bell_is_heard_while_all_that_is_sent_is_slow(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatching, "CLAIM_INTERVAL", 60)
    make_message(now=now, lane=Lane.BULK)
    started, release = threading.Semaphore(0), threading.Event()
    answers.append(blocking(started, release))
    worker = threading.Thread(target=deliver_and_hang_up, args=(now,))
    worker.start()
    assert started.acquire(timeout=10)
    code, heard = make_message(now=now, lane=Lane.URGENT), threading.Event()

    def hear(_: Email) -> Receipt:
        heard.set()
        return Receipt()

    answers.append(hear)
    dispatching.drain(lambda: now)
    assert heard.wait(4)
    release.set()
    worker.join(20)
    assert sent[0].id == code.pk
