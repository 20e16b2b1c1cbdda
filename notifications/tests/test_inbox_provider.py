"""The inbox as a way out: through the dispatcher like all others, on a thread of its own connection."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kit.ids import uuid7
from notifications import inbox, testing
from notifications.models import InboxItem, Message
from notifications.providers.base import Permanent, Push
from notifications.providers.inbox import InboxProvider
from notifications.testing import make_message
from notifications.tests.fakes.mails import doubt

Status = Message.Status


def message_to(person: Any, **fields: Any) -> Message:
    """Make a message for a person's inbox."""
    return make_message(channel="inbox", to=[str(person)], recipient=str(person), **fields)


def outgoing(message: Message, **fields: Any) -> Push:
    """Return what the dispatcher hands over for a message."""
    values = {"to": message.to[0], "title": message.subject, "body": message.text, "at": message.created_at}
    return Push(id=message.pk, **values | fields)


@pytest.mark.django_db(transaction=True)
def test_message_goes_through_the_dispatcher_into_the_inbox(now: datetime) -> None:
    person = uuid7()
    message = message_to(person, now=now, category="news", data={"url": "/invoices/7", "number": "7"})
    testing.deliver_all(now)
    message.refresh_from_db()
    assert message.status == Status.SENT
    item = InboxItem.objects.get(person=person)
    assert (item.title, item.body, item.category) == ("Hello", "Hello, Anna.", "news")
    assert (item.url, item.data, item.message_id) == ("/invoices/7", {"number": "7"}, message.pk)
    assert message.attempts.get().provider_id == str(item.pk)
    assert inbox.state(person).unread == 1


@pytest.mark.django_db(transaction=True)
def test_message_to_nobody_is_refused_for_good(now: datetime) -> None:
    message = message_to("anna@example.com", now=now)
    testing.deliver_all(now)
    message.refresh_from_db()
    assert (message.status, message.failure) == (Status.FAILED, "no_person")
    assert not InboxItem.objects.exists()


@pytest.mark.django_db
def test_message_that_is_gone_is_refused(now: datetime) -> None:
    message = message_to(uuid7(), now=now)
    gone = outgoing(message)
    message.delete()
    with pytest.raises(Permanent) as refusal:
        InboxProvider().send_push(gone)
    assert refusal.value.code == "no_such_message"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "ended",
    [
        {"status": Status.CANCELLED},
        {"status": Status.SUPPRESSED},
        {"status": Status.FAILED},
        {"blanked_at": datetime(2026, 11, 1, tzinfo=UTC)},
    ],
)
def test_message_that_was_called_back_or_forgotten_meanwhile_is_not_written(
    ended: dict[str, Any], now: datetime
) -> None:
    message = message_to(uuid7(), now=now)
    composed = outgoing(message)
    Message.objects.filter(pk=message.pk).update(**ended)
    with pytest.raises(Permanent, match="no_such_message"):
        InboxProvider().send_push(composed)
    assert not InboxItem.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("status", [Status.QUEUED, Status.SENDING, Status.SENT])
def test_message_that_is_under_way_is_written(status: Status, now: datetime) -> None:
    message = message_to(uuid7(), now=now, status=status)
    InboxProvider().send_push(outgoing(message))
    assert InboxItem.objects.get().message_id == message.pk


@pytest.mark.django_db
def test_message_can_be_looked_up_and_is_written_once(now: datetime) -> None:
    provider, message = InboxProvider(), message_to(uuid7(), now=now)
    assert provider.guarantees.keys
    assert provider.guarantees.looks_up
    assert provider.find(outgoing(message), doubt()) is None
    receipt = provider.send_push(outgoing(message))
    assert provider.send_push(outgoing(message)) == provider.find(outgoing(message), doubt()) == receipt


@pytest.mark.django_db
def test_message_without_a_title_has_its_first_line_for_one(now: datetime) -> None:
    message = message_to(uuid7(), now=now)
    InboxProvider().send_push(outgoing(message, title="", body="First\nsecond\nthird\n"))
    item = InboxItem.objects.get()
    assert (item.title, item.body) == ("First", "second\nthird")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("/invoices/7?x=1#y", True),
        ("https://app.example.com/a", True),
        ("http://127.0.0.1:8000/", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        ("java\tscript:alert(1)", False),
        ("data:text/html,x", False),
        ("//evil.example/x", False),
        ("/\\evil.example/x", False),
        ("https:evil.example", False),
        ("http://[", False),
        ("invoices", False),
        ("/" + "a" * 500, False),
    ],
)
def test_item_leads_only_where_a_page_may_link_to(url: str, kept: bool, now: datetime) -> None:
    message = message_to(uuid7(), now=now)
    InboxProvider().send_push(outgoing(message, data={"url": url}))
    assert InboxItem.objects.get().url == (url if kept else "")
