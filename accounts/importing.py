"""Bringing people over: a file in batches, each of which is there whole or not at all.

How far a file has come is written in the audit log, in the transaction of each batch, under the digest of the file: a
run that was killed goes on at the line behind the last batch, whichever machine it runs on, and imports nobody twice.
"""

import csv
import datetime as dt
import itertools
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts import arrivals, decoys, event_types
from accounts.arrivals import Arrival
from accounts.models import Handle, User
from accounts.people_files import Identity, LineRefused, Row
from audit import recording
from audit.models import Entry
from audit.vocabulary import ActorKind

BATCH = 1000  # lines
TARGET = "import"
_TAKEN = LineRefused("taken", "Somebody in the house holds this address or user name already.")


@dataclass(frozen=True, slots=True)
class State:
    """How far a file has come."""

    line: int = 0
    imported: int = 0
    refused: int = 0
    is_finished: bool = False


class Report:
    """The refused lines with their reasons, as CSV; what a killed run wrote beyond its last batch is taken back."""

    def __init__(self, path: Path, *, keep_to: int) -> None:
        kept = _lines_to(path, keep_to) if keep_to and path.exists() else []
        # What a refusal tells may come from the file, half a surrogate pair among it.
        self._file = path.open("w", encoding="utf-8", errors="backslashreplace", newline="")
        self._csv = csv.writer(self._file, lineterminator="\n")
        self._csv.writerow(("line", "reason", "detail"))
        self._csv.writerows(kept)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, refused: Iterable[tuple[int, LineRefused]]) -> None:
        """Write the refusals of a batch, to be there before the batch counts as done."""
        self._csv.writerows((line, refusal.reason, refusal.detail) for line, refusal in refused)
        self._file.flush()


def state_of(identity: Identity) -> State:
    """Return how far this very file has come in this database."""
    marks = Entry.objects.filter(target=identity.digest, target_kind=TARGET)
    newest = marks.filter(action=event_types.IMPORT_ADVANCED.name).order_by("-at", "-id").first()
    return State(**newest.details) if newest else State()


def run(
    *,
    rows: Iterable[Row],
    identity: Identity,
    report: Report,
    clock: Callable[[], dt.datetime],
    tell: Callable[[int], None],
    is_dry: bool = False,
) -> State:
    """Import the rows that are left of a file, in the order of their lines, and return how far it has come.

    `tell` is called with the line that each batch ends at. A dry run checks everything and changes nothing.
    """
    state = state_of(identity)
    with _Seen() as seen:
        done, begun = state.line, clock()
        rest = itertools.dropwhile(lambda row: _is_done(row, done, seen, begun), rows)
        for batch, is_last in _batches(rest):
            state = _import_batch(batch, state, seen, identity, report, clock(), is_dry=is_dry, is_last=is_last)
            tell(state.line)
    if not is_dry:
        decoys.count()
    return state


def _is_done(row: Row, line: int, seen: "_Seen", now: dt.datetime) -> bool:
    """Say whether a row was looked at by an earlier run; take note of its names then."""
    if row.line > line:
        return False
    with suppress(LineRefused):
        seen.first_line_of(arrivals.read(row, now=now))
    return True


def _batches(rows: Iterator[Row]) -> Iterator[tuple[list[Row], bool]]:
    """Yield batches, at least one, and whether each is the last."""
    batch = list(itertools.islice(rows, BATCH))
    while True:
        following = list(itertools.islice(rows, BATCH))
        yield batch, not following
        if not following:
            return
        batch = following


def _import_batch(  # noqa: PLR0917 - what a run holds, handed on
    batch: list[Row],
    state: State,
    seen: "_Seen",
    identity: Identity,
    report: Report,
    now: dt.datetime,
    *,
    is_dry: bool,
    is_last: bool,
) -> State:
    welcome, refused = _sorted_out(batch, seen, now)
    with transaction.atomic():
        if not is_dry:
            lost = _insert(welcome, identity, now)
            refused += [(line, _TAKEN) for line in lost]
            welcome = [arrival for arrival in welcome if arrival.line not in lost]
        done = State(
            line=batch[-1].line if batch else state.line,
            imported=state.imported + len(welcome),
            refused=state.refused + len(refused),
            is_finished=is_last,
        )
        report.add(sorted(refused, key=lambda each: each[0]))
        if not is_dry:
            _mark(done, identity, now)
    return done


