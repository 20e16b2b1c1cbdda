"""POST /notify/sms and /notify/push: whom they reach, and which mistakes are told where."""

from typing import Any

import pytest

from kit.ids import uuid7
from notifications import testing
from notifications.lanes import Lane
from notifications.models import Message
from notifications.testing import deliver_all
from notifications.tests import people
from notifications.tests.callers import SEND, VIEW, CallerClient
from notifications.tests.notifying import API, SMS, carried, mistake, post, worded  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.urls("notifications.tests.urls")]

CRITICAL = "notifications.send_critical"
PUSH = {"to": "device-token-1", "title": "Your parcel", "body": "It is here.", "data": {"parcel": "7"}}


@pytest.fixture
def client() -> CallerClient:
    return CallerClient(SEND)


@pytest.mark.parametrize(("via", "channel"), [({}, "sms"), ({"via": "sms"}, "sms"), ({"via": "whatsapp"}, "whatsapp")])
def test_short_message_goes_by_the_way_that_is_named(client: CallerClient, via: dict[str, str], channel: str) -> None:
    answer = post(client, "/sms", SMS | via)
    assert (answer.status_code, answer.json()["channel"], answer.json()["to"]) == (202, channel, SMS["to"])
    deliver_all()
    [text] = testing.texts
    assert (text.channel, text.to, text.text) == (channel, SMS["to"], SMS["text"])


NUMBERS = ["+0", "+49151", "015112345678", "+49 151 12345678", "+4915112345678;ext=5", "+" + "4" * 15]
PAID = ["+19005551234", "+491805123456", "+448701234567", "+870773123456", "+8816123456789", "+979012345678"]


@pytest.mark.parametrize("number", [*NUMBERS, *PAID, "+49ABCDEFGH", "", "+\u0664\u0669151"])
def test_number_that_is_not_one_persons_in_its_one_form_is_refused(client: CallerClient, number: str) -> None:
    assert mistake(post(client, "/sms", SMS | {"to": number})) == (400, "to")
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [({"text": " "}, "text"), ({"text": "x" * 1601}, "text"), ({"via": "telegram"}, "via"), ({"to": ["x"]}, "to")],
)
def test_mistake_in_a_short_message_is_told_at_its_field(
    client: CallerClient, change: dict[str, Any], field: str
) -> None:
    assert mistake(post(client, "/sms", SMS | change)) == (400, field)


def test_channel_that_nobody_carries_is_told_before_anything_is_written(client: CallerClient, settings: Any) -> None:
    settings.NOTIFICATIONS_SMS_PROVIDERS = []
    answer = post(client, "/sms", SMS)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert not Message.objects.exists()


def test_push_goes_to_a_target_or_to_a_person_who_is_known(client: CallerClient) -> None:
    anna = people.new_person()
    assert post(client, "/push", PUSH).json()["to"] == "device-token-1"
    assert post(client, "/push", PUSH | {"to": str(anna)}).status_code == 202
    message = Message.objects.get(person=anna)
    assert (message.subject, message.text, message.data) == ("Your parcel", "It is here.", {"parcel": "7"})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"to": "https://example.com/x"}, "to"),
        ({"to": "json://localhost"}, "to"),
        ({"to": "a/b"}, "to"),
        ({"to": ""}, "to"),
        ({"title": ""}, "title"),
        ({"title": "a\nb"}, "title"),
        ({"body": "x" * 4001}, "body"),
        ({"data": {"a": 1}}, "data.a"),
        ({"data": {"k" * 65: "x"}}, "data"),
        ({"data": {"a": "x" * 1001}}, "data.a"),
        ({"data": {str(n): "x" for n in range(21)}}, "data"),
    ],
)
def test_mistake_in_a_push_message_is_told_at_its_field(
    client: CallerClient, change: dict[str, Any], field: str
) -> None:
    assert mistake(post(client, "/push", PUSH | change)) == (400, field)


def test_unknown_and_stopped_people_are_refused_alike(client: CallerClient) -> None:
    stopped = people.new_person(is_active=False)
    answers = [post(client, "/push", PUSH | {"to": str(person)}).json() for person in (uuid7(), stopped)]
    assert answers[0]["errors"] == answers[1]["errors"]
    assert answers[0]["errors"][0]["code"] == "unknown_person"


@pytest.mark.parametrize("path", ["/sms", "/push", "", "/batch"])
def test_caller_without_the_permission_is_refused(path: str) -> None:
    assert post(CallerClient(VIEW), path, SMS).status_code == 403


@pytest.mark.parametrize("category", ["security", "codes", "account"])
def test_category_that_nobody_can_switch_off_needs_a_permission_of_its_own(category: str) -> None:
    anna = people.new_person()
    body = PUSH | {"to": str(anna), "category": category}
    assert post(CallerClient(SEND), "/push", body).status_code == 403
    assert post(CallerClient(SEND, CRITICAL), "/push", body).status_code == 202
    assert Message.objects.get().lane == Lane.NORMAL


def test_dry_run_of_what_would_be_refused_is_refused(client: CallerClient) -> None:
    assert mistake(post(client, "/sms?dry_run=true", SMS | {"to": "+0"})) == (400, "to")
    assert mistake(post(client, "/sms?dry_run=maybe", SMS)) == (400, "dry_run")


def test_mail_may_be_held_to_domains(client: CallerClient, settings: Any) -> None:
    settings.NOTIFICATIONS_RECIPIENT_DOMAINS = ["example.com"]
    settings.NOTIFICATIONS_REPLY_TO_DOMAINS = ["Example.org"]
    mail = {"to": ["a@example.com"], "subject": "S", "text": "T", "reply_to": "b@EXAMPLE.org"}
    assert post(client, "/email", mail).status_code == 202
    for change in ({"to": ["a@example.com", "b@sub.example.com"]}, {"reply_to": "b@example.com"}):
        answer = post(client, "/email", mail | change)
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
