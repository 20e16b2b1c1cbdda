"""Marks around what is printed of values: they tell, in what a wording came to, its own words from what it was given.

They are noncharacters, which no character reference makes, and which are taken out of words and values before.
"""

import re
from collections.abc import Iterable

WHOLE, CHANGED, END = "\ufdd0", "\ufdd2", "\ufdd1"
_ANY = re.compile(f"[{WHOLE}{CHANGED}{END}]")
_VALUE = re.compile(f"[{WHOLE}{CHANGED}]([^{WHOLE}{CHANGED}{END}]*){END}")
_EXACTLY = re.compile(f"{WHOLE}[^{WHOLE}{CHANGED}{END}]*{END}\\Z")


class Marks:
    """Puts marks around values. `known` are values that everybody knows: they count as the wording's own words."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = frozenset(known)

    def around(self, printed: str, value: str, *, whole: bool) -> str:
        """Return what is printed of a value within marks. `whole`: it is the value itself, that no filter changed."""
        printed = self.cleared(printed)
        if whole and value in self._known:
            return printed
        return f"{WHOLE if whole else CHANGED}{printed}{END}"

    @staticmethod
    def cleared(text: str) -> str:
        """Return text without marks."""
        return _ANY.sub("", text)


def are_in(text: str) -> bool:
    """Tell whether something here is of a value."""
    return _ANY.search(text) is not None


def is_one_value(text: str) -> bool:
    """Tell whether this is a value that is given, all of it and nothing else."""
    return _EXACTLY.match(text) is not None


def cut_out(text: str, instead: str) -> tuple[str, list[str]]:
    """Return a text with something in the place of each value, and the values. Where marks do not pair they stay."""
    values: list[str] = []

    def _replaced(found: re.Match[str]) -> str:
        values.append(found[1])
        return instead

    return _VALUE.sub(_replaced, text), values