def _sorted_out(
    batch: list[Row], seen: "_Seen", now: dt.datetime
) -> tuple[list[Arrival], list[tuple[int, LineRefused]]]:
    """Return who may come in, and who may not and why."""
    welcome: list[Arrival] = []
    refused: list[tuple[int, LineRefused]] = []
    for row in batch:
        try:
            arrival = arrivals.read(row, now=now)
            if before := seen.first_line_of(arrival):
                told = f"Line {before} has the same address or user name."
                raise LineRefused("duplicate", told)  # noqa: TRY301 - one way out for all refusals
            welcome.append(arrival)
        except LineRefused as refusal:
            refused.append((row.line, refusal))
    names = [name for arrival in welcome for name in arrival.names]
    in_force = Q(held_until=None) | Q(held_until__gt=now)
    taken = set(Handle.objects.filter(in_force, canonical__in=names).values_list("canonical", flat=True))
    refused += [(arrival.line, _TAKEN) for arrival in welcome if not taken.isdisjoint(arrival.names)]
    return [arrival for arrival in welcome if taken.isdisjoint(arrival.names)], refused


def _insert(welcome: list[Arrival], identity: Identity, now: dt.datetime) -> set[int]:
    """Write people, names and entries, in the caller's transaction; return the lines of names taken meanwhile."""
    try:
        _insert_all(welcome, identity, now)
    except IntegrityError:
        lost = set()
        for arrival in welcome:
            try:
                _insert_all([arrival], identity, now)
            except IntegrityError:
                lost.add(arrival.line)
        return lost
    return set()


def _insert_all(welcome: list[Arrival], identity: Identity, now: dt.datetime) -> None:
    names = [name for arrival in welcome for name in arrival.names]
    with transaction.atomic():
        Handle.objects.filter(canonical__in=names, held_until__lte=now).delete()
        User.objects.bulk_create([arrival.user for arrival in welcome])
        Handle.objects.bulk_create([handle for arrival in welcome for handle in arrival.handles])
        recording.record_many(
            event_types.USER_IMPORTED,
            now=now,
            target_kind="user",
            targets=[arrival.user.pk for arrival in welcome],
            actor_kind=ActorKind.COMMAND,
            details={"file": identity.digest},
        )


def _mark(state: State, identity: Identity, now: dt.datetime) -> None:
    recording.record(
        event_types.IMPORT_ADVANCED,
        now=now,
        actor_kind=ActorKind.COMMAND,
        target_kind=TARGET,
        target=identity.digest,
        details={
            "line": state.line,
            "imported": state.imported,
            "refused": state.refused,
            "is_finished": state.is_finished,
        },
    )


def _lines_to(path: Path, line: int) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [cells for cells in csv.reader(file) if cells and cells[0].isdigit() and int(cells[0]) <= line]


class _Seen:
    """The names of a file and the lines they first stood in, on disk: a file may be of any length."""

    def __enter__(self) -> Self:
        self._directory = tempfile.TemporaryDirectory(prefix="gatehouse-import-")
        self._names = sqlite3.connect(Path(self._directory.name) / "names", isolation_level=None)
        self._names.execute("PRAGMA synchronous=OFF")
        self._names.execute("PRAGMA journal_mode=OFF")
        self._names.execute("CREATE TABLE seen (name TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._names.execute("BEGIN")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._names.close()
        self._directory.cleanup()

    def first_line_of(self, arrival: Arrival) -> int:
        """Return the first line that has one of her names, or 0 and take note of them."""
        for name in arrival.names:
            if found := self._names.execute("SELECT line FROM seen WHERE name = ?", (name,)).fetchone():
                return int(found[0])
        self._names.executemany("INSERT INTO seen VALUES (?, ?)", [(name, arrival.line) for name in arrival.names])
        return 0
