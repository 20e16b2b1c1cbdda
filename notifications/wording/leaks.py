"""What keeps a message of the house from telling its links and codes to another host.

Staff may reword these messages, and so might somebody who stole into their accounts. A value leads where it says itself
or nowhere: no address is made of one and something else, no picture is fetched, and which other places there are links
to depends on nothing that is given, so that opening a mail, or a link in it, gives nothing of it away.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Protocol

from notifications.wording import marks, markup
from notifications.wording.budgets import WordingError
from notifications.wording.defaults import Sources
from notifications.wording.marks import Marks
from notifications.wording.tags import Part

_HERE = "\ufdd3"  # in the place of a value
_SPOKEN = {"alt", "title"}
_BETWEEN = r"\s\u00a0\u2000-\u200a\u2028\u2029\u3000"
_RUN = re.compile(f"[^{_BETWEEN}]+")
_BRACKETED = re.compile(r"<[^<>]{1,2000}>")
_WORD, _DOT = rf"[\w{_HERE}]", "[.\u3002\uff0e\uff61]"
_SCHEME = r"//|www\.|\b(?:mailto|tel|sms|javascript|data):"
# What a mail program may make a link of; and, beside a value, what it might.
_LINK = re.compile(rf"{_SCHEME}|[\w-]{_DOT}[^\W\d]{{2,}}|\w@\w", re.IGNORECASE)
_PERHAPS = re.compile(rf"{_SCHEME}|{_WORD}{_DOT}{_WORD}|{_WORD}@{_WORD}", re.IGNORECASE)
_OPENING = "(<[{\"'"


class Fill(Protocol):
    """Fills a source in: as HTML or as text, with marks around values, by the branches of a number."""

    def __call__(
        self, source: str, *, html: bool = False, marks: Marks | None = None, branch: int | None = None
    ) -> str:
        """Return the text. Raises `WordingError`."""


class Leak(WordingError):
    """A wording that would give away what it is given. `part` is where: `subject`, `text` or `html`."""

    def __init__(self, detail: str, *, part: str) -> None:
        self.part = part
        super().__init__(detail)


@dataclass(slots=True)
class Watch:
    """Looks at what a wording came to, whose values are marked, and notes where else it leads. Raises `Leak`."""

    home: str
    links: list[str] = field(default_factory=list)

    def element(self, part: Part) -> Part:
        """Return an element as it may be written."""
        if part.tag == "img" and not marks.Marks.cleared(part.attributes.get("src", "cid:")).startswith("cid:"):
            raise Leak("A message of the house has no pictures but the brand’s logo.", part="html")
        return replace(
            part, attributes={name: self._attribute(part.tag, name, value) for name, value in part.attributes.items()}
        )

    def _attribute(self, tag: str, name: str, value: str) -> str:
        value = value.strip()
        if name in _SPOKEN:
            return Marks.cleared(value)
        if name == "href" and not marks.are_in(value):
            self._note(value)
        elif marks.are_in(value) and not (name == "href" and marks.is_one_value(value)):
            raise Leak(
                f"`{name}` of <{tag}> may not hold a variable among other words. "
                'A link is one variable as it is, in quotes: href="{{ link }}".',
                part="html",
            )
        return value

    def text(self, text: str, part: str) -> None:
        """Look for links that mail programs would make of plain text."""
        told, values = marks.cut_out(text, _HERE)
        if marks.are_in(told):
            raise Leak("A variable stands where it cannot be told from the words around it.", part=part)
        for bracketed in _BRACKETED.finditer(told):
            _check_run(re.sub(f"[{_BETWEEN}]", "", bracketed[0]), [], part)
        for run in _RUN.findall(told):
            count = run.count(_HERE)
            _check_run(run, values[:count], part)
            values = values[count:]
            if not count and _LINK.search(run):
                self._note(run.lstrip(_OPENING))

    def _note(self, address: str) -> None:
        at_home = re.match(re.escape(self.home) + r"(?:[/?#]|[.,;:!?)>\]\"']*\Z)", address, re.IGNORECASE)
        if address and not at_home and not address.startswith("#"):
            self.links.append(address)


def _check_run(run: str, values: list[str], part: str) -> None:
    """Raise `Leak` where a value stands in what may be taken for a link without being all of it."""
    leads = any(_LINK.search(value) for value in values[:-1])
    if leads or (_HERE in run and _PERHAPS.search(run)):
        raise Leak("A variable may not be part of a link. Leave room around it.", part=part)


def watched(sources: Sources, fill: Fill, *, known: tuple[str, ...], home: str, branch: int | None = None) -> Sources:
    """Return the filled parts of a message of the house, its HTML clean. Raises `Leak`.

    `known` are values that are no secret; what begins with `home` leads to the house itself.
    """
    said, links = _once(sources, fill, known, home, branch)
    _, always = _once(sources, fill, known, home, -1)
    if links != always:
        different = next((link for link in links if link not in always), "") or "A link"
        raise Leak(f"{different[:80]}: links to other places may not depend on a condition.", part=_part_of(sources))
    return said


def _part_of(sources: Sources) -> str:
    return "html" if sources.html else "text"


def _once(
    sources: Sources, fill: Fill, known: tuple[str, ...], home: str, branch: int | None
) -> tuple[Sources, list[str]]:
    watch, marking = Watch(home), Marks(known)
    subject, text = (fill(source, marks=marking, branch=branch) for source in (sources.subject, sources.text))
    body, _ = markup.clean(fill(sources.html, html=True, marks=marking, branch=branch), watch.element)
    watch.text(subject, "subject")
    watch.text(text, "text")
    watch.text(markup.as_text(body), "html")
    return Sources(*(Marks.cleared(part) for part in (subject, text, body))), watch.links
