"""Building the list of breached passwords: a stream of any length and order into sorted records, in little memory.

What comes in order (the download of Have I Been Pwned) goes straight through. What does not is sorted in runs on disk
that are merged at the end.
"""

import heapq
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from accounts import breached
from kit import canonical
from kit.errors import Refusal

AT_ONCE = 250_000  # records that are sorted in memory
_READ_AT_ONCE = 4096  # records of each run
_HASH = re.compile(rb"([0-9A-Fa-f]{40})(?:\s*:\s*([0-9]+))?")


class NotAHash(Refusal):
    """A line that should be a SHA-1 and is none."""

    code = "not_a_hash"


def build(*, source: BinaryIO, target: Path, are_hashes: bool, tell: Callable[[int], object], at_least: int = 1) -> int:
    """Make the list at `target` of the lines of `source`, and return how many passwords are in it.

    Lines are plain words, or SHA-1 in hexadecimal with or without `:count`; those counted less than `at_least` times
    are left out. `tell` is called with the bytes of each line read. The file appears whole or not at all, and takes the
    place of an older one. Raises `NotAHash` with the number of the line.
    """
    digests = _of_hashes(source, at_least, tell) if are_hashes else _of_words(source, tell)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".breached-") as directory:
        runs = _Runs(Path(directory))
        for digest in digests:
            runs.add(digest[: breached.WIDTH])
        made = Path(directory) / "made"
        with made.open("wb") as file:
            count = _write(file, runs.merged())
        made.replace(target)
    return count


def looks_like_hashes(line: bytes) -> bool:
    """Say whether a line is a SHA-1, so that its file is one of hashes."""
    return _HASH.fullmatch(line.strip()) is not None


def _of_hashes(source: BinaryIO, at_least: int, tell: Callable[[int], object]) -> Iterator[bytes]:
    for number, line in enumerate(source, 1):
        tell(len(line))
        match = _HASH.fullmatch(line.strip())
        if match is None:
            if not line.strip():
                continue
            raise NotAHash(f"Line {number} is no SHA-1 in hexadecimal, with or without `:count`.")
        if match[2] is None or int(match[2]) >= at_least:
            yield bytes.fromhex(match[1].decode())


def _of_words(source: BinaryIO, tell: Callable[[int], object]) -> Iterator[bytes]:
    """Yield the digest of each word as it is and as it is folded: one is refused in any case."""
    for line in source:
        tell(len(line))
        word = line.rstrip(b"\r\n")
        if word:
            text = word.decode("utf-8", errors="replace")
            yield from map(breached.sha1, dict.fromkeys((text, canonical.fold(text))))


def _write(file: BinaryIO, records: Iterable[bytes]) -> int:
    """Write the header and the records, each once, to the disk."""
    file.write(bytes(breached.HEADER.size))
    count, before = 0, b""
    for record in records:
        if record != before:
            file.write(record)
            count, before = count + 1, record
    file.seek(0)
    file.write(breached.HEADER.pack(breached.MAGIC, breached.VERSION, breached.WIDTH, count))
    file.flush()
    os.fsync(file.fileno())
    return count


class _Runs:
    """Sorted files: a record that is not before the last one of a file goes to its end, another begins a new file."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._waiting: list[bytes] = []
        self._paths: list[Path] = []
        self._last = b""

    def add(self, record: bytes) -> None:
        self._waiting.append(record)
        if len(self._waiting) >= AT_ONCE:
            self._flush()

    def merged(self) -> Iterator[bytes]:
        """Yield all records in order."""
        self._flush()
        return heapq.merge(*map(_records, self._paths))

    def _flush(self) -> None:
        if not self._waiting:
            return
        self._waiting.sort()
        if not self._paths or self._waiting[0] < self._last:
            self._paths.append(self._directory / f"run-{len(self._paths)}")
        with self._paths[-1].open("ab") as file:
            file.write(b"".join(self._waiting))
        self._last = self._waiting[-1]
        self._waiting = []


def _records(path: Path) -> Iterator[bytes]:
    width = breached.WIDTH
    with path.open("rb") as file:
        while octets := file.read(width * _READ_AT_ONCE):
            yield from (octets[start : start + width] for start in range(0, len(octets), width))
