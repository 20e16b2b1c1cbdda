"""Apprise against services on this machine: what goes out, what each failure is, and where it is never sent."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from kit.ids import uuid7
from notifications.providers import apprise_urls, mime
from notifications.providers.apprise import AppriseProvider
from notifications.providers.base import (
    Ambiguous,
    Deferred,
    Email,
    File,
    Misconfigured,
    Permanent,
    Push,
    RateLimited,
    SendingFailed,
    Text,
    Transient,
)
from notifications.tests.certificates import unsigned
from notifications.tests.http_service import Answer, Service
from notifications.tests.smtp import free_port, smtp_sink

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECRET = "hidden-token"


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


@pytest.fixture(autouse=True)
def _allowed(settings: Any) -> None:
    settings.APPRISE_HOSTS = ["127.0.0.1", "ntfy.example"]
    settings.APPRISE_SCHEMES = ["json"]
    settings.EMAIL_TIMEOUT = 1


def use(settings: Any, channel: str, *urls: str) -> None:
    settings.APPRISE_URLS = {channel: list(urls)}


def a_text(to: str = "+4930901820") -> Text:
    return Text(id=uuid7(), channel="sms", to=to, text="Your code is 123456", at=AT)


def a_push(to: str = "device-1") -> Push:
    return Push(id=uuid7(), to=to, title="A <title>", body="A body", at=AT)


def an_email(*to: str, **fields: Any) -> Email:
    values: dict[str, Any] = {"subject": "Hello", "text": "Hello.\n", "html": "<p>Hello.</p>"}
    return Email(id=uuid7(), to=to or ("anna@example.com",), at=AT, **values | fields)


def test_message_goes_to_the_address_of_its_channel_with_the_recipient_in_its_place(
    settings: Any, service: Service
) -> None:
    use(settings, "sms", f"json://{service.host}/send?:to={{to}}")
    AppriseProvider().send_sms(a_text())
    [seen] = service.seen
    assert (seen.json()["message"], seen.json()["to"]) == ("Your code is 123456", "+4930901820")


def test_push_goes_with_its_title(settings: Any, service: Service) -> None:
    use(settings, "push", f"ntfy://{service.host}/topic")
    AppriseProvider().send_push(a_push())
    assert service.seen[0].json()["title"] == "A <title>"


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (Answer(400), Permanent),
        (Answer(404), Permanent),
        (Answer(401), Misconfigured),
        (Answer(403), Misconfigured),
        (Answer(429), RateLimited),
        (Answer(500), Ambiguous),
        (Answer(302, {"Location": "/elsewhere"}), Ambiguous),
        (Answer(0), Ambiguous),
        (Answer(after=1.5), Ambiguous),
    ],
)
def test_each_failure_has_its_class(
    settings: Any, service: Service, answer: Answer, failure: type[SendingFailed]
) -> None:
    use(settings, "push", f"json://{service.host}/{SECRET}")
    service.answers.append(answer)
    with pytest.raises(failure) as caught:
        AppriseProvider().send_push(a_push())
    assert SECRET not in f"{caught.value!r} {caught.value.detail}"
    assert len(service.seen) == 1  # neither tried again nor followed elsewhere


def test_nothing_was_taken_where_nobody_listens(settings: Any) -> None:
    use(settings, "push", f"json://127.0.0.1:{free_port()}/")
    with pytest.raises(Transient, match="connection_failed"):
        AppriseProvider().send_push(a_push())


def test_next_address_takes_over_where_nothing_was_taken(settings: Any, service: Service) -> None:
    use(settings, "push", f"json://127.0.0.1:{free_port()}/", f"json://{service.host}/second")
    AppriseProvider().send_push(a_push())
    assert [seen.path for seen in service.seen] == ["/second"]


def test_next_address_does_not_take_over_where_one_may_have_taken_it(settings: Any, service: Service) -> None:
    use(settings, "push", f"json://{service.host}/first", f"json://{service.host}/second")
    service.answers.append(Answer(0))
    with pytest.raises(Ambiguous):
        AppriseProvider().send_push(a_push())
    assert [seen.path for seen in service.seen] == ["/first"]


@pytest.mark.parametrize("recipient", ["a/b", "a?b=c", "a#b", "a,b", "a b", "{to}", "a&attach=/etc/passwd", "a\r\nb"])
def test_recipient_that_could_mean_something_else_in_an_address_is_refused(
    settings: Any, service: Service, recipient: str
) -> None:
    use(settings, "push", f"json://{service.host}/{{to}}")
    with pytest.raises(Permanent, match="recipient_not_expressible"):
        AppriseProvider().send_push(a_push(recipient))
    assert service.seen == []


def test_address_that_is_not_allowed_is_not_called(settings: Any, service: Service) -> None:
    use(settings, "push", f"json://{service.host}/")
    settings.APPRISE_HOSTS = ["ntfy.example"]
    with pytest.raises(Misconfigured, match="address_not_allowed"):
        AppriseProvider().send_push(a_push())
    assert service.seen == []


def test_channel_without_an_address_is_misconfigured(settings: Any) -> None:
    assert AppriseProvider().health() == "not_configured"
    with pytest.raises(Misconfigured, match="no_address"):
        AppriseProvider().send_sms(a_text())


def test_mail_by_smtp_is_the_one_that_every_other_provider_sends(settings: Any) -> None:
    port = free_port()
    use(settings, "email", f"mailto://127.0.0.1:{port}?from=x@example.com&to={{to}}&mode=insecure")
    mail = an_email("anna@example.com", "carl@example.com")
    with smtp_sink(port) as sink:
        AppriseProvider().send_email(mail)
    assert sink.envelopes[0].rcpt_tos == ["anna@example.com", "carl@example.com"]
    sent = message_from_bytes(sink.bodies()[0])
    assert sent.get_all("Message-ID") == [mime.message_id(mail)]
    assert [part.get_content_type() for part in sent.walk()][1:] == ["text/plain", "text/html"]


@pytest.mark.parametrize(("mode", "context"), [("ssl", "ssl_context"), ("starttls", "tls_context")])
def test_mail_goes_to_no_server_whose_certificate_does_not_hold(
    settings: Any, tmp_path: Path, mode: str, context: str
) -> None:
    port = free_port()
    use(settings, "email", f"mailtos://user:word@127.0.0.1:{port}?from=x@example.com&to={{to}}&mode={mode}")
    tls: Any = {context: unsigned(tmp_path)}
    with smtp_sink(port, **tls) as sink, pytest.raises(Misconfigured) as refused:
        AppriseProvider().send_email(an_email("anna@example.com"))
    assert (refused.value.code, sink.envelopes) == ("tls_failed", [])


def test_mail_never_leaves_in_plain_text_where_tls_is_not_offered_or_switched_off(settings: Any) -> None:
    port = free_port()
    with smtp_sink(port) as sink:
        use(settings, "email", f"mailtos://127.0.0.1:{port}?from=x@example.com&to={{to}}")
        with pytest.raises(Misconfigured, match="tls_or_login_not_offered"):
            AppriseProvider().send_email(an_email("anna@example.com"))
        settings.PRODUCTION = True
        use(settings, "email", f"mailtos://ntfy.example:{port}?from=x@example.com&to={{to}}&mode=insecure")
        with pytest.raises(Misconfigured, match="plain_text"):
            AppriseProvider().send_email(an_email("anna@example.com"))
    assert sink.envelopes == []


@pytest.mark.parametrize(
    ("reply", "kind"),
    [("550 no", Permanent), ("451 later", Deferred), ("421 gone", Transient), ("535 who", Misconfigured)],
)
def test_reply_of_a_mail_server_has_its_class(settings: Any, reply: str, kind: type[SendingFailed]) -> None:
    port = free_port()
    use(settings, "email", f"mailto://127.0.0.1:{port}?from=x@example.com&to={{to}}&mode=insecure")
    with smtp_sink(port) as sink:
        sink.rcpt["anna@example.com"] = reply
        with pytest.raises(SendingFailed) as refused:
            AppriseProvider().send_email(an_email("anna@example.com"))
    assert type(refused.value) is kind


@pytest.mark.parametrize(
    "words", ["error=401", "(error=429)", "Caused by NewConnectionError(", "There are no valid targets to notify."]
)
def test_message_cannot_say_how_it_failed(settings: Any, service: Service, words: str) -> None:
    use(settings, "push", f"json://{service.host}/{{to}}")
    service.answers.append(Answer(0))
    with pytest.raises(Ambiguous):
        AppriseProvider().send_push(replace(a_push(), title=words, body=f"{words}\n{words}"))
    service.answers.append(Answer(403))
    with pytest.raises(Misconfigured, match="credentials_refused"):
        AppriseProvider().send_push(replace(a_push(), title=words, body=f"{words}\nSocket Exception: {words}"))


def test_mail_by_a_service_goes_to_each_recipient_with_its_files_as_bytes(settings: Any, service: Service) -> None:
    use(settings, "email", f"json://{service.host}/mail?:to={{to}}")
    file = File(filename="a.txt", content_type="text/plain", open=lambda: b"content")
    AppriseProvider().send_email(an_email("anna@example.com", "carl@example.com", files=(file,)))
    assert [seen.json()["to"] for seen in service.seen] == ["anna@example.com", "carl@example.com"]
    assert service.seen[0].json()["attachments"][0]["filename"] == "a.txt"


def test_recipients_that_were_missed_are_told_apart(settings: Any, service: Service) -> None:
    use(settings, "email", f"json://{service.host}/mail?:to={{to}}")
    service.answers.extend([Answer(404), Answer(), Answer(500)])
    receipt = AppriseProvider().send_email(an_email("a@example.com", "b@example.com", "c@example.com"))
    assert (receipt.refused, receipt.deferred) == (("a@example.com",), ("c@example.com",))


@pytest.mark.parametrize(
    ("url", "channel"),
    [
        ("tgram://123456789:ABCdef_-/{to}/", "telegram"),
        ("twilio://AC0123:token@+15551112222/{to}", "sms"),
        ("twilio://AC0123:token@+15551112222/w:{to}", "whatsapp"),
        ("whatsapp://token@15551112222/{to}", "whatsapp"),
        ("ntfys://ntfy.example/topic", "push"),
        ("fcm://project/{to}?keyfile=/etc/key.json", "push"),
        ("mailtos://user:word@ntfy.example?to={to}", "email"),
    ],
)
def test_sound_address_passes(url: str, channel: str) -> None:
    apprise_urls.check(url, channel)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "syslog://",
        "dbus://",
        "exec://sh",
        "https://ntfy.example/{to}",
        "jsons://ntfy.example/{to}",
        "ntfys://ntfy.example.evil.com/{to}",
        "ntfys://evil.com/ntfy.example/{to}",
        "ntfys://ntfy.example@evil.com/{to}",
        "ntfys://evil.com#@ntfy.example/{to}",
        "ntfys://a@evil.com@ntfy.example/{to}",
        "ntfys://evil.com\\@ntfy.example/{to}",
        "ntfys://evil.com\t@ntfy.example/{to}",
        "ntfys://xntfy.example/{to}",
        "ntfys://ntfy.example./{to}",
        "ntfys://ntfy.example:8443x/{to}",
        "ntfys://{to}/topic",
        "ntfys://ntfy.example/{to}?attach=file:///etc/passwd",
        "ntfys://ntfy.example/{to}?verify=no",
        "ntfys://ntfy.example/{to}?redirect=yes",
        "ntfys://ntfy.example/topic",
        "ntfys:ntfy.example/{to}",
        "",
    ],
)
def test_address_that_is_not_allowed_is_refused(url: str) -> None:
    with pytest.raises(apprise_urls.NoAddress) as caught:
        apprise_urls.check(url, "sms")
    assert "evil" not in str(caught.value)


def test_plain_text_stays_on_this_machine_in_production(settings: Any) -> None:
    settings.PRODUCTION = True
    apprise_urls.check("ntfy://127.0.0.1/topic", "push")
    with pytest.raises(apprise_urls.NoAddress, match="plain text"):
        apprise_urls.check("ntfy://ntfy.example/topic", "push")
