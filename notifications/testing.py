"""For the tests of this app and those above: a provider that keeps what it is given, and a way to let it all out.

NOTIFICATIONS_EMAIL_PROVIDERS = ["notifications.testing.RecordingProvider"]

[mail] = testing.deliver_all(now=now)
assert mail.to == ("anna@example.com",)
"""

import re
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kit.clock import utcnow
from kit.ids import uuid7
from kit.origin import NOWHERE
from notifications import dispatching, sending
from notifications.channels import Channel
from notifications.drafts import Draft
from notifications.kinds import Content, Kind
from notifications.lanes import Lane
from notifications.models import Message, Template, TemplateVersion
from notifications.providers.base import Email, Receipt, Text, Unsupported
from notifications.wording import versions
from notifications.wording.defaults import Sources

_LINK = re.compile(r"^https?://\S+$", re.MULTILINE)

sent: list[Email] = []
"""Every mail that the recording provider has taken in this process."""

texts: list[Text] = []
"""Every short message that the recording provider has taken in this process."""

answers: deque[Exception | Receipt | Callable[[Email], Receipt]] = deque()
"""What the recording provider does with the next mails, one each; when empty it takes them."""


class RecordingProvider(Unsupported):
    """Takes every message and keeps it; of mails `answers` may say otherwise."""

    name = "recording"
    channels = frozenset({"email", "sms", "whatsapp", "telegram"})

    def send_email(self, message: Email) -> Receipt:
        """Keep the mail, or do what the next of `answers` says."""
        answer = answers.popleft() if answers else Receipt()
        if isinstance(answer, Exception):
            raise answer
        receipt = answer if isinstance(answer, Receipt) else answer(message)
        sent.append(message)
        return receipt

    def send_sms(self, message: Text) -> Receipt:
        """Keep the short message."""
        texts.append(message)
        return Receipt()

    def health(self) -> str:
        """Say that all is well."""
        return "ok"


class SecondProvider(RecordingProvider):
    """Another one, for chains of two."""

    name = "second"


def deliver_all(now: datetime | None = None) -> list[Email]:
    """Send everything that is due at `now` (by default: really now) in this thread; return the mails that went out."""
    before = len(sent)
    dispatching.drain((lambda: now) if now is not None else utcnow)
    return sent[before:]


def forget_mail() -> None:
    """Empty the recording provider. Call it between tests (an autouse fixture)."""
    sent.clear()
    texts.clear()
    answers.clear()


def link_in(mail: Email) -> str:
    """Return the link of a mail: the one line of its text that is nothing else. Fails when there is none."""
    found = _LINK.search(mail.text)
    assert found is not None, "no line of this mail is a link"
    return found[0]


def make_message(*, now: datetime | None = None, **fields: Any) -> Message:
    """Make a queued e-mail with a caller's own words; any column may be given."""
    moment = now or utcnow()
    values: dict[str, Any] = {
        "to": ["anna@example.com"],
        "recipient": "anna@example.com",
        "subject": "Hello",
        "text": "Hello, Anna.\n",
        "caller": uuid7(),
        "created_at": moment,
        "due_at": moment,
        "expires_at": moment + timedelta(hours=24),
    }
    return Message.objects.create(**values | fields)


def draft_for(person: UUID | None, *, now: datetime, must_arrive: bool = False, **fields: Any) -> Draft:
    """Make the draft of a mail to a person that could go now; any column may be given."""
    values: dict[str, Any] = {
        "to": ["anna@example.com"],
        "recipient": "anna@example.com",
        "subject": "Hello",
        "text": "Hello, Anna.",
        "lane": Lane.NORMAL,
        "person": person,
        "caller": uuid7(),
        "created_at": now,
        "due_at": now,
        "expires_at": now + timedelta(hours=24),
    }
    return Draft(Message(**values | fields), person=person, must_arrive=must_arrive)


def make_greeting(*, now: datetime, name: str = "Anna", link: str = "https://gatehouse.example.com/open") -> Message:
    """Queue a message of the kind GREETING."""
    reference = uuid7()
    greetings[reference] = Content(context={"name": name, "link": link})
    return sending.send(kind=GREETING, to="anna@example.com", reference=reference, now=now)


def make_template(name: str, samples: Mapping[str, Any], *, now: datetime, category: str = "") -> Template:
    """Make a template that callers can send, with its variables."""
    return versions.make(name=name, variables=samples, category=category, actor=uuid7(), now=now, origin=NOWHERE)


def publish_wording(
    name: str, sources: Sources, *, now: datetime, channel: str = Channel.EMAIL, locale: str = ""
) -> TemplateVersion:
    """Publish a wording of a template or of a kind of message."""
    by: dict[str, Any] = {"actor": uuid7(), "now": now, "origin": NOWHERE}
    drafted = versions.draft(name=name, channel=channel, sources=sources, locale=locale, **by)
    return versions.publish(name=name, number=drafted.number, **by)


def _greeting(reference: UUID, _now: datetime) -> Content | None:
    return greetings.get(reference)


greetings: dict[UUID, Content] = {}
"""What the kind GREETING is built from, by reference; nothing under a reference means nothing to send."""

GREETING = Kind(
    name="notifications.greeting",
    lane=Lane.URGENT,
    category="security",
    template="notifications/tests/greeting",
    build=_greeting,
    expires_after=timedelta(minutes=10),
    sample={"name": "Anna", "link": "https://gatehouse.example.com/open"},
)

SHORT_GREETING = Kind(
    name="notifications.short_greeting",
    lane=Lane.URGENT,
    category="security",
    template="notifications/tests/short_greeting",
    build=_greeting,
    expires_after=timedelta(minutes=10),
    channel=Channel.SMS,
)

KINDS = (GREETING, SHORT_GREETING)
