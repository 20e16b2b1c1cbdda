"""Passwords that have been in a breach: a list of our own on disk, and a service that is asked by k-anonymity.

The list keeps 48 bits of the SHA-1 of each password, sorted, and is searched through the memory map of its file: the
billion of Have I Been Pwned takes 6 GB of disk, a look-up reads some thirty records, and no process holds any of it.
One good password in a quarter of a million is taken for a breached one at that size.

The two fail differently, on purpose. A list that is named and cannot be read is our operator's mistake, found at the
start (`accounts.E010`), and afterwards nobody chooses a password until it is back. A service is somebody else's: see
`breach_service`.
"""

import hashlib
import logging
import mmap
import os
import struct
from functools import lru_cache
from pathlib import Path

from accounts import breach_service, conf
from kit import canonical
from kit.errors import Unavailable

MAGIC = b"BREACHED"
VERSION = 1
WIDTH = 6  # bytes of each SHA-1
HEADER = struct.Struct(">8sIIQ")  # magic, version, width, number of records

_log = logging.getLogger(__name__)


class NoList(Exception):
    """The file is not there, or is not a list that `accounts_breached_build` made; the message says which."""


class BreachedList:
    """A list on disk. It stays open, and good, when the file is replaced under its name."""

    def __init__(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise NoList(f"{path} cannot be read: {error}") from error
        if len(self._map) < HEADER.size:
            raise NoList(f"{path} is not a list of breached passwords.")
        magic, version, width, self._count = HEADER.unpack_from(self._map)
        if (magic, version, width) != (MAGIC, VERSION, WIDTH):
            raise NoList(f"{path} is not a list of breached passwords.")
        if len(self._map) != HEADER.size + WIDTH * self._count:
            raise NoList(f"{path} is cut off: build it again.")

    def __len__(self) -> int:
        return int(self._count)

    def __contains__(self, digest: object) -> bool:
        """Say whether this SHA-1 (20 bytes) is of a breached password."""
        if not isinstance(digest, bytes):
            return False
        wanted, low, high = digest[:WIDTH], 0, len(self)
        while low < high:
            middle = (low + high) // 2
            found = self._record(middle)
            if found == wanted:
                return True
            low, high = (middle + 1, high) if found < wanted else (low, middle)
        return False

    def _record(self, position: int) -> bytes:
        start = HEADER.size + position * WIDTH
        return self._map[start : start + WIDTH]


def is_known(text: str) -> bool:
    """Say whether this normalised text, or its folded form, has been in a breach. Not to be called in a transaction.

    Raises `Unavailable` where the list that the settings name cannot be read.
    """
    digests = [sha1(form) for form in dict.fromkeys((text, canonical.fold(text)))]
    return _is_listed(digests) or breach_service.knows(digests[0])


def sha1(text: str) -> bytes:
    """Return the digest by which all lists of breached passwords know theirs."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).digest()


def open_list(path: str) -> BreachedList:
    """Return the list at a path, opened once for as long as the file is the same. Raises `NoList`."""
    try:
        state = os.stat(path)  # noqa: PTH116 - one call, in every choice of a password
    except OSError as error:
        raise NoList(f"{path} cannot be read: {error}") from error
    return _opened(path, state.st_ino, state.st_mtime_ns)


@lru_cache(maxsize=1)
def _opened(path: str, _inode: int, _changed: int) -> BreachedList:
    return BreachedList(Path(path))


def _is_listed(digests: list[bytes]) -> bool:
    path = conf.breached_list()
    if not path:
        return False
    try:
        breached = open_list(path)
    except NoList as error:
        _log.exception("the list of breached passwords cannot be read")
        raise Unavailable(retry_after=60, detail="Passwords cannot be checked just now. Try again later.") from error
    return any(digest in breached for digest in digests)
