"""Language tags (BCP 47), and which of several wordings is nearest to what somebody reads."""

import re
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from kit.errors import Invalid

_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}\Z")
_REGION, _SCRIPT, _LONGEST = 2, 4, 35


class Spoken(Protocol):
    """Something in a language; an empty `locale` is every language."""

    @property
    def locale(self) -> str:
        """Return its tag."""


S = TypeVar("S", bound=Spoken)


def canonical(tag: str, *, field: str = "locale") -> str:
    """Return a tag as it is kept: `de`, `de-AT`, `zh-Hant`. Raises `Invalid`."""
    tag = tag.strip().replace("_", "-")
    if tag and (len(tag) > _LONGEST or not _TAG.match(tag)):
        raise Invalid(field, "Use a language tag, such as de or de-AT.", "invalid")
    first, *rest = tag.split("-")
    return "-".join([first.lower(), *map(_part, rest)])


def _part(part: str) -> str:
    if len(part) == _REGION:
        return part.upper()
    return part.title() if len(part) == _SCRIPT else part.lower()


def fallbacks(locale: str) -> list[str]:
    """Return a language and what it falls back to: `de-AT`, `de` and the empty tag for every language."""
    try:
        parts = canonical(locale).split("-")
    except Invalid:
        return [""]
    return [*("-".join(parts[:count]) for count in range(len(parts), 0, -1) if parts[0]), ""]


def best(found: Iterable[S], locale: str, *, among: Callable[[S], bool]) -> S | None:
    """Return what is nearest to a language, of those that `among` lets through."""
    by_tag = {one.locale: one for one in found if among(one)}
    return next((by_tag[tag] for tag in fallbacks(locale) if tag in by_tag), None)
