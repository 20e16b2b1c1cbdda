"""Push messages: to a person's devices, or to a target as a provider names it. Never to an address of the network."""

import re
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from kit.errors import Invalid
from notifications.requests.base import MessageRequest, check_body, check_line, check_storable

MAX_TITLE = 255  # bytes
MAX_TEXT = 4_000
MAX_DATA = 20  # entries
MAX_DATA_KEY = 64
MAX_DATA_VALUE = 1_000
MAX_TARGET = 254

# No slash and no scheme: what could be read as a URL would let a caller choose whom the service talks to.
_TARGET = re.compile(r"(?!.*:/)[A-Za-z0-9][A-Za-z0-9_:.=-]{0,253}\Z")


def checked(request: MessageRequest) -> MessageRequest:
    """Return the request, a person by her id in its one form. Raises `Invalid` naming the field that breaks a rule."""
    if len(request.to) != 1 or not _TARGET.match(request.to[0]):
        raise Invalid("to", "Name a person by her id, or one target of a provider.", "invalid_target")
    if not request.template:
        check_words(request)
    _check_data(request.payload)
    person = person_of(request)
    return request if person is None else replace(request, to=(str(person),))


def check_words(request: MessageRequest) -> None:
    """Raise `Invalid` unless a message has a title, and a body that is not too long."""
    check_line("title", request.subject, most=MAX_TITLE)
    check_body("body", request.text, most=MAX_TEXT)


def person_of(request: MessageRequest) -> UUID | None:
    """Return the person whose devices are meant, None where it is a provider's target."""
    try:
        return UUID(request.to[0])
    except ValueError:
        return None


def _check_data(data: Mapping[str, str]) -> None:
    if len(data) > MAX_DATA:
        raise Invalid("data", f"Use at most {MAX_DATA} entries.", "max_length")
    for key, value in data.items():
        check_storable("data", key)
        if not 1 <= len(key) <= MAX_DATA_KEY:
            raise Invalid("data", f"Use keys of 1 to {MAX_DATA_KEY} characters.", "max_length")
        if not isinstance(value, str):
            raise Invalid(f"data.{key}", "Use text.", "invalid")
        check_body(f"data.{key}", value, most=MAX_DATA_VALUE)
