"""What this app keeps of a person is shown to her, and nothing of it outlives her but that she wants no mail."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from kit.ids import uuid7
from kit.personal_data import Subject
from kit.tenants import HOUSE
from notifications import suppressions, testing
from notifications.models import (
    Attachment,
    Brand,
    Inbox,
    InboxItem,
    Message,
    Preference,
    PushTarget,
    QuietHours,
    Receipt,
    Suppression,
)
from notifications.personal_data import ERASER, EXPORTER
from notifications.testing import draft_for, make_message

pytestmark = pytest.mark.django_db

ANNA = Subject(id=uuid7(), names=frozenset({"anna@example.com", "+4915112345678"}))
BERTA = Subject(id=uuid7(), names=frozenset({"berta@example.com"}))


def settle(subject: Subject, now: datetime, address: str) -> Message:
    """Make something of each kind for a person; return a message to her that waits."""
    common = {"person": subject.id}
    message = make_message(now=now, due_at=now + timedelta(hours=1), to=[address], recipient=address)
    Preference.objects.create(**common, category="news", channel="email", allowed=False, updated_at=now)
    QuietHours.objects.create(**common, begins=1, ends=2, time_zone="UTC", updated_at=now)
    Inbox.objects.create(**common, seq=1)
    InboxItem.objects.create(**common, title=f"For {address}", created_at=now, changed_at=now, seq=1)
    PushTarget.objects.create(
        **common, driver=PushTarget.Driver.WEB, target="secret", digest=address, label=address, created_at=now
    )
    Attachment.objects.create(message=message, position=0, filename="a.pdf", size=1, content=b"x", content_type="x/y")
    at = {"occurred_at": now, "received_at": now}
    Receipt.objects.create(
        provider="p", event_id=str(message.pk), event="sent", message=message, recipient=address, detail=address, **at
    )
    suppressions.learn(
        tenant=HOUSE, channel="email", address=address, reason=Suppression.Reason.COMPLAINED, category="x", now=now
    )
    suppressions.learn(
        tenant=HOUSE, channel="sms", address=address, reason=Suppression.Reason.BOUNCED, detail=address, now=now
    )
    return message


def kept() -> str:
    """Return everything that the tables hold, as text."""
    models = (Message, Preference, QuietHours, Inbox, InboxItem, PushTarget, Attachment, Receipt, Suppression)
    return repr([list(model._default_manager.values()) for model in models])


def test_she_is_shown_all_that_is_kept(now: datetime) -> None:
    settle(ANNA, now, "anna@example.com")
    settle(BERTA, now, "berta@example.com")
    collected = EXPORTER.collect(ANNA)
    found = {name: len(rows) for name, rows in collected.items()}
    assert found.pop("not_written_to") == 2
    assert found.pop("messages_you_sent") == 0
    assert set(found.values()) == {1}
    assert "berta" not in repr(collected)
    assert "secret" not in repr(collected)


def test_nothing_of_her_is_left_and_nothing_of_others_gone(now: datetime) -> None:
    waiting = settle(ANNA, now, "anna@example.com")
    settle(BERTA, now, "berta@example.com")
    hers = EXPORTER.collect(BERTA)
    ERASER.erase(ANNA, now)
    assert "anna" not in kept()
    assert str(ANNA.id) not in kept()
    assert EXPORTER.collect(BERTA) == hers
    waiting.refresh_from_db()
    assert (waiting.status, waiting.due_at, waiting.files) == (Message.Status.CANCELLED, None, 0)
    assert testing.deliver_all(now + timedelta(hours=2))[0].to == ("berta@example.com",)


def test_who_wanted_no_mail_gets_none_after_she_was_erased(now: datetime) -> None:
    suppressions.learn(
        tenant=HOUSE, channel="email", address="anna@example.com", reason=Suppression.Reason.COMPLAINED, now=now
    )
    for _ in range(2):
        ERASER.erase(ANNA, now)
    draft = draft_for(None, now=now)
    suppressions.gate([draft], now)
    assert draft.closing == "complained"
    assert "anna" not in kept()
    assert not suppressions.learn(
        tenant=HOUSE, channel="email", address="anna@example.com", reason=Suppression.Reason.COMPLAINED, now=now
    )


def test_an_address_that_wants_no_mail_twice_over_is_kept_once(now: datetime) -> None:
    place = suppressions.Place("email", "anna@example.com")
    values: dict[str, Any] = {"channel": "email", "reason": Suppression.Reason.COMPLAINED, "created_at": now}
    for address in (place.address, suppressions.erased_name(place.address)):
        Suppression.objects.create(address=address, **values)
    ERASER.erase(ANNA, now)
    assert [row.address for row in Suppression.objects.all()] == [suppressions.erased_name(place.address)]


def test_what_a_worker_holds_is_not_written_back_to_life(now: datetime) -> None:
    message = make_message(now=now)
    [held] = Message.objects.all().claim(now=now, lease=timedelta(minutes=1), limit=1)
    ERASER.erase(ANNA, now)
    message.refresh_from_db()
    assert (message.status, message.to, message.fence > held.fence) == (Message.Status.CANCELLED, [], True)


@pytest.mark.parametrize(("sent", "status"), [(True, Message.Status.SENT), (False, Message.Status.CANCELLED)])
def test_a_message_that_only_she_was_left_of_does_not_go_to_the_others_again(
    now: datetime, *, sent: bool, status: str
) -> None:
    to = ["anna@example.com", "berta@example.com"]
    message = make_message(now=now, to=to, remaining=["anna@example.com"], sent_at=now if sent else None)
    ERASER.erase(ANNA, now)
    message.refresh_from_db()
    assert (message.status, message.due_at, message.to) == (status, None, ["berta@example.com"])
    assert testing.deliver_all(now + timedelta(hours=1)) == []


def test_of_staff_what_they_made_stays_without_them(now: datetime) -> None:
    Brand.objects.create(name="House", updated_at=now, updated_by=ANNA.id)
    ERASER.erase(ANNA, now)
    assert Brand.objects.get().updated_by is None
