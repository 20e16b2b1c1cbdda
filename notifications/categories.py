"""Categories: what a message is about, in one word, and what follows from it for whoever gets it.

Three must arrive and cannot be switched off; three go out in bulk and can be unsubscribed from by one click. A project
declares others in NOTIFICATIONS_CATEGORIES. Any word of a caller's is a category too, with the defaults.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from notifications import conf
from notifications.channels import Channel

EVERY_CHANNEL = tuple(Channel)
_KNOWN_CHANNELS = frozenset(Channel.values)
OTHER = "other"  # what messages without a category count as
MAX_NAME = 64
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}\Z")


def is_name(text: str) -> bool:
    """Tell whether a text is the name of a category: at most 64 of `a-z0-9_.-`, a letter or digit first."""
    return bool(_NAME.match(text))


@dataclass(frozen=True, kw_only=True, slots=True)
class Category:
    """One category. `default_channels` are those on which a person gets it who has chosen nothing."""

    name: str
    title: str = ""
    must_arrive: bool = False
    bulk: bool = False
    default_channels: tuple[str, ...] = EVERY_CHANNEL
    digest_allowed: bool = True

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise ValueError(f"{self.name!r} is no name of a category")
        if self.must_arrive and self.bulk:
            raise ValueError(f"{self.name} cannot be both bulk and bound to arrive")
        if unknown := set(self.default_channels) - _KNOWN_CHANNELS:
            raise ValueError(f"{self.name}: no channels: {', '.join(sorted(unknown))}")
        object.__setattr__(self, "title", self.title or self.name.replace("_", " ").capitalize())
        object.__setattr__(self, "default_channels", tuple(self.default_channels))
        object.__setattr__(self, "digest_allowed", self.digest_allowed and not self.must_arrive)

    @property
    def can_be_unsubscribed(self) -> bool:
        """Tell whether its mails carry the headers of RFC 8058, by which one click ends them."""
        return self.bulk


HOUSE = (
    Category(name="security", title="Security of your account", must_arrive=True),
    Category(name="codes", title="Codes you asked for", must_arrive=True),
    Category(name="account", title="Your account", must_arrive=True),
    Category(name="bulk", title="Mailings", bulk=True),
    Category(name="marketing", title="Offers and news", bulk=True),
    Category(name="newsletter", title="Newsletter", bulk=True),
)


def find(name: str) -> Category:
    """Return a category by its name: a declared one, or any other word with the defaults; `other` for the empty one."""
    name = name or OTHER
    return declared().get(name) or _undeclared(name)


@lru_cache(maxsize=256)  # callers make up words
def _undeclared(name: str) -> Category:
    return Category(name=name)


def declared() -> Mapping[str, Category]:
    """Return the declared categories by name, the house's first. Raises TypeError or ValueError for a wrong setting.

    They are made once for a setting: a person may choose for two thousand of them and channels at once.
    """
    values = conf.categories()
    if _made.get("of") != values:
        _made.update(found=_declared(values), of=dict(values))
    found: Mapping[str, Category] = _made["found"]
    return found


_made: dict[str, Any] = {}


def _declared(declarations: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Category]:
    found = {category.name: category for category in HOUSE}
    for name, values in declarations.items():
        found[name] = _category(name, values, found.get(name))
    return MappingProxyType(found)


def _category(name: str, values: Mapping[str, Any], known: Category | None) -> Category:
    """Return a category of the settings. One of the house's keeps what others rely on: that it must arrive, or not."""
    if known is not None:
        values = {"title": known.title, **values, "must_arrive": known.must_arrive, "bulk": known.bulk}
    return Category(name=name, **values)
