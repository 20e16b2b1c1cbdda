"""Twilio: forms, codes of errors, and the list in which a message is looked for before it is sent again."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from uuid import UUID

import pytest

from notifications.providers.base import (
    Ambiguous,
    Deferred,
    Misconfigured,
    Permanent,
    RateLimited,
    Receipt,
    SendingFailed,
    Transient,
)
from notifications.providers.twilio import CODES, FAILED, SKEW, TwilioProvider
from notifications.tests.fakes.base import Move, Reply
from notifications.tests.fakes.mails import doubt, mail, push, text
from notifications.tests.fakes.twilio import ACCOUNT, SENDER, FakeTwilio


@pytest.fixture
def fake() -> Iterator[FakeTwilio]:
    with FakeTwilio() as running:
        yield running


@pytest.fixture
def twilio(fake: FakeTwilio) -> TwilioProvider:
    return TwilioProvider(fake.config)


def failure_of(twilio: TwilioProvider, **fields: Any) -> SendingFailed:
    """Return how a short message fails."""
    with pytest.raises(SendingFailed) as caught:
        twilio.send_sms(text(**fields))
    return caught.value


def test_a_short_message_is_a_form_that_names_where_to_report(fake: FakeTwilio, twilio: TwilioProvider) -> None:
    assert twilio.send_sms(text()) == Receipt(provider_id=fake.delivered[0]["sid"])
    [seen] = fake.seen
    assert seen.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    callback = "http://testserver/api/v1/notify/callbacks/twilio"
    body = {"To": "+4915112345678", "From": SENDER, "Body": "Your code is 123456.", "StatusCallback": callback}
    assert seen.form == body


def test_no_report_is_asked_for_at_an_address_of_this_machine_alone(fake: FakeTwilio, settings: Any) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    far = TwilioProvider(fake.config | {"url": "https://api.twilio.com"})
    assert "StatusCallback" not in far._form(text())
    assert "StatusCallback" in TwilioProvider(fake.config)._form(text())


def test_a_messaging_service_chooses_the_number_where_none_is_set(fake: FakeTwilio) -> None:
    TwilioProvider(fake.config | {"from": "", "messaging_service_sid": "MG1"}).send_sms(text())
    assert fake.seen[0].form["MessagingServiceSid"] == "MG1"
    assert "From" not in fake.seen[0].form


def test_whatsapp_is_said_of_both_numbers(fake: FakeTwilio, twilio: TwilioProvider) -> None:
    twilio.send_sms(text(channel="whatsapp"))
    assert fake.seen[0].form["To"] == "whatsapp:+4915112345678"
    assert fake.seen[0].form["From"] == f"whatsapp:{SENDER}"


def test_whatsapp_fills_an_approved_template_where_there_is_one(fake: FakeTwilio) -> None:
    TwilioProvider(fake.config | {"content_sid": "HX1", "content_variable": "2"}).send_sms(text(channel="whatsapp"))
    assert fake.seen[0].form["ContentSid"] == "HX1"
    assert fake.seen[0].form["ContentVariables"] == '{"2": "Your code is 123456."}'
    assert "Body" not in fake.seen[0].form


@pytest.mark.parametrize("code", CODES)
def test_each_code_of_an_error_has_its_class(fake: FakeTwilio, twilio: TwilioProvider, code: int) -> None:
    fake.moves.append(Move(status=400, document={"code": code, "message": "The number +49… is none"}))
    failure = failure_of(twilio)
    assert (failure.code, type(failure)) == CODES[code]
    assert failure.detail == f"400 {code}"


@pytest.mark.parametrize(
    ("move", "kind"),
    [
        (Move(status=429, document={"code": 20429}, headers={"Retry-After": "9"}), RateLimited),
        (Move(status=404), Misconfigured),
        (Move(status=500), Ambiguous),
        (Move(status=201, document={"status": "queued"}), Ambiguous),
    ],
)
def test_the_status_decides_about_the_rest(
    fake: FakeTwilio, twilio: TwilioProvider, move: Move, kind: type[SendingFailed]
) -> None:
    fake.moves.append(move)
    assert type(failure_of(twilio)) is kind


def test_a_message_that_was_taken_before_the_line_broke_is_found(fake: FakeTwilio, twilio: TwilioProvider) -> None:
    fake.moves.append(Move(take=True, hang_up=True))
    message = text()
    with pytest.raises(Ambiguous):
        twilio.send_sms(message)
    assert twilio.find(message, doubt()) == Receipt(provider_id=fake.delivered[0]["sid"])


def test_one_that_was_not_is_not(fake: FakeTwilio, twilio: TwilioProvider) -> None:
    fake.moves.append(Move(hang_up=True))
    message = text()
    with pytest.raises(Ambiguous):
        twilio.send_sms(message)
    twilio.send_sms(text(text="Other words"))
    twilio.send_sms(text(to="+4915187654321"))
    assert twilio.find(message, doubt()) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"direction": "inbound"},
        {"date_created": format_datetime(datetime.now(UTC) - timedelta(minutes=2))},
        {"date_created": "yesterday"},
        {"sid": ""},
    ],
)
def test_what_is_older_or_not_from_us_is_not_it(fake: FakeTwilio, twilio: TwilioProvider, changed: Any) -> None:
    message = text()
    twilio.send_sms(message)
    fake.delivered[0].update(changed)
    assert twilio.find(message, doubt()) is None


def test_a_message_is_looked_for_from_the_doubtful_try_on_and_not_from_its_acceptance(
    fake: FakeTwilio, twilio: TwilioProvider
) -> None:
    message = text()
    twilio.send_sms(message)
    assert twilio.find(message, doubt(datetime.now(UTC) + timedelta(minutes=2))) is None
    assert twilio.find(message, doubt(datetime.now(UTC) + SKEW / 2)) is not None
    fake.delivered[0]["date_created"] = format_datetime(datetime.now(UTC) - timedelta(hours=5))
    accepted_before = text(id=UUID(int=message.id.int - (6 * 3_600_000 << 80)))
    assert twilio.find(accepted_before, doubt()) is None
    assert twilio.find(message, doubt(datetime.now(UTC) - timedelta(hours=5))) is not None


def test_of_equal_messages_each_has_its_own_the_earliest_first(fake: FakeTwilio, twilio: TwilioProvider) -> None:
    message = text()
    for _ in range(2):
        twilio.send_sms(message)
    [first, second] = [one["sid"] for one in fake.delivered]
    assert twilio.find(message, doubt()) == Receipt(provider_id=first)
    assert twilio.find(message, doubt(others=[first])) == Receipt(provider_id=second)
    assert twilio.find(message, doubt(others=[first, second])) is None


@pytest.mark.parametrize("document", [None, {}, {"messages": None}, {"messages": "none"}])
def test_a_list_that_is_none_says_nothing(fake: FakeTwilio, twilio: TwilioProvider, document: Any) -> None:
    fake.look_up = lambda seen: Reply(document=document)  # type: ignore[method-assign]
    with pytest.raises(Transient):
        twilio.find(text(), doubt())


def test_a_template_has_words_around_ours(fake: FakeTwilio) -> None:
    twilio = TwilioProvider(fake.config | {"content_sid": "HX1"})
    message = text(channel="whatsapp")
    twilio.send_sms(message)
    assert twilio.find(message, doubt()) is not None


@contextmanager
def silent_server() -> Iterator[str]:
    """Yield the address of a server that takes requests and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_look_up_that_cannot_tell_says_so(fake: FakeTwilio, settings: Any) -> None:
    settings.NOTIFICATIONS_HTTP_TIMEOUTS = {"text": (1, 1)}
    with pytest.raises(Misconfigured):
        TwilioProvider(fake.config | {"auth_token": "wrong"}).find(text(), doubt())
    with pytest.raises(Transient):
        TwilioProvider(fake.config | {"url": "http://nobody.invalid"}).find(text(), doubt())
    with silent_server() as url, pytest.raises(Transient) as caught:
        TwilioProvider(fake.config | {"url": url}).find(text(), doubt())
    assert caught.value.code == "look_up_failed"


