"""Mail by SMTP (RFC 5321), over a connection of Django's e-mail backend that each sending thread keeps open.

The conversation itself is ours, because the phase in which a line breaks decides everything: before the end of
the data nothing was taken, after it nobody knows.
"""

import re
import smtplib
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.mail.backends.smtp import EmailBackend

from notifications import conf
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
    Unsupported,
    check,
)

KEPT_SECONDS = 30.0  # well under the five minutes that RFC 5321, section 4.5.3.2.7, lets a server wait
DONE, FOR_NOW, FOR_GOOD = 250, 400, 500  # RFC 5321, section 4.2.1: a reply, and where two kinds of refusal begin
TAKEN = (250, 251, 252)
CLOSING = 421  # section 4.2.2: the server goes away, whatever the message; other refusals for now are about the message
_CREDENTIALS = {530, 534, 535, 538}  # RFC 4954, section 6: about us, not about the message
_LEADING_DOT = re.compile(rb"(?m)^\.")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]+")

Reply = tuple[int, bytes]


class SmtpProvider(Unsupported):
    """Sends by the server of the EMAIL_* settings. With EMAIL_USE_TLS or EMAIL_USE_SSL never in plain text."""

    name = "smtp"
    channels = frozenset({"email"})

    def __init__(self) -> None:
        self._kept = threading.local()

    def send_email(self, message: Email) -> Receipt:
        """Hand the mail over. A kept connection that the server has closed meanwhile is opened anew, once."""
        check(message)
        link: _Link | None = getattr(self._kept, "link", None)
        self._kept.link = None
        if link is not None:
            if link.is_alive():
                return self._send(link, message)
            link.close()
        return self._send(_open(), message)

    def health(self) -> str:
        """Say whether a server is configured; whether it answers is told by the attempts."""
        return "ok" if EmailBackend().host else "not_configured"

    def _send(self, link: "_Link", message: Email) -> Receipt:
        try:
            receipt = hand_over(link.smtp, message)
        except SendingFailed:
            link.close()
            raise
        link.used_at = time.monotonic()
        self._kept.link = link
        return receipt


@dataclass(slots=True)
class _Link:
    """One open connection and when it was last used."""

    backend: EmailBackend
    smtp: smtplib.SMTP
    used_at: float

    def is_alive(self) -> bool:
        """Tell whether the server still answers; a RSET also clears whatever an earlier message left."""
        if time.monotonic() - self.used_at > KEPT_SECONDS:
            return False
        try:
            return self.smtp.rset()[0] == DONE
        except (smtplib.SMTPException, OSError):
            return False

    def close(self) -> None:
        """Hang up without waiting for a farewell."""
        self.smtp.close()
        self.backend.connection = None


def _open() -> _Link:
    """Connect, encrypt and log in as the settings say. Raises Transient or Misconfigured."""
    backend = EmailBackend(timeout=conf.provider_timeout())
    with opening():
        backend.open()
        smtp: smtplib.SMTP = backend.connection  # type: ignore[assignment]
        smtp.ehlo_or_helo_if_needed()
    return _Link(backend, smtp, time.monotonic())


@contextmanager
def opening() -> Iterator[None]:
    """Raise Transient or Misconfigured for what goes wrong while a line is opened."""
    try:
        yield
    except smtplib.SMTPNotSupportedError as error:
        raise Misconfigured("tls_or_login_not_offered") from error
    except smtplib.SMTPAuthenticationError as error:
        raise Misconfigured("login_refused", str(error.smtp_code)) from error
    except ssl.SSLError as error:
        raise Misconfigured("tls_failed", type(error).__name__) from error
    except smtplib.SMTPResponseException as error:
        raise Transient("greeting_refused", _said((error.smtp_code, _as_bytes(error.smtp_error)))) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Transient("connection_failed", type(error).__name__) from error


def hand_over(smtp: smtplib.SMTP, message: Email) -> Receipt:
    """Hold the conversation for one mail over a line that is open. Raises SendingFailed."""
    try:
        return _converse(smtp, message)
    except ValueError as error:
        raise Permanent("not_expressible", type(error).__name__) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Transient("connection_lost", type(error).__name__) from error


def _converse(smtp: smtplib.SMTP, message: Email) -> Receipt:
    """Say and hear what RFC 5321 asks for. Raises SendingFailed; anything else broke before the end of the data."""
    eight_bit = smtp.has_extn("8bitmime")
    body = mime.compose(message, eight_bit=eight_bit)
    options = [f"SIZE={len(body)}"] if smtp.has_extn("size") else []
    if not body.isascii():
        options.append("BODY=8BITMIME")
    _expect(smtp.mail(conf.sender_address(), options), "sender_refused")
    refused, deferred = _name_recipients(smtp, message)
    _expect(smtp.docmd("DATA"), "data_refused", good=(354,))
    smtp.send(_LEADING_DOT.sub(b"..", body) + b".\r\n")
    try:
        reply = smtp.getreply()
    except (smtplib.SMTPException, OSError) as error:
        raise Ambiguous("connection_lost_after_data", type(error).__name__) from error
    if reply[0] < FOR_NOW and reply[0] not in TAKEN:
        raise Ambiguous("answer_unreadable", _said(reply))
    _expect(reply, "message_refused")
    return Receipt(refused=refused, deferred=deferred)


def _name_recipients(smtp: smtplib.SMTP, message: Email) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name each recipient and return who was refused for good and who for now. Raises when nobody is left."""
    replies = {recipient: smtp.rcpt(recipient) for recipient in message.to}
    refused = tuple(recipient for recipient, (code, _) in replies.items() if code >= FOR_GOOD)
    deferred = tuple(recipient for recipient, (code, _) in replies.items() if code < FOR_GOOD and code not in TAKEN)
    if len(refused) + len(deferred) == len(replies):
        # One that may come round later is reason enough to try the whole message again.
        worst = replies[(deferred or refused)[0]]
        _expect(worst, "recipient_deferred" if deferred else "recipient_refused")
    return refused, deferred


def _expect(reply: Reply, code: str, *, good: tuple[int, ...] = TAKEN) -> None:
    """Raise the failure that a reply stands for (RFC 5321, section 4.2.1), unless it is a good one."""
    number = reply[0]
    if number in good:
        return
    if number in _CREDENTIALS:
        raise Misconfigured("login_refused", _said(reply))
    if number >= FOR_GOOD:
        raise Permanent(code, _said(reply))
    if number == CLOSING:
        raise Transient(code, _said(reply))
    raise Deferred(code, _said(reply))


def _said(reply: Reply) -> str:
    """Return the server's words, fit for the ledger: one line, printable, short."""
    words = reply[1].decode("utf-8", "replace")
    return f"{reply[0]} {' '.join(_UNPRINTABLE.sub(' ', words).split())}"[:200]


def _as_bytes(words: bytes | str) -> bytes:
    return words if isinstance(words, bytes) else words.encode()
