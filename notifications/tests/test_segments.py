"""Parts of short messages, by vectors."""

import pytest

from notifications import segments
from notifications.segments import Encoding

GSM, UCS = Encoding.GSM_7, Encoding.UCS_2


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("", GSM, 0, 1),
        ("Your code is 492039.", GSM, 20, 1),
        ("a" * 160, GSM, 160, 1),
        ("a" * 161, GSM, 161, 2),
        ("a" * 306, GSM, 306, 2),
        ("a" * 307, GSM, 307, 3),
        ("€" * 80, GSM, 160, 1),
        ("€" * 81, GSM, 162, 2),
        ("Grüße, Ærø, ñandú"[:-1], GSM, 16, 1),
        ("ñandú", UCS, 5, 1),
        ("ç", UCS, 1, 1),
        ("Ç", GSM, 1, 1),
        ("`", UCS, 1, 1),
        ("я" * 70, UCS, 70, 1),
        ("я" * 71, UCS, 71, 2),
        ("я" * 134, UCS, 134, 2),
        ("я" * 135, UCS, 135, 3),
        ("👍", UCS, 2, 1),
        ("👍" * 35, UCS, 70, 1),
        ("👍" * 36, UCS, 72, 2),
    ],
)
def test_text_is_counted_in_its_encoding(text: str, encoding: Encoding, units: int, parts: int) -> None:
    counted = segments.count(text)
    assert (counted.encoding, counted.units, counted.parts) == (encoding, units, parts)


def test_an_escaped_character_is_not_cut_in_two() -> None:
    # 152 places, then two for the €: the part ends one place early, and 306 places need a third part.
    text = "a" * 152 + "€" + "a" * 152
    assert segments.count(text).units == 306
    assert segments.count(text).parts == 3


def test_a_surrogate_pair_is_not_cut_in_two() -> None:
    text = "я" * 66 + "👍" + "я" * 66
    assert segments.count(text).units == 134
    assert segments.count(text).parts == 3


def test_the_alphabet_has_its_127_characters_besides_the_escape() -> None:
    assert len(segments.ALPHABET) == 127
