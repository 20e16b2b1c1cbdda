"""What is sent by a template: notices to people on their channels, pinned wordings, and what dry runs tell of them."""

from datetime import datetime
from typing import Any

import pytest

from audit.models import Entry
from audit.testing import the_entry
from kit.ids import uuid7
from notifications import testing
from notifications.models import IdempotencyKey, Message, Preference, Suppression
from notifications.testing import deliver_all, publish_wording
from notifications.tests import people
from notifications.tests.callers import SEND, CallerClient
from notifications.tests.notifying import NOTICE, SMS, carried, mistake, post, worded  # noqa: F401 - a fixture
from notifications.wording.defaults import Sources

pytestmark = [pytest.mark.django_db, pytest.mark.urls("notifications.tests.urls")]


@pytest.fixture
def client() -> CallerClient:
    return CallerClient(SEND)


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
