"""Telephone numbers as the guard sees them: which are written to at all, and what they have in common with others."""

import phonenumbers
from phonenumbers import PhoneNumberType

from notifications import guard_conf
from notifications.guard_words import NOT_VALID, WRONG_COUNTRY, WRONG_TYPE

LAST_DIGITS = 4  # of the numbers of one prefix: pumped ones come in rows

# A message to these costs more than it should, or reaches nobody: whoever owns them may earn on it.
REFUSED_TYPES = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.VOICEMAIL,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.PAGER,
        PhoneNumberType.UAN,
    }
)
NO_COUNTRY = "001"  # satellite and other networks of no country


def refusal_of(number: str) -> str:
    """Return why a number is not written to, in one word; empty where it is. No network of satellites ever is."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return NOT_VALID
    if not number.startswith("+") or not phonenumbers.is_valid_number(parsed):
        return NOT_VALID
    if phonenumbers.number_type(parsed) in REFUSED_TYPES:
        return WRONG_TYPE
    country, allowed = phonenumbers.region_code_for_number(parsed), guard_conf.countries()
    if country == NO_COUNTRY:
        return WRONG_TYPE
    return "" if guard_conf.ANYWHERE in allowed or country in allowed else WRONG_COUNTRY


def country_of(number: str) -> str:
    """Return the country of a number, by ISO 3166; empty for none."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""
    except phonenumbers.NumberParseException:
        return ""


def prefix_of(number: str) -> str:
    """Return what a number begins with, less its last four digits."""
    return number[:-LAST_DIGITS]
