"""Short messages: to one number in E.164 form that a person can have (N24)."""

import phonenumbers
from phonenumbers import PhoneNumberFormat

from kit.errors import Invalid
from notifications import numbers
from notifications.channels import Channel
from notifications.requests.base import MessageRequest, check_body

MAX_TEXT = {Channel.SMS: 1_600, Channel.WHATSAPP: 4_096, Channel.TELEGRAM: 4_096}


def checked(request: MessageRequest) -> MessageRequest:
    """Return the request. Raises `Invalid` naming the field that breaks a rule."""
    if len(request.to) != 1:
        raise Invalid("to", "Name one number.", "recipient_count")
    if request.channel != Channel.TELEGRAM:  # whose chats have no numbers
        check_number(request.to[0])
    if not request.template:
        check_words(request)
    return request


def check_words(request: MessageRequest) -> None:
    """Raise `Invalid` unless a short message says something, and not too much."""
    if not request.text.strip():
        raise Invalid("text", "A message needs a text.", "required")
    check_body("text", request.text, most=MAX_TEXT[Channel(request.channel)])


def check_number(text: str, *, field: str = "to") -> None:
    """Raise `Invalid` unless a text is a number in its one international form, of a kind that gets messages."""
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        number = None
    if (
        number is None
        or text != phonenumbers.format_number(number, PhoneNumberFormat.E164)
        or not phonenumbers.is_valid_number(number)
    ):
        raise Invalid(field, "Enter a number in international form, such as +4915112345678.", "invalid_phone")
    no_country = phonenumbers.region_code_for_number(number) == numbers.NO_COUNTRY  # satellites, premium networks
    if no_country or phonenumbers.number_type(number) in numbers.REFUSED_TYPES:
        raise Invalid(field, "Messages cannot go to a number of this kind.", "refused_number_type")
