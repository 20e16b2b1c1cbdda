"""Which passwords are good enough (NIST SP 800-63B-4, section 3.1.1.2), and how one is set.

A policy names its own rule in its message, so that a person knows what to do. Nothing here hashes; see `hashing`.
"""

import gzip
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from django.contrib.auth import password_validation

from accounts import conf, hashing
from kit import canonical
from kit.errors import Invalid

LONG_ENOUGH = 15
SHORTEST = 8
_WORD = re.compile(r"[^\W_]{4,}")
_HOUSE_WORDS = ("gatehouse",)
_CLASSES = (str.isupper, str.islower, str.isdigit, lambda char: not char.isalnum())


def require_acceptable(password: str, *, personal: Iterable[str] = (), field: str = "password") -> None:
    """Raise `Invalid` unless the policy accepts this password for a person with these personal words.

    The same rules hold wherever a password is chosen. Anything over 1,024 characters is refused first.
    """
    hashing.refuse_oversize(password, field=field)
    text = hashing.normalised(password)
    _require_strength(text, min(len(password), len(text)), field)
    folded = canonical.fold(text)
    if folded in _common():
        raise Invalid(field, "This password is among the most used ones; attackers try it first.", "password_common")
    remainder = folded
    for word in sorted(_words(personal), key=len, reverse=True):
        remainder = remainder.replace(word, "")
    if len(remainder) < min(SHORTEST, len(folded)):
        raise Invalid(field, "The password is too close to your name or address.", "password_personal")


def _require_strength(text: str, length: int, field: str) -> None:
    """Raise `Invalid` for too weak a text. `length` counts what was typed: NFKC makes 18 letters of U+FDFA alone."""
    if length >= LONG_ENOUGH:
        return
    if conf.password_policy() == "nist":
        raise Invalid(field, f"Use at least {LONG_ENOUGH} characters. A few words in a row do well.", "password_weak")
    if length < SHORTEST or not all(any(has(char) for char in text) for has in _CLASSES):
        raise Invalid(
            field,
            f"Use at least {LONG_ENOUGH} characters of any kind, or at least {SHORTEST} with an upper-case letter, "
            "a lower-case letter, a digit and a symbol.",
            "password_weak",
        )


def _words(personal: Iterable[str]) -> set[str]:
    return {word for text in (*personal, *_HOUSE_WORDS) for word in _WORD.findall(canonical.fold(text))}


@cache
def _common() -> frozenset[str]:
    """Return the 20,000 most common passwords of public breaches, as Django ships them."""
    path = Path(password_validation.__file__).with_name("common-passwords.txt.gz")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return frozenset(line.strip() for line in lines)
