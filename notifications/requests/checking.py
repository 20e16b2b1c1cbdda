"""From what came in to what may be stored, channel by channel."""

from collections.abc import Callable
from dataclasses import replace

from notifications.channels import Channel
from notifications.requests import emails, pushes, texts
from notifications.requests.base import MessageRequest, check_common
from notifications.wording import languages

_CHECKS: dict[str, Callable[[MessageRequest], MessageRequest]] = {
    Channel.EMAIL: emails.checked,
    Channel.SMS: texts.checked,
    Channel.WHATSAPP: texts.checked,
    Channel.TELEGRAM: texts.checked,
    Channel.PUSH: pushes.checked,
    Channel.INBOX: pushes.checked,
}
_WORDS: dict[str, Callable[[MessageRequest], None]] = {
    Channel.EMAIL: emails.check_words,
    Channel.SMS: texts.check_words,
    Channel.WHATSAPP: texts.check_words,
    Channel.TELEGRAM: texts.check_words,
    Channel.PUSH: pushes.check_words,
    Channel.INBOX: pushes.check_words,
}


def checked(request: MessageRequest) -> MessageRequest:
    """Return the request as it may be stored. Raises `Invalid` naming the field that breaks a rule."""
    check_common(request)
    named = replace(request, locale=languages.canonical(request.locale)) if request.locale else request
    return _CHECKS[request.channel](named)


def check_words(request: MessageRequest) -> None:
    """Raise `Invalid` unless what a template made of a request may be sent on its channel."""
    _WORDS[request.channel](request)
