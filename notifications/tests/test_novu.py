"""Novu: only `processed` is taken, a key is good for one message, and what went out is looked up."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from kit.ids import uuid7
from notifications.providers.base import (
    Ambiguous,
    Deferred,
    File,
    Misconfigured,
    Permanent,
    RateLimited,
    Receipt,
    SendingFailed,
    Transient,
)
from notifications.providers.http import REPLAY
from notifications.providers.novu import STATUSES, NovuProvider, subscriber_of
from notifications.tests.fakes.base import Move, Reply
from notifications.tests.fakes.mails import doubt, mail, push, text
from notifications.tests.fakes.novu import FakeNovu


@pytest.fixture
def fake() -> Iterator[FakeNovu]:
    with FakeNovu() as running:
        yield running


@pytest.fixture
def novu(fake: FakeNovu) -> NovuProvider:
    return NovuProvider(fake.config)


def failure_of(novu: NovuProvider, **fields: Any) -> SendingFailed:
    """Return how a mail fails."""
    with pytest.raises(SendingFailed) as caught:
        novu.send_email(mail(**fields))
    return caught.value


def test_a_mail_triggers_its_workflow_under_its_key(fake: FakeNovu, novu: NovuProvider) -> None:
    message = mail(reply_to="r@example.com", headers=(("List-Unsubscribe", "<https://x>"),))
    assert novu.send_email(message) == Receipt(provider_id=message.key)
    [seen] = fake.seen
    assert (seen.headers["Idempotency-Key"], seen.json["transactionId"]) == (message.key, message.key)
    assert seen.json["name"] == "gatehouse-email"
    assert seen.json["payload"] == {"subject": "Hello", "text": "Hello, Anna.", "html": "<p>Hello</p>"}
    overrides = {"headers": {"List-Unsubscribe": "<https://x>"}, "replyTo": "r@example.com"}
    assert seen.json["overrides"] == {"email": overrides}


def test_a_recipient_is_known_there_by_a_digest(fake: FakeNovu, novu: NovuProvider) -> None:
    novu.send_email(mail(to=("anna@example.com", "ben@example.com")))
    [anna, ben] = fake.seen[0].json["to"]
    assert anna == {"subscriberId": subscriber_of("anna@example.com"), "email": "anna@example.com"}
    assert len({anna["subscriberId"], ben["subscriberId"]}) == 2
    assert "anna" not in anna["subscriberId"]


def test_the_files_of_a_mail_go_along(fake: FakeNovu, novu: NovuProvider) -> None:
    novu.send_email(mail(files=(File(filename="a.txt", content_type="text/plain", open=lambda: b"bytes"),)))
    [file] = fake.seen[0].json["payload"]["attachments"]
    assert file == {"file": "Ynl0ZXM=", "name": "a.txt", "mime": "text/plain"}


@pytest.mark.parametrize(
    ("channel", "reached"),
    [
        ("sms", {"phone": "+4915112345678"}),
        ("whatsapp", {"phone": "+4915112345678"}),
        ("telegram", {"data": {"chat": "+4915112345678"}}),
    ],
)
def test_a_short_message_triggers_the_workflow_of_its_channel(
    fake: FakeNovu, novu: NovuProvider, channel: str, reached: dict[str, Any]
) -> None:
    novu.send_sms(text(channel=channel))
    [seen] = fake.seen
    assert (seen.json["name"], seen.json["payload"]) == (f"gatehouse-{channel}", {"text": "Your code is 123456."})
    assert seen.json["to"] == [{"subscriberId": subscriber_of("+4915112345678"), **reached}]


def test_a_push_goes_to_the_subscriber_that_is_its_target(fake: FakeNovu, novu: NovuProvider) -> None:
    novu.send_push(push())
    assert fake.seen[0].json["to"] == [{"subscriberId": "device-1"}]
    assert fake.seen[0].json["payload"] == {"title": "Hello", "body": "Anna", "data": {"a": "b"}}


@pytest.mark.parametrize("status", STATUSES)
def test_a_yes_that_promises_nothing_is_a_failure(fake: FakeNovu, novu: NovuProvider, status: str) -> None:
    fake.status = status
    failure = failure_of(novu)
    assert (type(failure), failure.code) == (STATUSES[status], status)


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"data": {"acknowledged": False, "status": "processed"}}, Transient),
        ({"data": {"acknowledged": True, "status": "never heard of"}}, Ambiguous),
        ({"data": {"acknowledged": True, "status": ["processed"]}}, Ambiguous),
        ({}, Ambiguous),
    ],
)
def test_only_processed_and_acknowledged_is_taken(
    fake: FakeNovu, novu: NovuProvider, document: Any, kind: type[SendingFailed]
) -> None:
    fake.moves.append(Move(take=True, status=201, document=document))
    assert type(failure_of(novu)) is kind


def test_the_same_key_again_is_answered_as_the_first_time_and_goes_out_once(fake: FakeNovu, novu: NovuProvider) -> None:
    fake.moves.append(Move(take=True, hang_up=True))
    message = mail()
    with pytest.raises(Ambiguous):
        novu.send_email(message)
    assert novu.send_email(message) == Receipt(provider_id=message.key)
    assert len(fake.delivered) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_error_that_is_told_once_more_was_the_first_answer_and_is_over(
    fake: FakeNovu, novu: NovuProvider, status: int
) -> None:
    fake.moves.append(Move(status=status))
    message = mail()
    with pytest.raises(Ambiguous):
        novu.send_email(message)
    assert novu.find(message, doubt()) is None
    with pytest.raises(Transient) as again:
        novu.send_email(message)
    assert (type(again.value), again.value.code, again.value.detail) == (Transient, "failed_before", str(status))


@pytest.mark.parametrize("headers", [{}, {REPLAY: "false"}, {"Idempotency-Key": "true"}])
def test_an_error_that_is_told_for_the_first_time_leaves_it_unknown(
    fake: FakeNovu, novu: NovuProvider, headers: dict[str, str]
) -> None:
    fake.moves.append(Move(status=500, headers=headers))
    assert type(failure_of(novu)) is Ambiguous


def test_a_key_that_was_used_for_other_words_is_looked_up(fake: FakeNovu, novu: NovuProvider) -> None:
    first = mail()
    novu.send_email(first)
    assert novu.send_email(mail(key=first.key, text="Other words")) == Receipt(provider_id=first.key)
    fake.delivered[0]["status"] = "error"
    assert type(failure_of(novu, key=first.key, text="Yet others")) is Ambiguous


def test_a_request_that_is_under_way_is_unknown(fake: FakeNovu, novu: NovuProvider) -> None:
    fake.moves.append(Move(status=409, headers={"Retry-After": "1"}))
    failure = failure_of(novu)
    assert (type(failure), failure.code) == (Ambiguous, "in_progress")


@pytest.mark.parametrize(
    ("move", "kind", "code"),
    [
        (Move(status=422, document={"message": "workflow_not_found"}), Misconfigured, "workflow_not_found"),
        (Move(status=422, document={"message": "to must be"}), Permanent, "refused"),
        (Move(status=402), RateLimited, "quota_used_up"),
        (Move(status=404), Misconfigured, "bad_url"),
        (Move(status=413), Deferred, "too_large"),
        (Move(status=429, headers={"Retry-After": "3"}), RateLimited, "rate_limited"),
    ],
)
def test_a_refusal_has_its_class(
    fake: FakeNovu, novu: NovuProvider, move: Move, kind: type[SendingFailed], code: str
) -> None:
    fake.moves.append(move)
    failure = failure_of(novu)
    assert (type(failure), failure.code) == (kind, code)


def test_a_wrong_key_is_no_message_s_fault(fake: FakeNovu) -> None:
    failure = failure_of(NovuProvider(fake.config | {"api_key": "wrong"}))
    assert (type(failure), failure.code) == (Misconfigured, "credentials_refused")


def test_what_went_out_is_found_and_what_failed_or_never_came_is_not(fake: FakeNovu, novu: NovuProvider) -> None:
    sent, failed = mail(), mail()
    novu.send_email(sent)
    fake.sends = False
    novu.send_email(failed)
    assert novu.find(sent, doubt()) == Receipt(provider_id=sent.key)
    assert novu.find(failed, doubt()) is None
    assert novu.find(mail(id=uuid7()), doubt()) is None


def test_of_a_mail_to_several_it_is_found_whom_it_has_not_left_for(fake: FakeNovu, novu: NovuProvider) -> None:
    both = mail(to=("Anna@example.com", "berta@example.com"))
    novu.send_email(both)
    assert novu.find(both, doubt()) == Receipt(provider_id=both.key)
    fake.unreached = {"berta@example.com"}
    assert novu.find(both, doubt()) == Receipt(provider_id=both.key, deferred=("berta@example.com",))
    assert novu.find(replace(both, to=("berta@example.com",)), doubt()) is None


def test_a_look_up_that_fails_says_so(fake: FakeNovu) -> None:
    with pytest.raises(Misconfigured):
        NovuProvider(fake.config | {"api_key": "wrong"}).find(mail(), doubt())


@pytest.mark.parametrize("missing", ["api_key", "workflows"])
def test_without_key_or_workflow_it_is_not_configured(fake: FakeNovu, missing: str) -> None:
    novu = NovuProvider({name: value for name, value in fake.config.items() if name != missing})
    assert novu.health() == "not_configured"
    assert (type(failure_of(novu)), fake.seen) == (Misconfigured, [])


def test_it_is_well_where_all_is_there_and_known_by_the_settings(fake: FakeNovu, settings: Any) -> None:
    settings.NOVU_API_KEY, settings.NOVU_URL = fake.config["api_key"], fake.url
    settings.NOVU_WORKFLOWS = fake.config["workflows"]
    novu = NovuProvider()
    assert (novu.name, novu.health()) == ("novu", "ok")
    novu.send_email(mail())
    assert len(fake.delivered) == 1


@pytest.mark.parametrize("document", [None, {}, {"data": None}, {"data": {"messages": []}}, []])
def test_list_that_is_none_says_nothing(fake: FakeNovu, novu: NovuProvider, document: Any) -> None:
    fake.look_up = lambda seen: Reply(document=document)  # type: ignore[method-assign]
    with pytest.raises(Transient, match="look_up_failed"):
        novu.find(mail(), doubt())


@pytest.mark.parametrize("status", [200, 401, 429, 500])
def test_request_that_is_under_way_is_unknown_whatever_the_list_says(
    fake: FakeNovu, novu: NovuProvider, status: int
) -> None:
    fake.look_up = lambda seen: Reply(status, {})  # type: ignore[method-assign]
    fake.moves.append(Move(status=409))
    assert type(failure_of(novu)) is Ambiguous
