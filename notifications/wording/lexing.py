"""Cutting a wording's source into text, `{{ … }}` and `{% … %}`, in one pass that never looks back."""

from collections.abc import Iterator
from dataclasses import dataclass

from notifications.wording.budgets import MAX_SOURCE, WordingError

MAX_TAG = 1000
_CLOSING = {"{{": "}}", "{%": "%}", "{#": "#}"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the source: `opening` is empty for text, else `{{` or `{%`."""

    opening: str
    content: str
    line: int


def cut(source: str) -> Iterator[Piece]:
    """Yield the pieces of a source; comments are left out. Raises `WordingError`."""
    if len(source.encode("utf-8", "replace")) > MAX_SOURCE:
        raise WordingError(f"Use at most {MAX_SOURCE // 1024} KiB.")
    begin, line = 0, 1
    while (start := _next_opening(source, begin)) >= 0:
        if start > begin:
            yield Piece("", source[begin:start], line)
            line += source.count("\n", begin, start)
        opening = source[start : start + 2]
        end = source.find(_CLOSING[opening], start + 2, start + MAX_TAG)
        content = source[start + 2 : end]
        if end < 0 or "\n" in content:
            raise WordingError(f"`{opening}` is not closed on its line.", line=line, word=opening)
        if opening != "{#":
            yield Piece(opening, content.strip(), line)
        begin = end + 2
    if begin < len(source):
        yield Piece("", source[begin:], line)


def _next_opening(source: str, begin: int) -> int:
    """Return where the next `{{`, `{%` or `{#` begins, or -1."""
    at = source.find("{", begin)
    while at >= 0 and source[at : at + 2] not in _CLOSING:
        at = source.find("{", at + 1)
    return at
