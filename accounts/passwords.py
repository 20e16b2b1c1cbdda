"""Which passwords are good enough (NIST SP 800-63B-4, section 3.1.1.2).

Each rule says in its message what to do about it. Nothing here hashes for keeps; see `hashing`.
"""

import gzip
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

from django.contrib.auth import password_validation

from accounts import breached, conf, hashing
from kit import canonical
from kit.errors import Invalid

LONG_ENOUGH = 15
SHORTEST = 8
_WORD = re.compile(r"[^\W_]{4,}")
_HOUSE_WORDS = ("gatehouse",)
_CLASSES: Mapping[str, Callable[[str], bool]] = {
    "an upper-case letter": str.isupper,
    "a lower-case letter": str.islower,
    "a digit": str.isdigit,
    "a symbol": lambda char: not char.isalnum(),
}


def require_acceptable(
    password: str, *, personal: Iterable[str] = (), second_factor: bool = False, field: str = "password"
) -> None:
    """Raise `Invalid` unless the policy accepts this password for a person with these personal words.

    The same rules hold wherever a password is chosen. Anything over 1,024 characters is refused first. `second_factor`
    says that the person cannot sign in without one: the policy `nist` then takes 8 characters. Not to be called in a
    transaction, since it may ask a service (`breached`); raises `Unavailable` where a list that is named is not there.
    """
    hashing.refuse_oversize(password, field=field)
    text = hashing.normalised(password)
    _require_strength(text, min(len(password), len(text)), field, second_factor=second_factor)
    folded = canonical.fold(text)
    if folded in _common():
        raise Invalid(
            field,
            "This password is among the most used ones, and attackers try those first. Choose one of your own, such as "
            "a few words that do not belong together.",
            "password_common",
        )
    _require_own(folded, personal, field)
    if breached.is_known(text):
        raise Invalid(
            field,
            "This password has been in a breach of some service, and attackers try those first. Choose another, and "
            "change it wherever else you use it.",
            "password_breached",
        )


def _require_own(folded: str, personal: Iterable[str], field: str) -> None:
    """Raise `Invalid` for a text that is little more than the person's own words or the product's."""
    remainder = folded
    for word in sorted(_words(personal), key=len, reverse=True):
        remainder = remainder.replace(word, "")
    if len(remainder) < min(SHORTEST, len(folded)):
        raise Invalid(
            field,
            "The password is little more than your name, your address or the name of this service. Add words that "
            "nobody would guess of you.",
            "password_personal",
        )


def _require_strength(text: str, length: int, field: str, *, second_factor: bool) -> None:
    """Raise `Invalid` for too weak a text. `length` counts what was typed: NFKC makes 18 letters of U+FDFA alone."""
    if length >= LONG_ENOUGH:
        return
    if conf.password_policy() == "nist":
        least = SHORTEST if second_factor else LONG_ENOUGH
        if length < least:
            raise Invalid(field, f"Use at least {least} characters. A few words in a row do well.", "password_weak")
    elif missing := _missing(text, SHORTEST - length):
        wanted = " and ".join(filter(None, (", ".join(missing[:-1]), missing[-1])))
        raise Invalid(
            field,
            f"Use at least {LONG_ENOUGH} characters of any kind, a few words say; or add {wanted}.",
            "password_weak",
        )


def _missing(text: str, more: int) -> list[str]:
    """Return what a short password lacks, to be told: `more` characters, and the classes that are not in it."""
    told = [f"{more} more character{'s' if more > 1 else ''}"] if more > 0 else []
    return told + [name for name, has in _CLASSES.items() if not any(has(char) for char in text)]


def _words(personal: Iterable[str]) -> set[str]:
    return {word for text in (*personal, *_HOUSE_WORDS) for word in _WORD.findall(canonical.fold(text))}


@cache
def _common() -> frozenset[str]:
    """Return the 20,000 most common passwords of public breaches, as Django ships them."""
    path = Path(password_validation.__file__).with_name("common-passwords.txt.gz")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return frozenset(line.strip() for line in lines)
