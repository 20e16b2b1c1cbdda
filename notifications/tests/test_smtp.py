"""The SMTP provider against a real server: what arrives, and how each way of failing is understood."""

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.test import override_settings

from kit.ids import uuid7
from notifications.providers import mime
from notifications.providers.base import (
    Ambiguous,
    Deferred,
    Email,
    Misconfigured,
    Permanent,
    Receipt,
    SendingFailed,
    Transient,
)
from notifications.providers.smtp import SmtpProvider
from notifications.tests.smtp import Sink, free_port, smtp_settings, smtp_sink

LINK = "https://gatehouse.example.com/verify-email?token=" + "a1B2" * 30


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as running:
        yield running


def an_email(**fields: Any) -> Email:
    values: dict[str, Any] = {
        "id": uuid7(),
        "to": ("anna@example.com",),
        "subject": "Grüße",
        "text": f"Zażółć gęślą jaźń:\n\n{LINK}\n.\n.. dots\n",
        "at": datetime(2026, 11, 21, 12, 0, tzinfo=UTC),
    }
    return Email(**values | fields)


def failure(email: Email) -> SendingFailed:
    with pytest.raises(SendingFailed) as raised:
        SmtpProvider().send_email(email)
    return raised.value


def test_mail_arrives_whole_with_its_link_in_one_piece(sink: Sink) -> None:
    email = an_email(html="<p>Zażółć</p>", reply_to="desk@example.com")
    assert SmtpProvider().send_email(email) == Receipt()
    [raw] = sink.bodies()
    assert LINK.encode() in raw.splitlines()
    mail = message_from_bytes(raw, policy=policy.default)
    assert (mail["From"], mail["To"]) == ("Gatehouse <gatehouse@example.com>", "anna@example.com")
    assert (mail["Subject"], mail["Reply-To"]) == ("Grüße", "desk@example.com")
    assert mail["Message-ID"] == mime.message_id(email) == f"<{email.id}@testserver>"
    text, html = mail.iter_parts()
    assert text.get_content().replace("\r\n", "\n") == email.text
    assert text["Content-Transfer-Encoding"] == "8bit"
    assert html.get_content().strip() == "<p>Zażółć</p>"


def test_envelope_is_from_the_configured_sender(sink: Sink) -> None:
    SmtpProvider().send_email(an_email(reply_to="desk@example.com"))
    assert sink.envelopes[0].mail_from == "gatehouse@example.com"
    assert "BODY=8BITMIME" in sink.envelopes[0].mail_options


def test_line_too_long_for_mail_is_encoded_and_arrives_as_it_was(sink: Sink) -> None:
    SmtpProvider().send_email(an_email(text="ż" * 2000))
    [raw] = sink.bodies()
    assert max(map(len, raw.splitlines())) <= mime.MAX_LINE
    assert message_from_bytes(raw, policy=policy.default).get_content().strip() == "ż" * 2000


def test_header_that_holds_a_line_break_is_never_sent(sink: Sink) -> None:
    refused = failure(an_email(subject="Hi\r\nBcc: eve@example.com"))
    assert (type(refused), refused.code) == (Permanent, "header_not_expressible")
    assert (sink.envelopes, sink.sessions) == ([], set())


def test_connection_is_kept_for_the_next_mail(sink: Sink) -> None:
    provider = SmtpProvider()
    for _ in range(3):
        provider.send_email(an_email())
    assert (len(sink.envelopes), len(sink.sessions)) == (3, 1)


def test_kept_connection_that_was_closed_is_opened_again() -> None:
    provider, port = SmtpProvider(), free_port()
    for _ in range(2):
        with smtp_sink(port) as sink:
            provider.send_email(an_email())
        assert len(sink.envelopes) == 1


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        ("550 5.1.1 No such user", Permanent, "recipient_refused"),
        ("451 4.7.1 Greylisted", Deferred, "recipient_deferred"),
        ("421 4.3.2 Going down", Transient, "recipient_deferred"),
    ],
)
def test_refused_recipient_is_understood(sink: Sink, reply: str, kind: type[SendingFailed], code: str) -> None:
    sink.rcpt["anna@example.com"] = reply
    told = failure(an_email())
    assert (type(told), told.code, told.detail) == (kind, code, reply)
    assert sink.envelopes == []


