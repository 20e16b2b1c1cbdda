"""One role as it was and as it is to be, and what the audit log says of the difference."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from audit.recording import MAX_DETAIL
from audit.vocabulary import EventType
from roles import event_types
from roles.definitions import BLANK, Definition


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """A role before and after; None before is one that is new, None after is one that goes."""

    name: str
    before: Definition | None
    after: Definition | None

    @property
    def added(self) -> tuple[frozenset[str], frozenset[str]]:
        """The permissions and the inherited roles that it has only afterwards."""
        return _only_in(self.after, self.before)

    @property
    def removed(self) -> tuple[frozenset[str], frozenset[str]]:
        """The permissions and the inherited roles that it had only before."""
        return _only_in(self.before, self.after)

    @property
    def event(self) -> EventType:
        """What the log calls it."""
        if self.before is None:
            return event_types.ROLE_CREATED
        return event_types.ROLE_DELETED if self.after is None else event_types.ROLE_CHANGED

    def told(self) -> Iterator[dict[str, str]]:
        """Yield the details of its entry, and those of a further one while there is more than one entry can hold."""
        lists = {
            "added": self.added[0],
            "removed": self.removed[0],
            "inherits": self.added[1],
            "no_longer_inherits": self.removed[1],
        }
        columns = [_pieces(sorted(names)) for names in lists.values()]
        first, *further = list(zip_longest(*columns, fillvalue="")) or [()]
        yield self.words() | dict(zip(lists, first, strict=False))
        yield from (dict(zip(lists, row, strict=True)) for row in further)

    def words(self) -> dict[str, str]:
        """Return what is different about it besides what it holds and inherits."""
        before, after = self.before or BLANK, self.after or BLANK
        words = {"description": after.description} if before.description != after.description else {}
        for flag in ("sensitive", "requestable"):
            if getattr(before, flag) != getattr(after, flag):
                words[flag] = "yes" if getattr(after, flag) else "no"
        return words


def _only_in(one: Definition | None, other: Definition | None) -> tuple[frozenset[str], frozenset[str]]:
    first, second = one or BLANK, other or BLANK
    return first.permissions - second.permissions, first.inherits - second.inherits


def _pieces(names: Iterable[str]) -> Iterator[str]:
    """Yield the names in texts that each fit into one detail."""
    piece = ""
    for name in names:
        if piece and len(piece) + 1 + len(name) > MAX_DETAIL:
            yield piece
            piece = ""
        piece = f"{piece} {name}" if piece else name
    if piece:
        yield piece
