"""E-mails: no header can be smuggled in.

A subject is one line of printable text, an address is an address, and whom the mail is from is not the caller's to say.
"""

from dataclasses import replace

from kit import canonical
from kit.errors import Invalid, PermissionRefused
from notifications import attachments, conf
from notifications.requests.base import MessageRequest, check_body, check_line

MAX_RECIPIENTS = 50


def checked(request: MessageRequest) -> MessageRequest:
    """Return the request with its addresses trimmed. Raises `Invalid`, or PermissionRefused where a policy forbids."""
    if not 1 <= len(request.to) <= MAX_RECIPIENTS:
        raise Invalid("to", f"Name 1 to {MAX_RECIPIENTS} recipients.", "recipient_count")
    alone = len(request.to) == 1
    to = tuple(_address(one, "to" if alone else f"to.{position}") for position, one in enumerate(request.to))
    if len({canonical.fold(one) for one in to}) < len(to):
        raise Invalid("to", "Name each recipient once.", "duplicate_recipient")
    if not request.template:
        check_words(request)
    reply_to = request.reply_to and _address(request.reply_to, "reply_to")
    _check_policies(to, reply_to)
    attachments.check(request.attachments)
    return replace(request, to=to, reply_to=reply_to)


def check_words(request: MessageRequest) -> None:
    """Raise `Invalid` unless a mail says something, in one line and in text or HTML."""
    check_line("subject", request.subject)
    if not (request.text.strip() or request.html.strip()):
        raise Invalid("text", "A mail needs text or HTML.", "required")
    check_body("text", request.text)
    check_body("html", request.html)


def _address(text: str, field: str) -> str:
    """Return the address as it was written, trimmed: what comes before the @ is its owner's business (RFC 5321)."""
    canonical.address(text, field=field)
    trimmed = text.strip()
    # Folding turns some letters into others; mail for one would go to somebody else.
    if not trimmed.isascii():
        raise Invalid(field, "Enter an e-mail address such as anna@example.com.", "invalid_email")
    return trimmed


def _check_policies(to: tuple[str, ...], reply_to: str) -> None:
    """Raise PermissionRefused for a domain that the operator has not allowed."""
    if not all(_is_allowed(address, conf.recipient_domains()) for address in to):
        raise PermissionRefused("Mail may go to no other domains than those of this installation.")
    if reply_to and not _is_allowed(reply_to, conf.reply_to_domains()):
        raise PermissionRefused("Answers may go to no other domains than those of this installation.")


def _is_allowed(address: str, domains: frozenset[str]) -> bool:
    """Tell whether an address is at one of some domains, exactly; of no domains all are allowed."""
    return not domains or canonical.fold(address).rpartition("@")[2] in domains
