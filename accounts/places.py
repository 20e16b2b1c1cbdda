"""Where a network address is, roughly: "Berlin, Germany", from a database on this machine. No address leaves it.

The database (MaxMind's format, of cities or of countries) is the operator's (GEOIP_PATH). Without one, or with one that
cannot be read, places are simply not told; in production the start is refused over it (`accounts.checks`).
"""

import threading
from pathlib import Path
from typing import Any

import maxminddb
import structlog
from maxminddb import InvalidDatabaseError, Reader

from accounts import conf

MAX_LENGTH = 100
LANGUAGE = "en"

_log = structlog.get_logger("places")


class _Held:
    """The database that this process has open. A file put in its place is noticed at the next look-up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._file: tuple[str, int, int] | None = None
        self._reader: Reader | None = None

    def reader(self, path: str) -> Reader | None:
        """Return the open database of this path; None where there is none that can be read."""
        with self._lock:
            file = _identity(path)
            if file != self._file:
                self._file, self._reader = file, _opened(path)
            return self._reader


_held = _Held()


def find(address: str) -> str:
    """Return city and country of an address, at most 100 characters; empty when they are not known."""
    path = conf.geoip_path()
    reader = _held.reader(path) if path else None
    if reader is None:
        return ""
    try:
        return _words(reader.get(address))
    except (InvalidDatabaseError, ValueError, OSError):  # ValueError: no address, or one of IPv6 asked of IPv4
        return ""


def problem(path: str) -> str:
    """Return what is wrong with a database file, or nothing."""
    try:
        with maxminddb.open_database(path) as reader:
            next(iter(reader), None)
    except OSError:
        return "names a file that cannot be read"
    except (InvalidDatabaseError, ValueError):
        return "names a file that is no MaxMind database"
    return ""


def _identity(path: str) -> tuple[str, int, int]:
    """Return what tells a file from the one that was there before it."""
    try:
        found = Path(path).stat()
    except OSError:
        return path, 0, 0
    return path, found.st_ino, found.st_mtime_ns


def _opened(path: str) -> Reader | None:
    try:
        return maxminddb.open_database(path)
    except (InvalidDatabaseError, ValueError, OSError) as error:
        _log.warning("places_not_read", reason=type(error).__name__)
        return None


def _words(record: Any) -> str:
    """Return what a record says in English: its city and its country, as far as it names them."""
    names = [_name(record, kind) for kind in ("city", "country")]
    return ", ".join(name for name in names if name)[:MAX_LENGTH]


def _name(record: Any, kind: str) -> str:
    try:
        name = record[kind]["names"][LANGUAGE]
    except (KeyError, TypeError):
        return ""
    return name if isinstance(name, str) and name.isprintable() else ""
