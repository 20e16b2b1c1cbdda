"""What nobody can send is refused for good by every provider, before anybody is called: it is no provider's fault."""

from typing import Any

import pytest

from notifications.providers.anymail import AnymailProvider
from notifications.providers.apprise import AppriseProvider
from notifications.providers.base import File, Permanent, Provider
from notifications.providers.faulty import FaultyProvider
from notifications.providers.file import FileProvider
from notifications.providers.novu import NovuProvider
from notifications.providers.resend import ResendProvider
from notifications.providers.smtp import SmtpProvider
from notifications.providers.twilio import TwilioProvider
from notifications.tests.fakes.mails import mail, push, text
from notifications.tests.smtp import free_port, smtp_settings

SMUGGLED = "x\r\nBcc: eve@example.com"
MAILERS = ("anymail", "apprise", "faulty", "file", "novu", "resend", "smtp")
OTHERS = ("apprise", "faulty", "file", "novu", "twilio")


@pytest.fixture
def providers(settings: Any, tmp_path: Any) -> dict[str, Provider]:
    """Return the providers, each of a service that nobody runs: a call would be told from a refusal."""
    nobody = f"http://127.0.0.1:{free_port()}"
    settings.GATEHOUSE_HOME = tmp_path
    settings.NOTIFICATIONS_MAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    for name, value in smtp_settings(free_port()).items():
        setattr(settings, name, value)
    workflows = dict.fromkeys(("email", "sms", "push"), "w")
    twilio = {"account_sid": "AC1", "auth_token": "t", "from": "+15005550006", "url": nobody}
    return {
        "anymail": AnymailProvider(),
        "apprise": AppriseProvider(),
        "faulty": FaultyProvider(),
        "file": FileProvider(),
        "novu": NovuProvider({"api_key": "k", "url": nobody, "workflows": workflows}),
        "resend": ResendProvider({"api_key": "k", "url": nobody}),
        "smtp": SmtpProvider(),
        "twilio": TwilioProvider(twilio),
    }


@pytest.mark.parametrize("name", MAILERS)
@pytest.mark.parametrize("to", [(), ("",), ("anna@example.com", " ")])
def test_mail_to_nobody_is_refused(providers: dict[str, Provider], name: str, to: tuple[str, ...]) -> None:
    with pytest.raises(Permanent, match="no_recipient"):
        providers[name].send_email(mail(to=to))


@pytest.mark.parametrize("name", MAILERS)
@pytest.mark.parametrize(
    "fields",
    [
        {"subject": SMUGGLED},
        {"subject": "x\ny"},
        {"subject": "x\0y"},
        {"reply_to": SMUGGLED},
        {"headers": (("List-Unsubscribe", SMUGGLED),)},
        {"headers": ((SMUGGLED, "x"),)},
        {"files": (File(filename=SMUGGLED, content_type="text/plain", open=bytes),)},
        {"files": (File(filename="x", content_type=SMUGGLED, open=bytes),)},
    ],
)
def test_mail_that_would_have_another_header_is_refused(
    providers: dict[str, Provider], name: str, fields: dict[str, Any]
) -> None:
    with pytest.raises(Permanent, match="header_not_expressible"):
        providers[name].send_email(mail(**fields))


@pytest.mark.parametrize("name", MAILERS)
def test_mail_to_an_address_of_two_lines_is_refused(providers: dict[str, Provider], name: str) -> None:
    with pytest.raises(Permanent, match="recipient_not_expressible"):
        providers[name].send_email(mail(to=("anna@example.com", SMUGGLED)))


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("to", ["", " "])
def test_short_message_to_nobody_is_refused(providers: dict[str, Provider], name: str, to: str) -> None:
    with pytest.raises(Permanent, match="no_recipient"):
        providers[name].send_sms(text(to=to))


@pytest.mark.parametrize("name", [name for name in OTHERS if name != "twilio"])
def test_push_to_nobody_is_refused(providers: dict[str, Provider], name: str) -> None:
    with pytest.raises(Permanent, match="no_recipient"):
        providers[name].send_push(push(to=""))


def test_nothing_that_is_sent_is_shown_by_accident() -> None:
    said = repr((mail(headers=(("List-Unsubscribe", "<https://x/token>"),), reply_to="r@x.org"), text(), push()))
    assert [
        word for word in ("Hello", "Anna", "anna@", "123456", "+49", "token", "r@x", "device-1") if word in said
    ] == []
