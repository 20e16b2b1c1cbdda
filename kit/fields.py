"""Serializer fields that take a JSON type for what it is.

Django REST framework reads 5 as "5", "yes" as true and "5" as 5, so that two clients can mean different things by
one body. Here a wrong type is a mistake, told at its field.
"""

import datetime as dt
import re
import unicodedata
import uuid
from typing import Any

from rest_framework import serializers

from kit.canonical import MAX_ADDRESS

FIRST_YEAR, LAST_YEAR = 1970, 9998
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)\Z", re.ASCII)


class Text(serializers.CharField):
    """A line of text: trimmed, without control characters. `multiline` lets line ends and tabs through.

    A subclass may name its `format` in the published schema, and characters that its own rule refuses (`refused`, as
    within the brackets of a pattern).
    """

    default_error_messages = {"control": "This text holds a control character."}
    format = ""
    refused = ""

    def __init__(self, *, multiline: bool = False, **kwargs: Any) -> None:
        self.allowed = "\n\r\t" if multiline else ""
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Return the text. Anything but a JSON string is refused."""
        _require(self, right=isinstance(data, str))
        if self.max_length is not None and len(data.strip()) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        # Before it is trimmed: a control character at an end is no white space that a person typed.
        if any(unicodedata.category(char) == "Cc" and char not in self.allowed for char in set(data)):
            self.fail("control")
        return super().to_internal_value(data)


class EmailAddress(Text):
    """An e-mail address: at most 254 characters. Which addresses are good is for `kit.canonical` to say."""

    format = "email"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": MAX_ADDRESS, **kwargs})


class Secret(serializers.CharField):
    """A password or token: exactly as sent, never trimmed, never shown again."""

    format = ""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"write_only": True, "trim_whitespace": False, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        """Return the text. Anything but a JSON string is refused."""
        _require(self, right=isinstance(data, str))
        return super().to_internal_value(data)


class Id(serializers.UUIDField):
    """The id of a row, as text."""

    def to_internal_value(self, data: Any) -> uuid.UUID:
        """Return the id. A number, which is one to Python, is refused."""
        _require(self, right=isinstance(data, str))
        return super().to_internal_value(data)


class Base64Url(serializers.RegexField):
    """Bytes as base64url without padding (RFC 4648, section 5), at most `max_bytes` of them. The value is the text."""

    def __init__(self, *, max_bytes: int, **kwargs: Any) -> None:
        longest = -(-max_bytes * 4 // 3)
        super().__init__(r"^[A-Za-z0-9_-]+\Z", **{"max_length": longest, "trim_whitespace": False, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        """Return the text. Anything but a JSON string is refused."""
        _require(self, right=isinstance(data, str))
        return super().to_internal_value(data)


class AsSent:
    """A field that is given empty in a query was given: a form's idea that it was left out is not ours."""

    field_name: str | None

    def get_value(self, dictionary: Any) -> Any:
        """Return what was sent."""
        return dictionary.get(self.field_name, serializers.empty)


class Choice(AsSent, serializers.ChoiceField):
    """One of some words."""


class Flag(serializers.BooleanField):
    """JSON's true or false, and no word that looks like one."""

    def to_internal_value(self, data: Any) -> bool:
        """Return the truth value."""
        _require(self, right=isinstance(data, bool))
        return bool(data)


class Whole(serializers.IntegerField):
    """A whole number, not text with digits in it."""

    def to_internal_value(self, data: Any) -> int:
        """Return the number."""
        _require(self, right=isinstance(data, int) and not isinstance(data, bool))
        return super().to_internal_value(data)


class Moment(AsSent, serializers.DateTimeField):
    """A moment by RFC 3339 with its offset, shown in UTC with `Z`."""

    def to_internal_value(self, data: Any) -> dt.datetime:
        """Return the moment in UTC. Local times, leap seconds and years outside 1970 to 9998 are refused."""
        if not isinstance(data, str) or not _RFC_3339.match(data):
            self.fail("invalid", format="RFC 3339 with an offset")
        try:
            moment = dt.datetime.fromisoformat(data.upper()).astimezone(dt.UTC)
        except (ValueError, OverflowError):
            moment = dt.datetime.min.replace(tzinfo=dt.UTC)
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            self.fail("invalid", format="RFC 3339 with an offset")
        return moment

    def to_representation(self, value: dt.datetime) -> str:
        """Return the moment as RFC 3339 in UTC."""
        return show_moment(value)


class Items(serializers.ListField):
    """A list whose length is judged before anything in it."""

    def to_internal_value(self, data: Any) -> list[Any]:
        """Return what the list holds."""
        if self.max_length is not None and isinstance(data, list) and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)


def show_moment(moment: dt.datetime) -> str:
    """Return a moment as every answer writes it: RFC 3339, UTC, `Z`, microseconds only where there are some."""
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def _require(field: serializers.Field[Any, Any, Any, Any], *, right: bool) -> None:
    if not right:
        raise serializers.ValidationError(field.error_messages["invalid"], code="invalid")
