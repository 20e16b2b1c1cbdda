"""What a provider is, and the five ways in which one can fail.

The class of a failure is all that the dispatcher looks at: it decides whether, when and by whom to try again.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol
from uuid import UUID

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A file that goes along. `open` reads its bytes where they lie, so that a queue of mails holds none."""

    filename: str
    content_type: str
    open: Callable[[], bytes] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Email:
    """One mail, ready to go: plain values, so that the thread that sends it needs no database. Its repr says nothing.

    `key` is the same as long as nobody knows whether an earlier try was taken, and another after each certain failure:
    a provider that keeps such keys takes the message once.
    """

    id: UUID
    key: str = ""
    to: tuple[str, ...] = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(default="", repr=False)
    reply_to: str = field(default="", repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    files: tuple[File, ...] = ()
    at: datetime
    automatic: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """One short message to a number by SMS or WhatsApp, or to a chat; `key` as of a mail."""

    id: UUID
    key: str = ""
    channel: str
    to: str = field(repr=False)
    text: str = field(repr=False)
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Push:
    """One push message to a device or a provider's own target; `key` as of a mail."""

    id: UUID
    key: str = ""
    to: str = field(repr=False)
    title: str = field(repr=False)
    body: str = field(repr=False)
    data: Mapping[str, str] = field(default_factory=dict, repr=False)
    at: datetime


Outgoing = Email | Text | Push


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """The provider has taken the message, for all recipients but those named here.

    `refused` will never be reached; `deferred` may be, later. The provider's own id, if it gives one.
    """

    provider_id: str = ""
    refused: tuple[str, ...] = ()
    deferred: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Guarantees:
    """What may be relied on beyond "it took the message".

    - `keys`: the same `key` again within a day is answered as the first time, and nothing goes out twice.
    - `looks_up`: `find` tells whether a message was taken.
    - `reports`: it tells later, by callback, what became of a message; `taking_is_sending` is False where taking one
      promises nothing, so that a failure or silence afterwards is a reason to try the next provider.
    """

    keys: bool = False
    looks_up: bool = False
    reports: bool = False
    taking_is_sending: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """What is known of a message that its provider is asked for.

    `since` is when the first try began of which nobody knows what became of it. `claim` takes, of the provider's own
    ids that may be this message's, the first that no other try has, and returns it; nothing when there is none. It
    raises `Deferred` when that cannot be told now. A provider that finds messages by their keys needs neither.
    """

    since: datetime
    claim: Callable[[Sequence[str]], str] = field(repr=False)


class Provider(Protocol):
    """One way out. Called from several threads at once; raises nothing but `SendingFailed` for a message not taken."""

    name: str
    channels: frozenset[str]
    guarantees: Guarantees

    def send_email(self, message: Email) -> Receipt:
        """Hand a mail over, to all its recipients at once."""
        ...

    def send_sms(self, message: Text) -> Receipt:
        """Hand a short message over."""
        ...

    def send_push(self, message: Push) -> Receipt:
        """Hand a push message over."""
        ...

    def find(self, message: Outgoing, doubt: Doubt, /) -> Receipt | None:
        """Return the receipt of a message that it has taken, None of one that it has not. With `looks_up` alone.

        Raises `SendingFailed` when it cannot tell now.
        """
        ...

    def health(self) -> str:
        """Return `ok`, or one word for what is wrong. Quick: no call over the network."""
        ...


class SendingFailed(Exception):
    """A message was not taken, or perhaps not. `code` is a machine word, `detail` what the provider said."""

    default_code: ClassVar[str] = "failed"

    def __init__(self, code: str = "", detail: str = "") -> None:
        self.code = code or self.default_code
        self.detail = detail
        super().__init__(self.code)


class Permanent(SendingFailed):
    """Never: the message will not be taken: no retry, no other provider."""

    default_code = "refused"


class Transient(SendingFailed):
    """Not now. Nothing was taken, so another provider may try at once."""

    default_code = "unavailable"


class Deferred(Transient):
    """Not this message now (a full mailbox, greylisting): it says nothing about how the provider is."""

    default_code = "deferred"


class RateLimited(Transient):
    """Not before `retry_after` seconds."""

    default_code = "rate_limited"

    def __init__(self, code: str = "", detail: str = "", *, retry_after: float) -> None:
        super().__init__(code, detail)
        self.retry_after = retry_after


class Ambiguous(SendingFailed):
    """The line broke after the message was handed over: it may have been taken. No other provider may try at once."""

    default_code = "unknown"


class Misconfigured(SendingFailed):
    """The provider cannot be used as it is set up (credentials, TLS). No message is to blame."""

    default_code = "misconfigured"


def check(message: Outgoing) -> None:
    """Raise Permanent for what nobody can send, before anybody is called: to no one, or with two lines in a header."""
    to = message.to if isinstance(message, Email) else (message.to,)
    if not to or not all(one.strip() for one in to):
        raise Permanent("no_recipient")
    if any(_CONTROL.search(one) for one in to):
        raise Permanent("recipient_not_expressible")
    if any(_CONTROL.search(line) for line in _lines_of(message)):
        raise Permanent("header_not_expressible")


def _lines_of(message: Outgoing) -> Iterator[str]:
    """Yield what of a mail stands in a line of its own."""
    if isinstance(message, Email):
        yield from (message.subject, message.reply_to)
        yield from (word for header in message.headers for word in header)
        yield from (word for file in message.files for word in (file.filename, file.content_type))


class Unsupported:
    """The answers of a provider that has only some of the channels; for inheriting."""

    guarantees = Guarantees()

    def send_email(self, message: Email) -> Receipt:
        """Refuse: this channel is not one of the provider's."""
        raise Misconfigured("unsupported_channel")

    def send_sms(self, message: Text) -> Receipt:
        """Refuse: this channel is not one of the provider's."""
        raise Misconfigured("unsupported_channel")

    def send_push(self, message: Push) -> Receipt:
        """Refuse: this channel is not one of the provider's."""
        raise Misconfigured("unsupported_channel")

    def find(self, message: Outgoing, doubt: Doubt, /) -> Receipt | None:
        """Refuse: it keeps no list of what it took."""
        raise Misconfigured("unsupported_look_up")
