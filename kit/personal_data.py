"""What an app keeps of a person: how she gets it to see, and how it is erased.

Each app that keeps some declares an `Exporter` and an `Eraser` that name their models; settings list them by dotted
path, and a test fails for a model with personal data that none of them names.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

_AT_ONCE = 50
MOST = 10_000  # rows of one kind in one export, the newest
MOST_CHARACTERS = 5_000_000  # of the texts in them


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """A person as every app knows her: by her id, or by the canonical form of an address, user name or number.

    `former` are names that she has given up, and until when each was kept for her: since then it may be another's.
    """

    id: UUID
    names: frozenset[str]
    former: Mapping[str, dt.datetime] = field(default_factory=dict)

    def named(self, lookup: str, *, moment: str) -> Iterator[Q]:
        """Yield the conditions of what lies under her names, each short enough for one statement.

        `lookup` is the column of the name, `moment` that of when the row came to be: what lies under a former name is
        hers only as long as that was.
        """
        ends: list[tuple[str, dt.datetime | None]] = [(name, None) for name in sorted(self.names)]
        ends += self.former.items()
        for start in range(0, len(ends), _AT_ONCE):
            under = Q()
            for name, until in ends[start : start + _AT_ONCE]:
                under |= Q(**{lookup: name}) & (Q() if until is None else Q(**{f"{moment}__lte": until}))
            yield under


@dataclass(frozen=True, kw_only=True, slots=True)
class Exporter:
    """What one app shows of a person, under `name` in her export. `models` are labels (`accounts.Session`)."""

    name: str
    models: frozenset[str]
    collect: Callable[[Subject], dict[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Eraser:
    """What one app does so that nothing of a person is left in `models`.

    `erase` owns its transactions. It is called again when a later one failed, and must then find nothing to do.
    """

    models: frozenset[str]
    erase: Callable[[Subject, dt.datetime], None]


class Rows(list[dict[str, Any]]):
    """Rows as an export shows them, the newest first, and how many older ones are `left_out` of it."""

    left_out = 0


def shown(rows: QuerySet[Any], *columns: str, page: int = 500) -> Rows:
    """Return these columns of rows, the newest first: at most 10,000, and of long texts what memory has room for.

    They are read in pages of `page`, so that no more than that comes on top of what is shown.
    """
    found, room, newest = Rows(), MOST_CHARACTERS, rows.order_by("-pk").values("pk", *columns)
    read = list(newest[:page])
    while read:
        for row in read:
            room -= sum(len(value) for value in row.values() if isinstance(value, str))
            if found and (room < 0 or len(found) == MOST):
                found.left_out = rows.count() - len(found)
                return found
            last = row.pop("pk")
            found.append(row)
        read = list(newest.filter(pk__lt=last)[:page]) if len(read) == page else []
    return found
