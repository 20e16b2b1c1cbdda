"""The texts that people write about roles and groups: their names, and one line about each."""

import re

from kit.errors import Invalid

MAX_NAME = 64
MAX_DESCRIPTION = 255

NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}\Z")


def name(text: str, *, field: str = "name") -> str:
    """Return a name, if it can be one. Raises `Invalid`."""
    if not NAME.match(text):
        raise Invalid(field, f"Use small letters, digits, - and _, a letter first; at most {MAX_NAME}.", "invalid_name")
    return text


def line(text: str, *, field: str = "description", most: int = MAX_DESCRIPTION) -> str:
    """Return a text of one line without the white space around it. Raises `Invalid`."""
    trimmed = text.strip()
    if len(trimmed) > most or not trimmed.isprintable():
        raise Invalid(field, f"Use one line of at most {most} characters.", f"invalid_{field}")
    return trimmed