def test_some_refused_recipients_do_not_stop_the_others(sink: Sink) -> None:
    sink.rcpt |= {"b@example.com": "550 5.1.1 No", "c@example.com": "450 4.2.1 Later"}
    receipt = SmtpProvider().send_email(an_email(to=("a@example.com", "b@example.com", "c@example.com")))
    assert receipt == Receipt(refused=("b@example.com",), deferred=("c@example.com",))
    assert sink.envelopes[0].rcpt_tos == ["a@example.com"]


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        ("554 5.7.1 Spam", Permanent, "message_refused"),
        ("451 4.3.0 Try later", Deferred, "message_refused"),
        ("drop", Ambiguous, "connection_lost_after_data"),
    ],
)
def test_refused_data_is_understood(sink: Sink, reply: str, kind: type[SendingFailed], code: str) -> None:
    sink.data = reply
    told = failure(an_email())
    assert (type(told), told.code) == (kind, code)


def test_mail_after_a_refused_one_goes_out_as_if_nothing_had_been(sink: Sink) -> None:
    provider = SmtpProvider()
    sink.rcpt["eve@example.com"] = "550 No"
    with pytest.raises(Permanent):
        provider.send_email(an_email(to=("eve@example.com",)))
    provider.send_email(an_email())
    assert [envelope.rcpt_tos for envelope in sink.envelopes] == [["anna@example.com"]]


def test_server_that_is_not_there_may_be_there_later() -> None:
    with override_settings(**smtp_settings(free_port())):
        told = failure(an_email())
    assert (type(told), told.code) == (Transient, "connection_failed")


def test_server_that_never_answers_is_given_up_after_the_time_out() -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    with silent, override_settings(**smtp_settings(silent.getsockname()[1], EMAIL_TIMEOUT=0.2)):
        told = failure(an_email())
    assert isinstance(told, Transient)


def test_server_that_hangs_up_before_the_data_has_taken_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_greet_and_hang_up, args=(server,), daemon=True).start()
        with override_settings(**smtp_settings(server.getsockname()[1])):
            told = failure(an_email())
    assert (type(told), told.code) == (Transient, "connection_lost")


def _greet_and_hang_up(server: socket.socket) -> None:
    line, _ = server.accept()
    with line:
        line.sendall(b"220 here\r\n")
        line.recv(100)
        line.sendall(b"250-here\r\n250 8BITMIME\r\n")
        line.recv(100)


def test_mail_never_goes_out_in_plain_text_where_tls_is_asked_for(sink: Sink) -> None:
    with override_settings(EMAIL_USE_TLS=True):
        told = failure(an_email())
    assert (type(told), told.code) == (Misconfigured, "tls_or_login_not_offered")
    assert sink.envelopes == []


def test_login_that_is_not_offered_is_our_mistake(sink: Sink) -> None:
    with override_settings(EMAIL_HOST_USER="u", EMAIL_HOST_PASSWORD="p"):
        assert isinstance(failure(an_email()), Misconfigured)


@pytest.mark.parametrize("fields", [{"to": ("änna@example.com",)}, {"subject": "\ud800"}, {"text": "half \ud83d"}])
def test_what_no_mail_can_say_is_refused_and_no_server_s_fault(sink: Sink, fields: dict[str, Any]) -> None:
    refused = failure(an_email(**fields))
    assert (type(refused), refused.code) == (Permanent, "not_expressible")
    assert sink.bodies() == []


@pytest.mark.parametrize(
    ("place", "reply", "kind"),
    [
        ("data", "what", Ambiguous),
        ("data", "299 well", Ambiguous),
        ("rcpt", "what", Deferred),
        ("rcpt", "299", Deferred),
    ],
)
def test_reply_that_is_none_is_not_taken_for_one(sink: Sink, place: str, reply: str, kind: type[SendingFailed]) -> None:
    if place == "data":
        sink.data = reply
    else:
        sink.rcpt["anna@example.com"] = reply
    assert type(failure(an_email())) is kind
