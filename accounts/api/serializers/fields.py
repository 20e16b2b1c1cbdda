"""Fields that several shapes share."""

import zoneinfo
from functools import cache
from typing import Any

import phonenumbers
from rest_framework import serializers

from accounts.hashing import MAX_LENGTH
from accounts.landings import MAX_LANDING
from kit.fields import Secret, Text

USERNAME_HELP = (
    "2 to 64 letters of one alphabet, digits, dots, hyphens or underscores, beginning and ending with a letter or "
    "digit. Compared without regard to case and width."
)
STRENGTH_HELP = (
    "At least 15 characters of any kind, or at least 8 with an upper-case letter, a lower-case letter, a digit and a "
    "symbol. Not one of the most used ones, and not the person's own name or address. The error says which rule broke."
)
PHONE_HELP = "In E.164 form, such as +4915112345678; a number that exists. Empty for none."

LINK_URL_HELP = "The client's own page that the link leads to, if the operator allows it; otherwise ours."
LOCALE_HELP = "A language tag of BCP 47, such as de-AT."


class Phone(Text):
    """A telephone number in E.164 form, such as +4915112345678."""

    format = "e164"
    default_error_messages = {"invalid_phone": "Enter a number in international form, such as +4915112345678."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=16, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        text: str = super().to_internal_value(data)
        if not text:
            return text
        try:
            number = phonenumbers.parse(text)
        except phonenumbers.NumberParseException:
            self.fail("invalid_phone")
        canonical = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if not phonenumbers.is_valid_number(number) or text != canonical:
            self.fail("invalid_phone")
        return text


class TimeZone(Text):
    """A time zone of the IANA database, such as Europe/Berlin."""

    format = "iana-time-zone"
    default_error_messages = {"invalid_time_zone": "Enter a time zone such as Europe/Berlin."}

    def to_internal_value(self, data: Any) -> str:
        text: str = super().to_internal_value(data)
        if text and text not in _time_zones():
            self.fail("invalid_time_zone")
        return text


@cache
def _time_zones() -> set[str]:
    return zoneinfo.available_timezones()


class UserName(Text):
    """A user name. Which ones are good is for `kit.canonical` to say."""

    format = "user-name"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 64, "help_text": USERNAME_HELP, **kwargs})


class NewPassword(Secret):
    """A password that is being chosen. Which ones are good enough is for `accounts.passwords` to say."""

    format = "new-password"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": MAX_LENGTH, "help_text": STRENGTH_HELP, **kwargs})


class LinkUrl(Text):
    """The client's own page that a link leads to. Which pages are allowed is for `accounts.landings` to say."""

    format = "link-url"

    def __init__(self, **kwargs: Any) -> None:
        own = {"max_length": MAX_LANDING, "required": False, "allow_blank": True, "help_text": LINK_URL_HELP}
        super().__init__(**{**own, **kwargs})


class Locale(serializers.RegexField):
    """A language tag of BCP 47, such as de-AT."""

    def __init__(self, **kwargs: Any) -> None:
        own = {"max_length": 16, "required": False, "allow_blank": True, "help_text": LOCALE_HELP}
        super().__init__(r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2})?\Z", **{**own, **kwargs})
