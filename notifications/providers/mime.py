"""A mail as bytes (RFC 5322, RFC 2045). Text stays readable: eight bits and unbroken, so that a link stays whole.

The standard library's own message class refuses a line break in any header, so no value can add one.
"""

from email import policy
from email.message import EmailMessage
from functools import lru_cache
from typing import Any

from notifications import conf
from notifications.providers.base import Email, Permanent

MAX_LINE = 998  # octets, RFC 5322, section 2.1.1


class _WholeLinks(policy.EmailPolicy):
    """Writes the links of a mailing list (RFC 2369) a line each.

    The standard library makes encoded words of what is longer than a line, and no mail program reads links in those.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        if not name.startswith("List-"):
            return super().fold_binary(name, value)
        folded = ("," + self.linesep + " ").join(value.split(", "))
        return f"{name}: {folded}{self.linesep}".encode("ascii")


_WHOLE_LINKS = _WholeLinks(linesep=policy.SMTP.linesep)


def message_id(email: Email) -> str:
    """Return the Message-ID: the same at each attempt, so that a mailbox may drop what it gets twice."""
    return f"<{email.id}@{conf.host()}>"


def compose(email: Email, *, eight_bit: bool = True) -> bytes:
    """Return the whole message, lines ended by CRLF. From is the configured sender and nothing else.

    Without `eight_bit` (a server that lacks 8BITMIME, RFC 6152) text beyond ASCII is quoted-printable. Raises
    Permanent for what no mail can say, such as half a character.
    """
    try:
        return _composed(email, eight_bit=eight_bit)
    except ValueError as error:
        raise Permanent("not_expressible", type(error).__name__) from error


def _composed(email: Email, *, eight_bit: bool) -> bytes:
    mail = EmailMessage(policy=_WHOLE_LINKS)
    mail["From"] = _parsed_sender(conf.sender())
    mail["To"] = ", ".join(email.to)
    mail["Subject"] = email.subject
    mail["Date"] = email.at
    mail["Message-ID"] = message_id(email)
    if email.reply_to:
        mail["Reply-To"] = email.reply_to
    for name, value in email.headers:
        mail[name] = value
    if email.automatic:
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office reply, please
    parts = [(email.text, "plain"), (email.html, "html")]
    for position, (text, subtype) in enumerate([part for part in parts if part[0]] or parts[:1]):
        add = mail.add_alternative if position else mail.set_content
        add(text, subtype=subtype, charset="utf-8", cte=_encoding(text, eight_bit=eight_bit))
    for file in email.files:
        main, _, sub = file.content_type.partition("/")
        # In base64, texts too: what was uploaded arrives byte by byte.
        mail.add_attachment(file.open(), maintype=main, subtype=sub, filename=file.filename, cte="base64")
    return mail.as_bytes()


@lru_cache(maxsize=4)
def _parsed_sender(sender: str) -> Any:
    """Return the header From, which is the same in every mail."""
    return _WHOLE_LINKS.header_store_parse("From", sender)[1]


def _encoding(text: str, *, eight_bit: bool) -> str:
    if any(len(line) > MAX_LINE for line in text.encode().splitlines()):
        return "quoted-printable"
    if eight_bit:
        return "8bit"
    return "7bit" if text.isascii() else "quoted-printable"
