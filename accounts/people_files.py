"""Files of people: JSON lines or CSV, read and written one row at a time, and what guards those who open them.

A cell of a CSV that begins as a formula does (OWASP, CSV injection) is written behind an apostrophe, and read without
it.
"""

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, TextIO

from kit.errors import Refusal

FIELDS = (
    *("email", "other_emails", "username", "first_name", "last_name", "phone", "locale", "time_zone"),
    *("is_active", "created_at", "password_hash"),
)
FORMATS = ("jsonl", "csv")
MOST_OCTETS = 64 * 1024  # of one line
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # the last four are full-width, and formulas to some
_READ_AT_ONCE = 1024 * 1024
_MOST_AT_ONCE = MOST_OCTETS * 2  # of one line of a CSV, where a line break within quotes is no end


class LineRefused(Refusal):
    """A line that is not taken; `reason` is the machine word of why."""

    code: ClassVar[str] = "line_refused"

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class FileRefused(Refusal):
    """A file that cannot be read as what it should be."""

    code: ClassVar[str] = "file_refused"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it begins, and what it says, or why it cannot be read."""

    line: int
    fields: Mapping[str, Any]
    refusal: LineRefused | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """What a file is, byte for byte, and how many lines it has."""

    digest: str
    lines: int


def identify(path: Path) -> Identity:
    """Read a file once and say which one it is."""
    digest, lines = hashlib.sha256(), 0
    with path.open("rb") as file:
        while octets := file.read(_READ_AT_ONCE):
            digest.update(octets)
            lines += octets.count(b"\n")
    return Identity(digest.hexdigest()[:32], lines)


def format_of(path: Path, wanted: str = "") -> str:
    """Return the format that was asked for, or that a file's name ends in. Raises `FileRefused` for neither."""
    found = wanted or path.suffix.lstrip(".").lower()
    if found not in FORMATS:
        raise FileRefused(f"{path} ends neither in .jsonl nor in .csv: say which it is with --format.")
    return found


def rows(path: Path, format_: str) -> Iterator[Row]:
    """Yield the rows of a file in order.

    Raises `FileRefused` for a CSV whose columns are unknown or lack `email`, or at a cell too long.
    """
    with path.open("rb") as file:
        yield from _of_csv(file) if format_ == "csv" else _of_json(file)


class Writer:
    """Writes rows of `FIELDS`; those that `columns` leaves out are not written."""

    def __init__(self, stream: TextIO, format_: str, columns: tuple[str, ...] = FIELDS) -> None:
        self._stream, self._columns, self._is_csv = stream, columns, format_ == "csv"
        self._csv = csv.writer(stream, lineterminator="\n")
        if self._is_csv:
            self._csv.writerow(columns)

    def write(self, fields: Mapping[str, Any]) -> None:
        """Write one row."""
        kept = {name: fields[name] for name in self._columns if fields.get(name) not in (None, "", [])}
        if self._is_csv:
            self._csv.writerow(harmless(_cell(kept.get(name, ""))) for name in self._columns)
        else:
            self._stream.write(json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n")


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip("'").startswith(_FORMULA) else cell


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(value) if isinstance(value, list) else str(value)


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA) else cell


def _of_json(file: BinaryIO) -> Iterator[Row]:
    number = 0
    while line := file.readline(MOST_OCTETS + 1):
        number += 1
        if len(line) > MOST_OCTETS and not line.endswith(b"\n"):
            while not line.endswith(b"\n") and (line := file.readline(MOST_OCTETS)):
                continue
            yield Row(number, {}, LineRefused("too_long", f"A line has at most {MOST_OCTETS:,} bytes."))
            continue
        text = line.removeprefix(b"\xef\xbb\xbf").strip()
        if text:
            yield _json_row(number, text)


def _json_row(number: int, line: bytes) -> Row:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return Row(number, {}, LineRefused("malformed", "The line is no JSON in UTF-8."))
    if not isinstance(fields, dict):
        return Row(number, {}, LineRefused("malformed", "The line is no JSON object."))
    unknown = sorted(fields.keys() - set(FIELDS))
    if unknown:
        return Row(number, {}, LineRefused("unknown_field", _unknown(unknown)))
    return Row(number, {name: value for name, value in fields.items() if value is not None})


def _of_csv(file: BinaryIO) -> Iterator[Row]:
    lines = _Lines(file)
    reader = csv.reader(lines, strict=True)
    columns = _columns(_first(reader))
    while True:
        begins = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "field limit" in str(error):
                raise FileRefused(_endless(begins)) from error
            yield Row(begins, {}, LineRefused("malformed", f"The line is no CSV: {error}."))
            continue
        if not cells:
            continue
        if len(cells) != len(columns):
            told = f"The line has {len(cells)} cells where the first one has {len(columns)}."
            yield Row(begins, {}, LineRefused("malformed", told))
            continue
        yield Row(begins, {name: _plain(cell) for name, cell in zip(columns, cells, strict=True) if cell})


def _first(reader: Iterator[list[str]]) -> list[str]:
    try:
        return next(reader, [])
    except csv.Error as error:
        raise FileRefused(f"The first line is no CSV: {error}.") from error


def _endless(line: int) -> str:
    """Say why nothing behind a cell too long is read: within quotes, what looks like a row may be somebody's text."""
    return f"Line {line} has a cell of more than {_MOST_AT_ONCE:,} bytes: where its row ends cannot be told."


class _Lines:
    """The lines of a CSV as text. One that is longer than a cell may be ends the reading, and is never read as two."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._file.readline(_MOST_AT_ONCE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == _MOST_AT_ONCE and not line.endswith(b"\n"):
            raise FileRefused(_endless(self.number))
        return line.decode("utf-8-sig" if self.number == 1 else "utf-8", errors="replace")


def _columns(names: list[str]) -> list[str]:
    unknown = sorted(set(names) - set(FIELDS))
    if unknown:
        raise FileRefused(_unknown(unknown))
    if "email" not in names or len(set(names)) != len(names):
        raise FileRefused("The first line of a CSV names its columns: `email` and others, each once.")
    return names


def _unknown(names: list[str]) -> str:
    told = ", ".join(name[:40] for name in names[:5])
    hint = " Passwords themselves are never taken, only their hashes." if "password" in names else ""
    return f"Unknown field: {told}. Known are {', '.join(FIELDS)}.{hint}"
