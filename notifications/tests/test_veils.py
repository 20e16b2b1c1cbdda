"""Where people are reached who are written to by their ids: told to whoever may see people, and to no caller else."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from notifications.models import Attempt, Message, Receipt
from notifications.testing import make_template, publish_wording
from notifications.tests import people
from notifications.tests.callers import SEND, VIEW, CallerClient
from notifications.wording.defaults import Sources

pytestmark = [pytest.mark.django_db, pytest.mark.urls("notifications.tests.urls")]

ADDRESS, NUMBER = "anna@example.com", "+4915112345678"
API, PEOPLE = "/api/v1/notify", "accounts.view_user"


@pytest.fixture(autouse=True)
def _people(settings: Any, now: datetime) -> Iterator[None]:
    settings.NOTIFICATIONS_RECIPIENTS = people.RESOLVER
    make_template("parcel", {"number": 7}, now=now)
    for channel, subject in (("email", "Parcel"), ("sms", "")):
        publish_wording("parcel", Sources(subject=subject, text="No. {{ number }}"), now=now, channel=channel)
    yield
    people.contacts.clear()


@pytest.fixture
def anna() -> UUID:
    return people.new_person(email=ADDRESS, phone=NUMBER)


def notify(client: CallerClient, anna: UUID, query: str = "") -> Any:
    """Send a template to a person."""
    body = {"user": str(anna), "template": "parcel", "context": {"number": 7}}
    return client.post(API + query, body, format="json", headers={"Idempotency-Key": "parcel-7"})


def told(now: datetime) -> list[Message]:
    """Have a provider name the address in what it says, and return the messages."""
    sent = list(Message.objects.all())
    for message in sent:
        said = {"provider": "smtp", "detail": f"550 no such user: {message.recipient}"}
        Attempt.objects.create(message=message, claim=1, outcome="refused", error="x", started_at=now, **said)
        Receipt.objects.create(
            message=message, event="bounced", event_id=str(message.pk), occurred_at=now, received_at=now, **said
        )
    return sent


def test_caller_is_told_the_persons_id_and_never_her_address(anna: UUID, now: datetime) -> None:
    client = CallerClient(SEND)
    answers = [notify(client, anna, "?dry_run=true"), notify(client, anna), notify(client, anna)]
    assert [answer.status_code for answer in answers] == [200, 202, 202]
    assert {one["to"] for answer in answers for one in answer.json()["messages"]} == {str(anna)}
    sent = told(now)
    answers += [client.get(f"{API}/messages"), *(client.see(message.pk) for message in sent)]
    answers.append(client.post(f"{API}/messages/{sent[0].pk}/cancel", {}, format="json"))
    answers.append(client.post(f"{API}/messages/{sent[0].pk}/resend", {}, format="json"))
    assert [answer.status_code for answer in answers[3:]] == [200, 200, 200, 200, 202]
    assert not [answer for answer in answers if ADDRESS in answer.content.decode() or NUMBER in answer.content.decode()]


def test_whoever_may_see_people_is_told_where_they_are_reached(anna: UUID, now: datetime) -> None:
    client = CallerClient(SEND, PEOPLE)
    assert {one["to"] for one in notify(client, anna).json()["messages"]} == {ADDRESS, NUMBER}
    mail = told(now)[-1]
    assert client.see(mail.pk).json()["attempts"][0]["detail"].endswith(ADDRESS)
    assert found(client, ADDRESS) == 1


def test_whoever_sees_all_messages_is_shown_no_address_that_others_gave(now: datetime) -> None:
    sender, everybody = CallerClient(SEND), CallerClient(SEND, VIEW)
    mail = sender.send_email({"to": ADDRESS, "subject": "Numbers", "text": "They are here."}).json()["id"]
    told(now)
    shown = everybody.see(mail).json()
    assert (shown["to"], {one["detail"] for one in shown["attempts"]}, found(everybody, ADDRESS)) == ([], {""}, 0)
    assert everybody.get(f"{API}/messages").json()["results"][0]["to"] == []
    assert (sender.see(mail).json()["to"], found(sender, ADDRESS)) == (ADDRESS, 1)
    assert (CallerClient(VIEW, PEOPLE).see(mail).json()["to"], found(CallerClient(VIEW, PEOPLE), ADDRESS)) == (
        ADDRESS,
        1,
    )


def found(client: CallerClient, recipient: str) -> int:
    """Return how many messages are listed for a recipient."""
    return len(client.get(f"{API}/messages", {"recipient": recipient}).json()["results"])


def test_addresses_cannot_be_tried_out_by_looking_for_them(anna: UUID) -> None:
    client = CallerClient(SEND)
    notify(client, anna)
    assert [found(client, asked) for asked in (ADDRESS, NUMBER, str(anna))] == [0, 0, 2]
    client.send_email({"to": ADDRESS, "subject": "Numbers", "text": "They are here."})
    assert [found(client, asked) for asked in (ADDRESS, str(anna))] == [1, 2]
