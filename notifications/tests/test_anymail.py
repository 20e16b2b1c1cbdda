"""Mail by django-anymail: a backend of its kind, over real HTTP, and what its reports mean."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from django.core.exceptions import ImproperlyConfigured
from django.core.mail.backends.base import BaseEmailBackend

from kit.clock import utcnow
from notifications.callbacks import anymail
from notifications.models import Attempt, Message, Receipt
from notifications.providers.anymail import ERRORS, AnymailProvider
from notifications.providers.base import (
    Ambiguous,
    File,
    Misconfigured,
    Permanent,
    RateLimited,
    SendingFailed,
    Transient,
)
from notifications.providers.base import Receipt as Taken
from notifications.testing import make_message
from notifications.tests.fakes.base import Move
from notifications.tests.fakes.mails import mail
from notifications.tests.fakes.resend import API_KEY, FakeResend
from notifications.tests.smtp import free_port

HERE = "notifications.tests.test_anymail"


class Backend(BaseEmailBackend):
    """Sends as the backends of anymail do: by a session of `requests`, telling on the mail what became of it."""

    url = ""
    error: Exception | None = None
    statuses: dict[str, str] = {}

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.session: requests.Session | None = None
        self.timeout: Any = 30

    def open(self) -> bool:
        self.session = requests.Session()
        return True

    def send_messages(self, email_messages: Any) -> int:
        if self.error is not None:
            raise self.error
        assert self.session is not None
        for message in email_messages:
            body = {"to": message.to, "subject": message.subject, "headers": message.extra_headers, "tags": []}
            body["files"] = [one.filename for one in message.attachments]
            kept = {"json": body, "headers": {"Authorization": f"Bearer {API_KEY}"}, "timeout": self.timeout}
            answer = self.session.post(f"{self.url}/emails", **kept)
            if not answer.ok:
                raise requests.HTTPError(f"{json.dumps(body)} was refused", response=answer)
            rows = {one: SimpleNamespace(status=self.statuses.get(one, "queued")) for one in message.to}
            message.anymail_status = SimpleNamespace(message_id=answer.json()["id"], recipients=rows)
        return len(email_messages)


class Lazy(Backend):
    def send_messages(self, email_messages: Any) -> int:
        return 0


class Sessionless(Lazy):
    def open(self) -> bool:
        return False


class Unset(Backend):
    def open(self) -> bool:
        raise ImproperlyConfigured("ANYMAIL is not set")


@pytest.fixture
def fake(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeResend]:
    settings.NOTIFICATIONS_HTTP_TIMEOUTS = {"email": (1, 0.3)}
    settings.NOTIFICATIONS_MAIL_BACKEND = f"{HERE}.Backend"
    with FakeResend() as running:
        monkeypatch.setattr(Backend, "url", running.url)
        yield running


def failure_of(provider: AnymailProvider, **fields: Any) -> SendingFailed:
    """Return how a mail fails."""
    with pytest.raises(SendingFailed) as caught:
        provider.send_email(mail(**fields))
    return caught.value


def test_a_mail_goes_out_with_all_that_belongs_to_it(fake: FakeResend) -> None:
    file = File(filename="a.txt", content_type="text/plain", open=lambda: b"bytes")
    message = mail(automatic=True, headers=(("List-Unsubscribe", "<https://x>"),), files=(file,), reply_to="r@x.org")
    provider = AnymailProvider()
    assert provider.send_email(message) == Taken(provider_id=fake.delivered[0]["provider_id"])
    assert fake.delivered[0]["files"] == ["a.txt"]
    headers = {"Message-ID": f"<{message.id}@testserver>", "List-Unsubscribe": "<https://x>"}
    assert fake.delivered[0]["headers"] == headers | {"Auto-Submitted": "auto-generated"}
    provider.send_email(mail(html=""))
    assert (provider.health(), len(fake.delivered)) == ("ok", 2)


def test_recipients_who_will_not_be_reached_are_named(fake: FakeResend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backend, "statuses", {"b@example.com": "rejected"})
    assert AnymailProvider().send_email(mail(to=("a@example.com", "b@example.com"))).refused == ("b@example.com",)


@pytest.mark.parametrize(
    ("move", "kind", "code"),
    [
        (Move(status=400), Permanent, "refused"),
        (Move(status=401), Misconfigured, "credentials_refused"),
        (Move(status=429, headers={"Retry-After": "4"}), RateLimited, "rate_limited"),
        (Move(status=500), Ambiguous, "provider_error"),
        (Move(status=307, headers={"Location": "http://10.0.0.1/"}), Misconfigured, "redirected"),
        (Move(take=True, hang_up=True), Ambiguous, "connection_lost"),
        (Move(take=True, seconds=0.6), Ambiguous, "timed_out"),
        (Move(status=200, document={}), Ambiguous, "provider_fault"),
    ],
)
def test_a_failure_has_its_class(fake: FakeResend, move: Move, kind: type[SendingFailed], code: str) -> None:
    fake.moves.append(move)
    failure = failure_of(AnymailProvider())
    assert (type(failure), failure.code) == (kind, code)
    assert "Hello" not in failure.detail


def test_nobody_there_is_for_now(fake: FakeResend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backend, "url", f"http://127.0.0.1:{free_port()}")
    assert type(failure_of(AnymailProvider())) is Transient


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_of_the_message_s_own_is_for_good(fake: FakeResend, monkeypatch: Any, name: str) -> None:
    monkeypatch.setattr(Backend, "error", type(name, (ValueError,), {})("Hello, Anna."))
    failure = failure_of(AnymailProvider())
    assert (type(failure), failure.code, failure.detail) == (Permanent, ERRORS[name], "")


def test_an_answer_that_cannot_be_read_leaves_it_unknown(fake: FakeResend, monkeypatch: Any) -> None:
    response = requests.Response()
    response.status_code = 200
    monkeypatch.setattr(Backend, "error", requests.HTTPError(response=response))
    assert failure_of(AnymailProvider()).code == "answer_unreadable"


@pytest.mark.parametrize(
    ("path", "code"),
    [("", "not_configured"), ("anymail.no.such.Backend", "not_installed"), (f"{HERE}.Unset", "not_configured")],
)
def test_without_a_backend_that_works_no_message_is_to_blame(settings: Any, path: str, code: str) -> None:
    settings.NOTIFICATIONS_MAIL_BACKEND = path
    failure = failure_of(AnymailProvider())
    assert (type(failure), failure.code) == (Misconfigured, code)


def test_a_backend_that_turns_out_not_to_be_set_up_is_to_blame(fake: FakeResend, monkeypatch: Any) -> None:
    monkeypatch.setattr(Backend, "error", ImproperlyConfigured("ANYMAIL"))
    assert type(failure_of(AnymailProvider())) is Misconfigured


@pytest.mark.parametrize("name", ["Lazy", "Sessionless"])
def test_a_backend_that_sends_nothing_has_taken_nothing(fake: FakeResend, settings: Any, name: str) -> None:
    settings.NOTIFICATIONS_MAIL_BACKEND = f"{HERE}.{name}"
    assert failure_of(AnymailProvider()).code == "not_sent"


@dataclass
class Told:
    """An event as anymail tells of it."""

    event_type: str
    event_id: str | None = "e1"
    message_id: str | None = "m1"
    recipient: str | None = "anna@example.com"
    reject_reason: str | None = None
    timestamp: datetime | None = field(default_factory=lambda: datetime(2026, 1, 2, tzinfo=UTC))


def tell(event: Told) -> None:
    """Send an event as Django's signals do."""
    anymail.note(signal=None, sender=None, event=event, esp_name="Mailgun")


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "event"), anymail.EVENTS.items())
def test_each_event_of_anymail(name: str, event: Receipt.Event) -> None:
    tell(Told(name))
    receipt = Receipt.objects.get()
    assert (receipt.event, receipt.event_id, receipt.provider_id) == (event, "Mailgun:e1", "m1")
    assert receipt.recipient == "anna@example.com"


@pytest.mark.django_db
@pytest.mark.parametrize("event", [Told("autoresponded"), Told("delivered", message_id=None)])
def test_what_else_anymail_tells_is_of_no_use(event: Told) -> None:
    tell(event)
    assert not Receipt.objects.exists()


@pytest.mark.django_db
def test_an_event_without_a_name_counts_once_and_moves_its_message() -> None:
    message = make_message(status=Message.Status.SENT)
    taken = {"provider": "anymail", "provider_id": "m1", "outcome": Attempt.Outcome.ACCEPTED}
    Attempt.objects.create(message=message, claim=1, started_at=message.created_at, **taken)
    for _ in range(2):
        tell(Told("delivered", event_id=None, timestamp=utcnow() + timedelta(hours=1)))
    message.refresh_from_db()
    assert message.status == Message.Status.DELIVERED
    assert Receipt.objects.get().occurred_at <= utcnow()