def test_it_carries_short_messages_alone(twilio: TwilioProvider) -> None:
    assert twilio.find(push(), doubt()) is None
    with pytest.raises(Misconfigured):
        twilio.send_email(mail())


@pytest.mark.parametrize("missing", [("account_sid",), ("auth_token",), ("from", "whatsapp_from")])
def test_without_account_or_sender_it_is_not_configured(fake: FakeTwilio, missing: tuple[str, ...]) -> None:
    given = {name: value for name, value in fake.config.items() if name not in missing}
    assert TwilioProvider(given).health() == "not_configured"


def test_without_a_sender_nothing_is_sent(fake: FakeTwilio, twilio: TwilioProvider) -> None:
    assert twilio.health() == "ok"
    assert TwilioProvider(fake.config | {"url": "nowhere"}).health() == "bad_url"
    failure = failure_of(TwilioProvider(fake.config | {"from": ""}))
    assert (type(failure), failure.code, fake.seen) == (Misconfigured, "not_configured", [])


@pytest.mark.parametrize("status", sorted(FAILED))
@pytest.mark.parametrize(
    ("code", "kind"), [(21610, Permanent), (21408, Deferred), (None, Deferred), (99999, Deferred), ("x", Deferred)]
)
def test_yes_that_holds_a_failure_is_one(
    fake: FakeTwilio, twilio: TwilioProvider, status: str, code: Any, kind: type[SendingFailed]
) -> None:
    fake.moves.append(Move(status=201, document={"sid": "SM1", "status": status, "error_code": code}))
    assert type(failure_of(twilio)) is kind


@pytest.mark.parametrize("sid", [None, 7, "", ["SM1"], {}])
def test_yes_without_a_name_is_unknown(fake: FakeTwilio, twilio: TwilioProvider, sid: Any) -> None:
    fake.moves.append(Move(status=201, document={"sid": sid, "status": "queued"}))
    assert type(failure_of(twilio)) is Ambiguous
