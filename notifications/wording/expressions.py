"""What stands between the brackets: names, values, filters, and the conditions of `if`.

A name leads through dicts by their keys and through lists by numbers, and nowhere else: nothing is called, and no
attribute is read. A value is never read as a wording.
"""

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from notifications.wording.budgets import Budget, MissingVariable, WordingError
from notifications.wording.filters import FILTERS, Call, Filter
from notifications.wording.marks import Marks

MAX_WORDS = 60  # of one condition
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>"[^"\\]{0,500}"|'[^'\\]{0,500}')
      | (?P<number>-?\d{1,15}(?:\.\d{1,15})?(?![\w.]))
      | (?P<name>[A-Za-z][A-Za-z0-9_]{0,63}(?:\.[A-Za-z0-9][A-Za-z0-9_]{0,63}){0,7}(?![\w.]))
      | (?P<sign>\||:|==|!=|<=|>=|<|>)
    )""",
    re.VERBOSE | re.ASCII,
)
_CONSTANTS = {"True": True, "False": False, "None": None}
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
}


@dataclass(slots=True)
class Scope:
    """What one rendering knows: its names, whether it makes HTML, and what it may still use up.

    `marks`, where there are any, go around what is printed of values. `branch` has each `if` print its branch of that
    number, whatever holds, and nothing where it is negative; a loop goes over nothing then.
    """

    names: dict[str, Any]
    html: bool
    budget: Budget = field(default_factory=Budget)
    marks: Marks | None = None
    branch: int | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A word of an expression, by the name of its group."""

    kind: str
    word: str


def words_of(source: str, line: int) -> list[Token]:
    """Return the words of an expression. Raises `WordingError`, naming what cannot be read."""
    tokens: list[Token] = []
    at = 0
    while at < len(source):
        found = _TOKEN.match(source, at)
        if found is None:
            rest = source[at:].split(maxsplit=1)[0] if source[at:].strip() else ""
            raise WordingError(f"`{rest[:60]}` cannot be read here.", line=line, word=rest[:60])
        tokens.append(Token(str(found.lastgroup), found[str(found.lastgroup)]))
        at = found.end()
    return tokens


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, number or constant of the wording itself."""

    value: Any

    def resolve(self, scope: Scope) -> Any:
        """Return it."""
        return self.value


@dataclass(frozen=True, slots=True)
class Name:
    """A name, perhaps with a way into what it names (`order.lines.0`)."""

    path: tuple[str, ...]
    line: int

    def resolve(self, scope: Scope) -> Any:
        """Return what it leads to. Raises `MissingVariable` where that is nowhere."""
        current: Any = scope.names
        for at, part in enumerate(self.path):
            if isinstance(current, dict) and part in current:
                current = current[part]
            elif isinstance(current, list) and part.isdecimal() and int(part) < len(current):
                current = current[int(part)]
            else:
                missing = ".".join(self.path[: at + 1])
                raise MissingVariable(f"`{missing}` is not given.", line=self.line, word=missing)
        return current


Source = Literal | Name


@dataclass(frozen=True, slots=True)
class Filtered:
    """A value that filters have gone over."""

    source: Source
    filters: tuple[tuple[Filter, tuple[Source, ...]], ...]
    line: int

    @property
    def is_constant(self) -> bool:
        """Tell whether it is the wording's own, with nothing in it of what it is given."""
        arguments = (argument for _, arguments in self.filters for argument in arguments)
        return all(isinstance(source, Literal) for source in (self.source, *arguments))

    def resolve(self, scope: Scope) -> Any:
        """Return the value after the last filter."""
        value = self.source.resolve(scope)
        for filter_, arguments in self.filters:
            scope.budget.step(self.line)
            given = [argument.resolve(scope) for argument in arguments]
            value = filter_.apply(value, Call(scope.budget, self.line, scope.html), *given)
        return value


@dataclass(frozen=True, slots=True)
class Compared:
    """Two values and a comparison; what cannot be compared is not so."""

    left: Filtered
    sign: str
    right: Filtered

    def resolve(self, scope: Scope) -> bool:
        """Tell whether it holds."""
        left, right = self.left.resolve(scope), self.right.resolve(scope)
        for side in (left, right):
            scope.budget.charge(len(side) if isinstance(side, str | list | dict) else 1, self.left.line)
        try:
            return _COMPARISONS[self.sign](left, right)
        except TypeError:
            return False


