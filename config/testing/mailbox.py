"""The mail that the service sent, read from a directory of whole messages: the file provider's or the SMTP sink's."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from config.testing.children import wait_until

_LINK = re.compile(r"^https?://\S+$", re.MULTILINE)


@dataclass(frozen=True)
class _Arrived:
    when: int
    to: str
    subject: str
    mail: EmailMessage


class Mailbox:
    """Everything that has arrived."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._arrived: dict[Path, _Arrived] = {}

    def mails(self, *, to: str = "", about: str = "") -> list[EmailMessage]:
        """Return the messages, the oldest first; with `to` only those to that address, with `about` of that subject."""
        # Each is read once: a journey asks again and again, and a whole message never changes.
        there = sorted(self.directory.glob("*.eml"))
        for path in there:
            if path not in self._arrived:
                self._arrived[path] = _read(path)
        arrived = sorted((self._arrived[path] for path in there), key=lambda one: one.when)
        return [one.mail for one in arrived if to.lower() in one.to and about in one.subject]

    def count(self) -> int:
        """Return how many messages have arrived, without reading them."""
        return sum(1 for _ in self.directory.glob("*.eml"))

    def wait(self, *, to: str, about: str = "", count: int = 1, seconds: float = 30) -> EmailMessage:
        """Return the newest message to an address once at least `count` have arrived; raises NotReady.

        Two that were sent at about the same time may arrive in either order: `about` tells them apart.
        """
        enough: Callable[[], list[EmailMessage]] = lambda: (  # noqa: E731 - reads better at its only use
            found if len(found := self.mails(to=to, about=about)) >= count else []
        )
        return wait_until(f"mail {count} to {to} {about}".rstrip(), enough, seconds=seconds)[-1]


def _read(path: Path) -> _Arrived:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    return _Arrived(path.stat().st_mtime_ns, str(mail["To"]).lower(), str(mail["Subject"]), mail)


def text_of(mail: EmailMessage) -> str:
    """Return the plain text of a message."""
    part = mail.get_body(("plain",))
    if part is None:
        raise AssertionError("the message has no plain text")
    text: str = part.get_content().replace("\r\n", "\n")
    return text


def link_in(mail: EmailMessage) -> str:
    """Return the link that stands alone on a line of a message."""
    found = _LINK.search(text_of(mail))
    if found is None:
        raise AssertionError(f"no link alone on a line in: {text_of(mail)!r}")
    return found.group(0).strip()


def token_in(mail: EmailMessage) -> str:
    """Return the one-time token that the link of a message carries."""
    return parse_qs(urlsplit(link_in(mail)).query)["token"][0]
