"""Resend: mail under a key, and its names of errors."""

from collections.abc import Iterator
from typing import Any

import pytest

from notifications.providers.base import (
    Ambiguous,
    Deferred,
    File,
    Misconfigured,
    Permanent,
    RateLimited,
    Receipt,
    SendingFailed,
)
from notifications.providers.resend import ERRORS, QUOTAS, ResendProvider
from notifications.tests.fakes.base import Move
from notifications.tests.fakes.mails import mail, text
from notifications.tests.fakes.resend import FakeResend


@pytest.fixture
def fake() -> Iterator[FakeResend]:
    with FakeResend() as running:
        yield running


@pytest.fixture
def resend(fake: FakeResend) -> ResendProvider:
    return ResendProvider(fake.config)


def failure_of(resend: ResendProvider, **fields: Any) -> SendingFailed:
    """Return how a mail fails."""
    with pytest.raises(SendingFailed) as caught:
        resend.send_email(mail(**fields))
    return caught.value


def test_a_mail_goes_to_all_its_recipients_with_all_that_belongs_to_it(
    fake: FakeResend, resend: ResendProvider
) -> None:
    file = File(filename="a.txt", content_type="text/plain", open=lambda: b"bytes")
    headers = (("List-Unsubscribe", "<https://x>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    message = mail(to=("a@example.com", "b@example.com"), reply_to="r@example.com", headers=headers, files=(file,))
    assert resend.send_email(message) == Receipt(provider_id=fake.delivered[0]["provider_id"])
    [sent] = fake.delivered
    assert (sent["from"], sent["to"]) == ("Gatehouse <gatehouse@example.com>", ["a@example.com", "b@example.com"])
    assert (sent["subject"], sent["text"], sent["html"]) == ("Hello", "Hello, Anna.", "<p>Hello</p>")
    assert sent["reply_to"] == "r@example.com"
    assert sent["headers"] == {"Message-ID": f"<{message.id}@testserver>", **dict(headers)}
    assert sent["attachments"] == [{"filename": "a.txt", "content_type": "text/plain", "content": "Ynl0ZXM="}]
    assert fake.seen[0].headers["Idempotency-Key"] == message.key


def test_a_mail_of_the_house_asks_for_no_answer_by_a_machine(fake: FakeResend, resend: ResendProvider) -> None:
    resend.send_email(mail(automatic=True, html=""))
    assert fake.delivered[0]["headers"]["Auto-Submitted"] == "auto-generated"
    assert "html" not in fake.delivered[0]


def test_the_same_key_again_is_answered_as_the_first_time_and_goes_out_once(
    fake: FakeResend, resend: ResendProvider
) -> None:
    fake.moves.append(Move(take=True, hang_up=True))
    message = mail()
    with pytest.raises(Ambiguous):
        resend.send_email(message)
    assert resend.send_email(message) == Receipt(provider_id=fake.delivered[0]["provider_id"])
    assert len(fake.delivered) == 1


def test_a_key_that_was_used_for_other_words_leaves_it_unknown(fake: FakeResend, resend: ResendProvider) -> None:
    first = mail()
    resend.send_email(first)
    assert type(failure_of(resend, key=first.key, text="Other words")) is Ambiguous
    assert len(fake.delivered) == 1


@pytest.mark.parametrize("name", ERRORS)
def test_each_name_of_an_error_has_its_class(fake: FakeResend, resend: ResendProvider, name: str) -> None:
    fake.moves.append(Move(status=422, document={"name": name, "message": "No."}))
    failure = failure_of(resend)
    assert (type(failure), failure.code, failure.detail) == (ERRORS[name], name, f"422 {name}")


@pytest.mark.parametrize("name", QUOTAS)
def test_a_quota_that_is_used_up_is_a_rest(fake: FakeResend, resend: ResendProvider, name: str) -> None:
    fake.moves.append(Move(status=429, document={"name": name}))
    failure = failure_of(resend)
    assert isinstance(failure, RateLimited)
    assert failure.retry_after == QUOTAS[name]


@pytest.mark.parametrize(
    ("move", "kind"),
    [
        (Move(status=403, document={"name": "validation_error", "message": "not verified"}), Misconfigured),
        (Move(status=409), Ambiguous),
        (Move(status=413), Deferred),
        (Move(status=418), Permanent),
        (Move(status=429, document={"name": "rate_limit_exceeded"}, headers={"retry-after": "1"}), RateLimited),
    ],
)
def test_the_status_decides_about_the_rest(
    fake: FakeResend, resend: ResendProvider, move: Move, kind: type[SendingFailed]
) -> None:
    fake.moves.append(move)
    assert type(failure_of(resend)) is kind


def test_without_a_key_it_is_not_configured() -> None:
    resend = ResendProvider({})
    assert (resend.health(), type(failure_of(resend))) == ("not_configured", Misconfigured)


def test_it_carries_mail_alone(resend: ResendProvider) -> None:
    assert resend.health() == "ok"
    with pytest.raises(Misconfigured):
        resend.send_sms(text())