@dataclass(frozen=True, slots=True)
class Joined:
    """Conditions of which all must hold, or any; the first that decides it ends the asking."""

    parts: tuple["Condition", ...]
    all_of: bool

    def resolve(self, scope: Scope) -> bool:
        """Tell whether it holds."""
        return (all if self.all_of else any)(bool(part.resolve(scope)) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Denied:
    """A condition that must not hold."""

    part: "Condition"

    def resolve(self, scope: Scope) -> bool:
        """Tell whether it holds."""
        return not self.part.resolve(scope)


Condition = Filtered | Compared | Joined | Denied


class Reader:
    """Reads the words of one expression. `note` is told of each name."""

    def __init__(self, source: str, line: int, note: Callable[[str, int], None]) -> None:
        self.line, self.note = line, note
        self.tokens = words_of(source, line)
        if len(self.tokens) > MAX_WORDS:
            raise WordingError(f"Use at most {MAX_WORDS} words in one tag.", line=line)
        self.at = 0

    def value(self) -> Filtered:
        """Return the whole expression as a value with its filters."""
        value = self._filtered()
        self._end()
        return value

    def condition(self) -> Condition:
        """Return the whole expression as a condition."""
        condition = self._any()
        self._end()
        return condition

    def _any(self) -> Condition:
        return self._joined("or", lambda: self._joined("and", self._denied, all_of=True), all_of=False)

    def _joined(self, word: str, read: Callable[[], Condition], *, all_of: bool) -> Condition:
        parts = [read()]
        while self._take(word):
            parts.append(read())
        return parts[0] if len(parts) == 1 else Joined(tuple(parts), all_of)

    def _denied(self) -> Condition:
        if self._take("not"):
            return Denied(self._denied())
        left = self._filtered()
        for sign in _COMPARISONS:
            if self._take(*sign.split()):
                return Compared(left, sign, self._filtered())
        return left

    def _filtered(self) -> Filtered:
        source = self._source()
        filters = []
        while self._take("|"):
            filters.append(self._filter())
        return Filtered(source, tuple(filters), self.line)

    def _filter(self) -> tuple[Filter, tuple[Source, ...]]:
        token = self._next()
        found = FILTERS.get(token.word) if token.kind == "name" else None
        if found is None:
            raise self._wrong(f"`{token.word}` is no filter that may be used here.", token)
        arguments = (self._source(),) if self._take(":") else ()
        if not found.least <= len(arguments) <= found.most:
            raise self._wrong(f"`{token.word}` takes {'no' if not found.most else 'one'} argument.", token)
        return found, arguments

    def _source(self) -> Source:
        token = self._next()
        if token.kind == "text":
            return Literal(token.word[1:-1])
        if token.kind == "number":
            return Literal(float(token.word) if "." in token.word else int(token.word))
        if token.kind != "name" or token.word in {"and", "or", "not", "in"}:
            raise self._wrong(f"`{token.word}` is not expected here.", token)
        if token.word in _CONSTANTS:
            return Literal(_CONSTANTS[token.word])
        path = tuple(token.word.split("."))
        self.note(path[0], self.line)
        return Name(path, self.line)

    def _next(self) -> Token:
        if self.at >= len(self.tokens):
            raise WordingError("Something is missing here.", line=self.line)
        self.at += 1
        return self.tokens[self.at - 1]

    def _take(self, *words: str) -> bool:
        following = self.tokens[self.at : self.at + len(words)]
        if tuple(token.word for token in following if token.kind != "text") != words:
            return False
        self.at += len(words)
        return True

    def _end(self) -> None:
        if self.at < len(self.tokens):
            token = self.tokens[self.at]
            raise self._wrong(f"`{token.word}` is not expected here.", token)

    def _wrong(self, detail: str, token: Token) -> WordingError:
        return WordingError(detail, line=self.line, word=token.word)


def each_of(value: Any, line: int) -> Iterator[Any]:
    """Yield what a loop goes over. Raises `WordingError` for what is no list."""
    if not isinstance(value, list):
        raise WordingError("`for` goes over a list.", line=line, word="for")
    yield from value
