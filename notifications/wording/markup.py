"""HTML that mail programs may be given: what staff and callers' values made is taken apart and written anew.

Only known elements and attributes are written, links lead to web pages, mail and telephones alone, and what opens is
closed, so that nothing breaks out of the layout. Elements with a class of the house (`button`, `fact`, `code`,
`quiet`) get their looks in place, because many mail programs drop style sheets.
"""

import re
from collections.abc import Callable
from html import escape

from notifications.wording import tags
from notifications.wording.brands import Look
from notifications.wording.marks import Marks
from notifications.wording.tags import Part

_GLOBAL = {"class", "style", "title", "align", "dir", "lang"}
_OWN = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "width", "valign"},
    "th": {"colspan", "rowspan", "width", "valign", "scope"},
    "table": {"width", "cellpadding", "cellspacing", "border", "role"},
    "ol": {"start"},
}
_VOID = {"br", "hr", "img"}
_ELEMENTS = {
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "div",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "hr",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
}
# What stands in these is no text for people.
_UNHEARD = {
    "applet",
    "audio",
    "canvas",
    "embed",
    "frame",
    "frameset",
    "iframe",
    "math",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "script",
    "select",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
    "video",
    "xmp",
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LINK = re.compile(r"(?:https?://[^\s/?#]|mailto:|tel:|#)", re.IGNORECASE)
_PICTURE = re.compile(r"(?:https?://[^\s/?#]|cid:)", re.IGNORECASE)
_ADDRESSES = {"href": _LINK, "src": _PICTURE}
_PROPERTIES = {
    "background-color",
    "border",
    "border-radius",
    "color",
    "font-size",
    "font-style",
    "font-weight",
    "letter-spacing",
    "line-height",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-width",
    "padding",
    "text-align",
    "text-decoration",
    "vertical-align",
    "width",
}
_PLAIN_VALUE = re.compile(r"[\w #.,%+-]{1,80}\Z", re.ASCII)
_LARGEST_NESTING = 60


def styles(look: Look) -> dict[str, str]:
    """Return the looks of the house's classes, by class."""
    return {
        "action": "margin: 24px 0;",
        "button": f"display: inline-block; padding: 13px 24px; border-radius: 8px; border: 1px solid {look.colour}; "
        f"background: {look.colour}; color: {look.on_colour}; font-weight: 600; text-decoration: none;",
        "fact": "padding: 12px 16px; border-radius: 8px; background: #eceef3;",
        "code": "padding: 12px 16px; border-radius: 8px; background: #eceef3; font-size: 24px; font-weight: 700; "
        "letter-spacing: .2em;",
        "quiet": "font-size: 14px; color: #5a6068;",
    }


def dressed(html: str, look: Look) -> str:
    """Return HTML in which each element of a class of the house has its looks in place."""
    for name, style in styles(look).items():
        html = html.replace(f'class="{name}"', f'class="{name}" style="{style}"')
    return html


class _Cleaner:
    """Writes anew what may be there, and notes what may not."""

    def __init__(self, watch: Callable[[Part], Part] | None) -> None:
        self.watch = watch
        self.out: list[str] = []
        self.open: list[str] = []
        self.unheard = ""
        self.dropped: set[str] = set()

    def take(self, part: Part) -> None:
        """Write one part, as far as it may be written."""
        if self.unheard:
            if part.closes and part.tag == self.unheard:
                self.unheard = ""
        elif not part.tag:
            self.out.append(escape(part.text, quote=False))
        elif part.closes:
            self._close(part.tag)
        else:
            self._begin(part)

    def _begin(self, part: Part) -> None:
        if self.watch:
            part = self.watch(part)
        if part.tag in _UNHEARD:
            self.unheard = part.tag
        if part.tag not in _ELEMENTS or len(self.open) >= _LARGEST_NESTING:
            self.dropped.add(f"<{part.tag}>")
            return
        attributes = self._attributes(part)
        if part.tag == "img" and " src=" not in attributes:
            return
        self.out.append(f"<{part.tag}{attributes}>")
        if part.tag not in _VOID:
            self.open.append(part.tag)

    def _close(self, tag: str) -> None:
        """Close what is open up to this element; what was never opened here cannot be closed here."""
        while tag in self.open:
            last = self.open.pop()
            self.out.append(f"</{last}>")
            if last == tag:
                break

    def _attributes(self, part: Part) -> str:
        written: dict[str, str] = {}
        for name, given in part.attributes.items():
            value = _checked(part.tag, name, _CONTROL.sub("", given).strip())
            if value is None:
                self.dropped.add(f"{name} of <{part.tag}>")
            else:
                written[name] = value
        if "class" in written:  # which has looks of its own
            written.pop("style", None)
        return "".join(f' {name}="{escape(value)}"' for name, value in written.items())


def _checked(tag: str, name: str, value: str) -> str | None:
    """Return an attribute's value as it may be written, or None."""
    if name not in _GLOBAL and name not in _OWN.get(tag, ()):
        return None
    if name in _ADDRESSES:
        return value if _ADDRESSES[name].match(Marks.cleared(value)) else None
    if name == "class":
        return value if value in styles(Look()) else None
    if name == "style":
        return _style(value) or None
    return value[:500]


def _style(value: str) -> str:
    kept = []
    for rule in value.split(";"):
        name, _, said = (part.strip() for part in rule.partition(":"))
        if name.lower() in _PROPERTIES and _PLAIN_VALUE.match(said):
            kept.append(f"{name.lower()}: {said}")
    return "; ".join(kept)


def clean(html: str, watch: Callable[[Part], Part] | None = None) -> tuple[str, list[str]]:
    """Return a piece of HTML as it may be sent, and what was taken out of it. `watch` sees each element before."""
    cleaner = _Cleaner(watch)
    for part in tags.cut(html):
        cleaner.take(part)
    closing = "".join(f"</{tag}>" for tag in reversed(cleaner.open))
    return "".join(cleaner.out) + closing, sorted(cleaner.dropped)


_BREAKS = {"p", "div", "h1", "h2", "h3", "h4", "ul", "ol", "table", "blockquote", "pre", "hr"}
_BEFORE = {"br": "\n", "tr": "\n", "li": "\n- "}
_AFTER = {"td": " ", "th": " "}


class _Teller:
    """Tells in plain text what clean HTML says."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.link, self.said = "", ""

    def take(self, part: Part) -> None:
        """Tell one part."""
        if not part.tag:
            text = re.sub(r"\s+", " ", part.text)
            self.out.append(text)
            self.said += text
        elif part.tag in _BREAKS:
            self.out.append("\n\n")
        elif part.tag == "a":
            self._link(part)
        elif part.tag == "img":
            self.out.append(part.attributes.get("alt", ""))
        else:
            self.out.append((_AFTER if part.closes else _BEFORE).get(part.tag, ""))

    def _link(self, part: Part) -> None:
        if not part.closes:
            self.link, self.said = part.attributes.get("href", ""), ""
            return
        said = self.said.strip()
        if self.link and not self.link.startswith("#") and self.link.removeprefix("mailto:") != said:
            self.out.append(f":\n\n{self.link}\n\n" if said else self.link)
        self.link = ""


def as_text(html: str) -> str:
    """Return what clean HTML says as plain text, each link on a line of its own after its words."""
    teller = _Teller()
    for part in tags.cut(html):
        teller.take(part)
    lines = [line.strip() for line in "".join(teller.out).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
