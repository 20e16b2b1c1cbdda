"""Cutting HTML into tags and text, in one pass whose cost is bounded by the length, however broken the HTML is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

MAX_TAG = 2000
MAX_TAGS = 10_000
# What has been read is not read again: no two parts of it fit the same character, and none gives any back.
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,15})((?:[^<>\"'A-Za-z0-9](?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)?+)>")
_ATTRIBUTE = re.compile(r"([A-Za-z][A-Za-z-]{0,30})(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]+)))?")


@dataclass(frozen=True, slots=True)
class Part:
    """A tag, or text where `tag` is empty. `text` and the attributes' values have no character references any more."""

    text: str = ""
    tag: str = ""
    closes: bool = False
    attributes: dict[str, str] = field(default_factory=dict)


def cut(html: str) -> Iterator[Part]:
    """Yield the parts of HTML. Comments and declarations are left out; what is no tag is text."""
    at = text = tags = 0
    while (at := html.find("<", at)) >= 0:
        found = _TAG.match(html, at, at + MAX_TAG) if tags < MAX_TAGS else None
        hidden = html.startswith(("<!", "<?"), at)
        if found is None and not hidden:
            at += 1
            continue
        if at > text:
            yield Part(text=unescape(html[text:at]))
        if found is not None:
            tags += 1
            yield Part(tag=found[2].lower(), closes=bool(found[1]), attributes=_attributes(found[3]))
            at = text = found.end()
        else:
            at = text = _end_of_hidden(html, at)
    if text < len(html):
        yield Part(text=unescape(html[text:]))


def _end_of_hidden(html: str, at: int) -> int:
    closing = "-->" if html.startswith("<!--", at) else ">"
    end = html.find(closing, at + 2)
    return len(html) if end < 0 else end + len(closing)


def _attributes(written: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(written):
        value = next((group for group in match.groups()[1:] if group is not None), "")
        found.setdefault(match[1].lower(), unescape(value))
    return found
