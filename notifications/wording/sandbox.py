"""The engine of wordings that people write: Django's template syntax, and none of Django's templates.

`{{ name|filter:"argument" }}`, `{% if %}{% elif %}{% else %}{% endif %}`, `{% for x in list %}{% empty %}{% endfor %}`,
`{% comment %}{% endcomment %}` and `{# … #}`; the filters of `filters.FILTERS`. There is nothing that loads, includes,
calls or reads an attribute, and everything is counted (`budgets`).

    wording = sandbox.compiled("Hello {{ name }}")
    wording.names                        # {"name"}: what must be given
    wording.render({"name": "Anna"})     # "Hello Anna"
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape

from notifications.wording import lexing, plain
from notifications.wording.budgets import MAX_DEPTH, MAX_SECONDS, Budget, WordingError
from notifications.wording.expressions import Condition, Filtered, Reader, Scope, each_of
from notifications.wording.filters import Markup, text_of
from notifications.wording.lexing import Piece
from notifications.wording.marks import Marks

LOOP = "forloop"


@dataclass(frozen=True, slots=True)
class Text:
    """What is printed as it stands."""

    text: str
    line: int

    def render(self, scope: Scope, out: list[str]) -> None:
        """Print it."""
        text = scope.marks.cleared(self.text) if scope.marks else self.text
        out.append(scope.budget.print(text, self.line))


@dataclass(frozen=True, slots=True)
class Output:
    """A value that is printed, escaped where HTML is made."""

    value: Filtered
    line: int

    def render(self, scope: Scope, out: list[str]) -> None:
        """Print what it comes to."""
        scope.budget.step(self.line)
        text = text_of(self.value.resolve(scope))
        safe = isinstance(text, Markup) or not scope.html
        printed = str(text if safe else escape(text))
        if scope.marks and not self.value.is_constant:
            printed = scope.marks.around(printed, text, whole=not self.value.filters)
        out.append(scope.budget.print(printed, self.line))


@dataclass(frozen=True, slots=True)
class If:
    """Branches, of which the first is printed whose condition holds; None: always."""

    branches: tuple[tuple[Condition | None, tuple["Node", ...]], ...]
    line: int

    def render(self, scope: Scope, out: list[str]) -> None:
        """Print the first branch that holds."""
        if scope.branch is not None:
            nodes = self.branches[min(scope.branch, len(self.branches) - 1)][1] if scope.branch >= 0 else ()
            return _render(nodes, scope, out)
        for condition, nodes in self.branches:
            scope.budget.step(self.line)
            if condition is None or condition.resolve(scope):
                return _render(nodes, scope, out)
        return None


@dataclass(frozen=True, slots=True)
class For:
    """A body that is printed for each item of a list, or another where the list is empty."""

    name: str
    items: Filtered
    body: tuple["Node", ...]
    empty: tuple["Node", ...]
    line: int

    def render(self, scope: Scope, out: list[str]) -> None:
        """Print the body as often as there are items."""
        if scope.branch is not None and scope.branch < 0:
            return
        items = list(each_of(self.items.resolve(scope), self.line))
        outer = dict(scope.names)
        for at, item in enumerate(items):
            scope.budget.step(self.line)
            loop = {"counter": at + 1, "counter0": at, "first": at == 0, "last": at == len(items) - 1}
            scope.names = {**outer, self.name: item, LOOP: loop}
            _render(self.body, scope, out)
        scope.names = outer
        if not items:
            _render(self.empty, scope, out)


Node = Text | Output | If | For


@dataclass(frozen=True, slots=True)
class Compiled:
    """A wording that can be rendered, and the names that it needs."""

    nodes: tuple[Node, ...]
    lines: Mapping[str, int]

    @property
    def names(self) -> frozenset[str]:
        """The names that must be given; `lines` says where each is first used."""
        return frozenset(self.lines)

    def render(
        self,
        context: Mapping[str, Any],
        *,
        html: bool = False,
        seconds: float = MAX_SECONDS,
        marks: Marks | None = None,
        branch: int | None = None,
    ) -> str:
        """Return the text, with every value escaped where it is HTML. Raises `WordingError`, `Invalid`.

        `marks` and `branch` are as `Scope` has them.
        """
        budget = Budget(seconds)
        scope = Scope(names=plain.copy(context), html=html, budget=budget, marks=marks, branch=branch)
        out: list[str] = []
        _render(self.nodes, scope, out)
        return "".join(out)


def compiled(source: str) -> Compiled:
    """Read a wording. Raises `WordingError` with the line and the word that is wrong."""
    parser = _Parser(list(lexing.cut(source)))
    nodes = parser.until(())
    return Compiled(nodes, parser.lines)


def _render(nodes: tuple[Node, ...], scope: Scope, out: list[str]) -> None:
    for node in nodes:
        node.render(scope, out)


class _Parser:
    """Reads pieces into nodes."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces, self.at = pieces, 0
        self.lines: dict[str, int] = {}
        self.bound: list[str] = []
        self.open: list[Piece] = []

    def until(self, ends: tuple[str, ...]) -> tuple[Node, ...]:
        """Return the nodes up to a tag of one of these names, which is left to be taken."""
        nodes: list[Node] = []
        while self.at < len(self.pieces):
            piece = self.pieces[self.at]
            if piece.opening == "{%" and _command(piece) in ends:
                return tuple(nodes)
            self.at += 1
            if piece.opening == "{%":
                nodes.extend(self._tag(piece))
            elif piece.opening:
                nodes.append(Output(self._reader(piece.content, piece.line).value(), piece.line))
            else:
                nodes.append(Text(piece.content, piece.line))
        if self.open:
            left = self.open[-1]
            raise WordingError(f"`{_command(left)}` is not ended.", line=left.line, word=_command(left))
        return tuple(nodes)

    def _tag(self, piece: Piece) -> list[Node]:
        command = _command(piece)
        readers = {"if": self._if, "for": self._for, "comment": self._comment}
        if command not in readers:
            raise WordingError(
                f"`{command}` is no tag that may be used here." if command else "This tag is empty.",
                line=piece.line,
                word=command,
            )
        self.open.append(piece)
        if len(self.open) > MAX_DEPTH:
            raise WordingError(f"Nest at most {MAX_DEPTH} tags.", line=piece.line, word=command)
        nodes = readers[command](piece)
        self.open.pop()
        return nodes

    def _if(self, piece: Piece) -> list[Node]:
        branches: list[tuple[Condition | None, tuple[Node, ...]]] = []
        tag = piece
        while (command := _command(tag)) != "endif":
            ends = ("endif",) if command == "else" else ("elif", "else", "endif")
            condition = None if command == "else" else self._reader(_rest(tag), tag.line).condition()
            branches.append((condition, self.until(ends)))
            tag = self._taken()
        return [If(tuple(branches), piece.line)]

    def _for(self, piece: Piece) -> list[Node]:
        name, _, items = _rest(piece).partition(" in ")
        name = name.strip()
        if not name.isidentifier() or name.startswith("_") or not name.isascii():
            raise WordingError("Write `for name in list`.", line=piece.line, word=name[:60] or "for")
        values = self._reader(items, piece.line).value()
        self.bound += [name, LOOP]
        body = self.until(("empty", "endfor"))
        del self.bound[-2:]
        empty: tuple[Node, ...] = ()
        if _command(self._taken()) == "empty":
            empty = self.until(("endfor",))
            self._taken()
        return [For(name, values, body, empty, piece.line)]

    def _comment(self, piece: Piece) -> list[Node]:
        while self.at < len(self.pieces):
            tag = self._taken()
            if tag.opening == "{%" and _command(tag) == "endcomment":
                return []
        raise WordingError("`comment` is not ended.", line=piece.line, word="comment")

    def _taken(self) -> Piece:
        self.at += 1
        return self.pieces[self.at - 1]

    def _reader(self, source: str, line: int) -> Reader:
        return Reader(source, line, self._note)

    def _note(self, name: str, line: int) -> None:
        if name not in self.bound:
            self.lines.setdefault(name, line)


def _command(piece: Piece) -> str:
    return piece.content.split(maxsplit=1)[0] if piece.content else ""


def _rest(piece: Piece) -> str:
    return piece.content.partition(_command(piece))[2].strip()
