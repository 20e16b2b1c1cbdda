"""What was erased or forgotten stays so: neither staff, nor a caller, nor a provider's late report brings it back."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from kit.errors import Conflict
from kit.ids import uuid7
from kit.origin import NOWHERE
from kit.personal_data import Subject
from notifications import messages, receipts, retention, retrying, suppressions
from notifications.drafting import Sender
from notifications.models import Attempt, Message, Receipt, Suppression
from notifications.personal_data import ERASER
from notifications.placing import Call
from notifications.testing import deliver_all, make_message, sent

pytestmark = pytest.mark.django_db

Status = Message.Status
ANNA = Subject(id=uuid7(), names=frozenset({"anna@example.com"}))
DONE: dict[str, Any] = {"due_at": None, "status": Status.SENT}


def erased(now: datetime, **fields: Any) -> Message:
    """Make a message that the second provider took, and erase the person that it was for."""
    message = make_message(now=now, **{**DONE, "sent_at": now, **fields})
    Attempt.objects.create(message=message, claim=1, provider="second", outcome="accepted", started_at=now)
    ERASER.erase(ANNA, now)
    return message


def tell(message: Message, event: str, now: datetime) -> None:
    receipts.take(
        provider="second",
        event_id=event,
        event=Receipt.Event(event),
        message_id=message.pk,
        recipient="anna@example.com",
        detail="Mailbox of Anna",
        occurred_at=now,
        now=now,
    )


@pytest.mark.parametrize("kind", ["", "notifications.greeting"])
def test_what_was_erased_is_blanked_and_not_tried_again(kind: str, now: datetime) -> None:
    message = erased(now, kind=kind, status=Status.FAILED, sent_at=None)
    with pytest.raises(Conflict):
        retrying.retry(message=message, actor=uuid7(), now=now, origin=NOWHERE, reason="Asked for")
    message.refresh_from_db()
    assert (message.blanked_at, message.to, message.status) == (now, [], Status.FAILED)


def test_what_is_erased_while_a_caller_has_it_sent_once_more_is_not_sent(now: datetime) -> None:
    read_before = make_message(now=now, **DONE)
    erased(now)
    with pytest.raises(Conflict):
        messages.resend(Call(sender=Sender(caller=uuid7()), now=now), read_before)
    assert not Message.objects.filter(resent_from=read_before.pk).exists()


@pytest.mark.parametrize("event", ["accepted", "sent", "failed", "bounced", "delivered"])
@pytest.mark.parametrize("in_doubt", ["", "second"])
def test_no_late_report_brings_it_back(event: str, in_doubt: str, now: datetime, settings: Any) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = ["notifications.testing.RecordingProvider"]
    message = erased(now, in_doubt=in_doubt, status=Status.FAILED if in_doubt else Status.SENT)
    tell(message, event, now)
    message.refresh_from_db()
    assert (message.due_at, message.status in (Status.QUEUED, Status.SENDING)) == (None, False)
    assert deliver_all(now + timedelta(hours=1)) == sent == []
    assert "nna" not in repr(list(Receipt.objects.values())) + repr(list(Suppression.objects.values()))


def test_a_late_complaint_of_somebody_erased_is_heeded_under_a_digest(now: datetime) -> None:
    tell(erased(now), "complained", now)
    held = Suppression.objects.get()
    assert (held.address, held.reason) == (suppressions.erased_name("anna@example.com"), "complained")


def test_what_staff_put_back_into_the_queue_is_not_forgotten_at_that_moment(now: datetime) -> None:
    waits, done = make_message(now=now), make_message(now=now, **DONE)
    retention._blank([waits.pk, done.pk], now)
    assert dict(Message.objects.values_list("pk", "blanked_at")) == {waits.pk: None, done.pk: now}
    retention._delete([waits.pk, done.pk])
    assert list(Message.objects.values_list("pk", flat=True)) == [waits.pk]


def test_words_that_are_forgotten_are_not_sent_for_a_late_report(now: datetime, settings: Any) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [
        f"notifications.tests.scripted.{name}Provider" for name in ("Second", "Plain")
    ]
    message = make_message(now=now, **DONE, blanked_at=now, to=["anna@example.com", "berta@example.com"])
    Attempt.objects.create(message=message, claim=1, provider="second", outcome="accepted", started_at=now)
    tell(message, "failed", now)
    message.refresh_from_db()
    assert (message.due_at, message.status, message.failure) == (None, Status.SENT, "partial")
