"""How many parts a short message is sent in: the GSM alphabet of 7 bits where all of it fits, else UCS-2 (3GPP 23.038).

A part of several carries a header that joins it to the others, so it holds a little less. Nothing is cut in two: not
an escaped character of the extension table, not a surrogate pair. National tables are not used: few networks do.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass

ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")  # each behind an escape, so it takes two places
LAST_OF_ONE_UNIT = 0xFFFF  # what lies beyond is a pair in UTF-16


class Encoding(enum.Enum):
    """How the text travels: `whole` units fit a message of one part, `joined` a part of several."""

    GSM_7 = ("gsm-7", 160, 153)
    UCS_2 = ("ucs-2", 70, 67)

    def __init__(self, label: str, whole: int, joined: int) -> None:
        self.label = label
        self.whole = whole
        self.joined = joined


@dataclass(frozen=True, slots=True)
class Count:
    """What a text takes: its encoding, the places in that encoding, the parts."""

    encoding: Encoding
    units: int
    parts: int


def count(text: str) -> Count:
    """Return what a text takes. An empty one is sent in one part."""
    encoding = Encoding.GSM_7 if ALPHABET.union(EXTENSION).issuperset(text) else Encoding.UCS_2
    size = _size_in_gsm if encoding is Encoding.GSM_7 else _size_in_ucs
    units = sum(map(size, text))
    return Count(encoding, units, 1 if units <= encoding.whole else _parts(text, size, encoding.joined))


def _parts(text: str, size: Callable[[str], int], room: int) -> int:
    parts, used = 1, 0
    for character in text:
        needed = size(character)
        if used + needed > room:
            parts, used = parts + 1, 0
        used += needed
    return parts


def _size_in_gsm(character: str) -> int:
    return 2 if character in EXTENSION else 1


def _size_in_ucs(character: str) -> int:
    return 2 if ord(character) > LAST_OF_ONE_UNIT else 1
