"""Which resources lie above one: what is given or denied there reaches it.

The answer is kept in the process under the stamp of the tree, as sets are under theirs: any placement makes another.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from threading import Lock

from django.db import connection

from roles import conf

MOST_AT_ONCE = 500  # resources in one statement
NAMES_KEPT = 10  # of a line, on the average

# UNION, not UNION ALL: a resource reached twice is followed once, so that even a circle would end.
_ABOVE = """
WITH RECURSIVE line(resource, above) AS (
    SELECT CAST(resource AS text), CAST(parent AS text) FROM roles_placement WHERE resource IN ({places})
    UNION SELECT line.resource, CAST(p.parent AS text) FROM line JOIN roles_placement p ON p.resource = line.above
)
SELECT resource, above FROM line
"""

_LEVELS = """
WITH RECURSIVE steps(resource, level) AS (
    SELECT CAST(%s AS text), 0
    UNION SELECT CAST(p.{onward} AS text), steps.level + 1
    FROM steps JOIN roles_placement p ON p.{from_} = steps.resource WHERE steps.level < %s
)
SELECT MAX(level) FROM steps
"""


def above(resource: str, *, stamp: str) -> tuple[str, ...]:
    """Return the resources above one, parents and theirs, in no order; one statement where it is not known yet."""
    found = _kept.find(resource, stamp)
    if found is None:
        found = above_all([resource]).get(resource, ())
        _kept.keep(resource, stamp, found)
    return found


def above_each(resources: Iterable[str], *, stamp: str) -> dict[str, tuple[str, ...]]:
    """Return the resources above each of several; all that are not known yet by one statement for each 500."""
    found = {resource: _kept.find(resource, stamp) for resource in resources}
    missing = [resource for resource, line in found.items() if line is None]
    loaded = above_all(missing)
    for resource in missing:
        _kept.keep(resource, stamp, loaded.get(resource, ()))
    return {resource: loaded.get(resource, ()) if line is None else line for resource, line in found.items()}


def above_all(resources: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Return the resources above each of several that has any, from the database; a statement for each 500."""
    wanted, found = sorted(set(resources)), dict[str, list[str]]()
    for start in range(0, len(wanted), MOST_AT_ONCE):
        some = wanted[start : start + MOST_AT_ONCE]
        with connection.cursor() as cursor:
            cursor.execute(_ABOVE.format(places=", ".join(["%s"] * len(some))), some)
            for resource, parent in cursor.fetchall():
                found.setdefault(resource, []).append(parent)
    return {resource: tuple(parents) for resource, parents in found.items()}


def levels_above(resource: str, *, most: int) -> int:
    """Return how many levels there are above a resource, counted no further than `most`; one statement."""
    return _levels(_LEVELS.format(onward="parent", from_="resource"), resource, most)


def levels_below(resource: str, *, most: int) -> int:
    """Return how many levels there are below a resource, counted no further than `most`; one statement."""
    return _levels(_LEVELS.format(onward="resource", from_="parent"), resource, most)


def _levels(statement: str, resource: str, most: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, [resource, most])
        return int(cursor.fetchone()[0])


def forget() -> None:
    """Drop every kept line of this process."""
    _kept.clear()


class _Kept:
    """The lines of the resources asked about last, all under one stamp; fewer where they are long."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._stamp = ""
        self._lines: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._names = 0

    def find(self, resource: str, stamp: str) -> tuple[str, ...] | None:
        with self._lock:
            if stamp != self._stamp or resource not in self._lines:
                return None
            self._lines.move_to_end(resource)
            return self._lines[resource]

    def keep(self, resource: str, stamp: str, line: tuple[str, ...]) -> None:
        with self._lock:
            if stamp != self._stamp:
                self._stamp = stamp
                self._empty()
            self._names += len(line) - len(self._lines.pop(resource, ()))
            self._lines[resource] = line
            most = conf.cached_lines()
            while len(self._lines) > most or self._names > NAMES_KEPT * most:
                self._names -= len(self._lines.popitem(last=False)[1])

    def clear(self) -> None:
        with self._lock:
            self._empty()

    def _empty(self) -> None:
        self._lines.clear()
        self._names = 0


_kept = _Kept()
