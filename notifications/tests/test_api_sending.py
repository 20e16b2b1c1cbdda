"""POST /notify/sms, /notify/push and /notify, and what a dry run tells."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from audit.models import Entry
from audit.testing import the_entry
from kit.ids import uuid7
from notifications import testing
from notifications.lanes import Lane
from notifications.models import IdempotencyKey, Message, Preference, Suppression
from notifications.testing import deliver_all, make_template, publish_wording
from notifications.tests import people
from notifications.tests.callers import SEND, VIEW, CallerClient
from notifications.wording.defaults import Sources

pytestmark = [pytest.mark.django_db, pytest.mark.urls("notifications.tests.urls")]

CRITICAL = "notifications.send_critical"
API = "/api/v1/notify"
SMS = {"to": "+4915112345678", "text": "Your parcel is here."}
PUSH = {"to": "device-token-1", "title": "Your parcel", "body": "It is here.", "data": {"parcel": "7"}}


@pytest.fixture(autouse=True)
def _people(settings: Any) -> Iterator[None]:
    settings.NOTIFICATIONS_RECIPIENTS = people.RESOLVER
    for channel in ("WHATSAPP", "PUSH"):
        setattr(settings, f"NOTIFICATIONS_{channel}_PROVIDERS", ["notifications.testing.RecordingProvider"])
    yield
    people.contacts.clear()


@pytest.fixture
def client() -> CallerClient:
    return CallerClient(SEND)


def post(client: Client, path: str, body: dict[str, Any], **headers: str) -> Any:
    return client.post(API + path, body, format="json", headers=headers)


def mistake(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["field"]


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


def worded(now: datetime, *channels: str, category: str = "") -> None:
    make_template("parcel", {"number": "7"}, now=now, category=category)
    for channel in channels:
        title = "" if channel in {"sms", "whatsapp"} else "Parcel {{ number }}"
        publish_wording("parcel", Sources(subject=title, text="No. {{ number }}"), now=now, channel=channel)


NOTICE = {"template": "parcel", "context": {"number": 4711}}


def test_notice_goes_out_on_each_channel_that_the_template_has(client: CallerClient, now: datetime) -> None:
    worded(now, "email", "sms", "push", "inbox")
    anna = people.new_person(phone="+4915112345678")
    answer = post(client, "", NOTICE | {"user": str(anna)})
    assert (answer.status_code, answer.json()["left_out"]) == (202, [])
    assert [one["channel"] for one in answer.json()["messages"]] == ["email", "sms", "push", "inbox"]
    assert set(Message.objects.values_list("person", "template")) == {(anna, "parcel")}
    entry = the_entry("notifications.person.notified")
    assert entry.details == {"template": "parcel", "channels": "email,sms,push,inbox"}


def test_notice_says_which_channels_it_leaves_out_and_why(client: CallerClient, now: datetime, settings: Any) -> None:
    worded(now, "email", "sms", "whatsapp")
    settings.NOTIFICATIONS_WHATSAPP_PROVIDERS = []
    anna = people.new_person(whatsapp="+4915112345678")
    body = NOTICE | {"user": str(anna), "channels": ["email", "sms", "whatsapp", "push"]}
    reasons = {one["channel"]: one["reason"] for one in post(client, "", body).json()["left_out"]}
    assert reasons == {"sms": "no_address", "whatsapp": "not_carried", "push": "no_wording"}


def test_channel_of_a_notice_that_is_named_twice_counts_once(client: CallerClient, now: datetime) -> None:
    worded(now, "email", "inbox")
    body = NOTICE | {"user": str(people.new_person()), "channels": ["inbox", "inbox", "email"]}
    assert [one["channel"] for one in post(client, "", body).json()["messages"]] == ["inbox", "email"]


def test_notice_on_a_channel_that_she_does_not_want_is_suppressed(client: CallerClient, now: datetime) -> None:
    worded(now, "email", "inbox", category="parcels")
    anna = people.new_person()
    Preference.objects.create(person=anna, category="parcels", channel="email", allowed=False, updated_at=now)
    answer = post(client, "", NOTICE | {"user": str(anna)}).json()
    assert {one["channel"]: one["status"] for one in answer["messages"]} == {"email": "suppressed", "inbox": "queued"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"context": {}}, "context.number"),
        ({"template": "none"}, "template"),
        ({"user": str(uuid7())}, "user"),
        ({"template": "notifications.greeting"}, "template"),
    ],
)
def test_notice_that_cannot_be_made_is_refused_whole(
    client: CallerClient, now: datetime, change: dict[str, Any], field: str
) -> None:
    worded(now, "email", "inbox")
    assert mistake(post(client, "", NOTICE | {"user": str(people.new_person())} | change)) == (400, field)
    assert not Message.objects.exists()


def test_notice_repeated_under_its_key_gives_the_first_answer(client: CallerClient, now: datetime) -> None:
    worded(now, "email", "inbox")
    body = NOTICE | {"user": str(people.new_person())}
    first, second = (post(client, "", body, **{"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.json(), second.headers["Idempotency-Replay"]) == (second.json(), "true")
    assert Message.objects.count() == 2
    assert Entry.objects.filter(action="notifications.person.notified").count() == 1


def test_template_is_filled_when_it_is_accepted_and_pinned(client: CallerClient, now: datetime) -> None:
    worded(now, "sms")
    body = {"to": SMS["to"], **NOTICE}
    assert post(client, "/sms", body).status_code == 202
    publish_wording("parcel", Sources(text="Changed {{ number }}"), now=now, channel="sms")
    deliver_all()
    assert testing.texts[0].text == "No. 4711"
    assert Message.objects.get().template_version is not None


def test_template_and_words_of_ones_own_do_not_go_together(client: CallerClient, now: datetime) -> None:
    worded(now, "sms")
    assert mistake(post(client, "/sms", SMS | NOTICE)) == (400, "text")


def test_template_of_security_is_not_for_every_sender(client: CallerClient, now: datetime) -> None:
    worded(now, "sms", category="security")
    body = {"to": SMS["to"], "category": "news", **NOTICE}
    assert post(client, "/sms", body).status_code == 403


def test_dry_run_tells_what_would_become_of_it_and_writes_nothing(client: CallerClient, now: datetime) -> None:
    worded(now, "sms")
    answer = post(client, "/sms?dry_run=true", {"to": SMS["to"], **NOTICE})
    told = answer.json()
    assert (answer.status_code, told["status"], told["provider"]) == (200, "queued", "recording")
    assert (told["text"], told["segments"], told["must_arrive"]) == ("No. 4711", 1, False)
    assert (Message.objects.count(), IdempotencyKey.objects.count()) == (0, 0)
    assert not Entry.objects.filter(action="notifications.message.accepted").exists()


def test_dry_run_tells_why_nothing_would_be_sent(client: CallerClient, now: datetime) -> None:
    Suppression.objects.create(channel="sms", address=SMS["to"], reason="stopped", created_at=now)
    told = post(client, "/sms?dry_run=true", SMS).json()
    assert (told["status"], told["reason"], told["provider"]) == ("suppressed", "stopped", "")
    assert [note["gate"] for note in told["notes"]][:1] == ["suppressions"]


def test_dry_run_of_a_notice_and_of_a_batch_tells_of_each_message(client: CallerClient, now: datetime) -> None:
    worded(now, "email", "sms")
    notice = post(client, "?dry_run=true", NOTICE | {"user": str(people.new_person())}).json()
    assert [one["channel"] for one in notice["messages"]] == ["email"]
    items = [{"channel": "sms", **SMS}, {"channel": "sms", **SMS, "text": ""}]
    batch = post(client, "/batch?dry_run=true", {"messages": items}).json()
    assert [one["status"] for one in batch["results"]] == ["queued", 400]
    assert not Message.objects.exists()


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


@pytest.mark.parametrize("locale", ["deutsch!", "x", "de-", "d\u0435", "a" * 36])
def test_language_of_no_known_form_is_refused_at_its_field(client: CallerClient, now: datetime, locale: str) -> None:
    worded(now, "sms")
    body = {"to": SMS["to"], **NOTICE, "locale": locale}
    assert mistake(post(client, "/sms", body)) == (400, "locale")
    [result] = post(client, "/batch", {"messages": [{"channel": "sms", **body}]}).json()["results"]
    assert (result["status"], result["errors"][0]["field"]) == (400, "locale")


@pytest.mark.parametrize(("asked", "kept"), [("DE_at", "de-AT"), (" de ", "de"), ("ZH-HANT", "zh-Hant")])
def test_language_is_kept_in_its_one_form(client: CallerClient, now: datetime, asked: str, kept: str) -> None:
    worded(now, "sms")
    assert post(client, "/sms", {"to": SMS["to"], **NOTICE, "locale": asked}).status_code == 202
    assert Message.objects.get().locale == kept


def test_person_whose_language_is_none_is_written_to_all_the_same(client: CallerClient, now: datetime) -> None:
    worded(now, "email")
    anna = people.new_person(locale="deutsch!")
    assert post(client, "", NOTICE | {"user": str(anna)}).status_code == 202
    assert Message.objects.get().locale == ""
