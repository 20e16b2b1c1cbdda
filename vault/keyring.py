"""The root keys, and the one way to use them: through a key of its own for each purpose (HKDF-SHA256, RFC 5869).

No root key ever encrypts or signs, so that what one purpose makes can never be accepted by another. Of the keys one is
active and makes what is new; those that wait (`+id:…`) and those that were active only open what is there.
"""

import base64
import binascii
import logging
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault import conf

KEY_BYTES = 32
LOOK_SECONDS = 2.0  # between two looks at VAULT_KEYS_FILE
_ID = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")
_DISTINCT_BYTES = 12  # 32 random bytes have about 30 different ones; fewer than 12 is a pattern, not a key
_log = logging.getLogger(__name__)


class UnknownKey(LookupError):
    """No root key has this id: it was removed from the settings, or the value that names it is forged."""


class BadKeys(ValueError):
    """VAULT_KEYS breaks a rule. The message names the position of the entry, never a part of its value."""


@dataclass(frozen=True, slots=True)
class Ring:
    """The root keys by id, in the order they are listed; which one is active, and which wait to be."""

    keys: Mapping[str, bytes] = field(repr=False)
    waiting: frozenset[str]

    @property
    def active(self) -> str:
        """Return the id of the first key that does not wait."""
        return next(key_id for key_id in self.keys if key_id not in self.waiting)

    @property
    def oldest(self) -> str:
        """Return the id of the key that is listed last."""
        return tuple(self.keys)[-1]


class FileRing:
    """The ring of VAULT_KEYS_FILE, read anew when the file has changed. A bad file leaves the last ring in force.

    Readers take no lock but when it is time to look.
    """

    def __init__(self, path: str, ring: Ring) -> None:
        self.path = path
        self._ring = ring
        self._lock = threading.Lock()
        self._looked = float("-inf")
        self._stamp: tuple[int, ...] | None = None

    def at_most(self, seconds: float) -> Ring:
        """Return the ring as the file had it at most so many seconds ago."""
        if time.monotonic() - self._looked >= seconds:
            with self._lock:
                self._look()
                self._looked = time.monotonic()
        return self._ring

    def _look(self) -> None:
        stamp: tuple[int, ...] = ()
        try:
            found = Path(self.path).stat()
            # The time of the last change of owner or mode too: what could not be read may be readable now.
            stamp = (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
            if stamp != self._stamp:
                self._ring = _following(self._ring, parse(Path(self.path).read_text(encoding="ascii")))
        except (OSError, ValueError) as error:
            if stamp != self._stamp:  # once for each state of the file, not at every look
                reason = str(error) if isinstance(error, BadKeys) else type(error).__name__
                _log.error("VAULT_KEYS_FILE cannot be used; the keys of before stay in force. %s", reason)
        self._stamp = stamp


def ring(*, seconds: float = LOOK_SECONDS) -> Ring:
    """Return the root keys in force; those of a file as they were at most so many seconds ago. Raises `BadKeys`."""
    path = conf.keys_file()
    return _file_ring(path, conf.keys()).at_most(seconds) if path else parse(conf.keys())


@lru_cache(maxsize=8)
def _file_ring(path: str, text: str) -> FileRing:
    """Return the one watcher of a file in this process; `text` is what it held when the settings were read."""
    return FileRing(path, parse(text))


def ids() -> tuple[str, ...]:
    """Return the ids of all root keys, as they are listed."""
    return tuple(ring().keys)


def retired_ids() -> tuple[str, ...]:
    """Return the ids of the root keys that were active and are not any more."""
    found = ring()
    return tuple(key_id for key_id in found.keys if key_id != found.active and key_id not in found.waiting)


def active_id() -> str:
    """Return the id of the root key that new values are made under."""
    return ring().active


def oldest_id() -> str:
    """Return the id of the root key that is listed last."""
    return ring().oldest


def purpose_key(purpose: str, *, key_id: str | None = None) -> bytes:
    """Return the 32-byte key of a purpose, under the active root key or the one named.

    The same arguments give the same key in every process. Raises `UnknownKey`.
    """
    found = ring()
    chosen = found.active if key_id is None else key_id
    if chosen not in found.keys:
        found = ring(seconds=0)  # another process may know a key since a moment ago
    if chosen not in found.keys:
        raise UnknownKey(chosen)
    return _derive(found.keys[chosen], purpose)


def oldest_key(purpose: str) -> bytes:
    """Return the key of a purpose under the root key that is listed last."""
    found = ring()
    return _derive(found.keys[found.oldest], purpose)


def each_key(purpose: str) -> list[bytes]:
    """Return the keys of a purpose under all root keys that there are this moment, to be tried one after another.

    One that another process has used a moment ago is among them.
    """
    return [_derive(root, purpose) for root in ring(seconds=0).keys.values()]


def _following(before: Ring, found: Ring) -> Ring:
    """Return the ring that a changed file holds, if it can come after the one before. Raises `BadKeys`."""
    if any(found.keys.get(key_id, key) != key for key_id, key in before.keys.items()):
        raise BadKeys("An id names another key than before.")
    if before.active not in found.keys:
        _log.warning("VAULT_KEYS_FILE does not hold %s any more, which was active here until now.", before.active)
    return found


@lru_cache(maxsize=8)
def parse(text: str) -> Ring:
    """Return the root keys in a VAULT_KEYS text. Raises `BadKeys`."""
    if not text.strip():
        raise BadKeys("VAULT_KEYS is empty.")
    keys: dict[str, bytes] = {}
    waiting = set()
    for position, entry in enumerate(text.split(","), start=1):
        key_id, key = _entry(position, entry.strip().removeprefix("+"))
        if key_id in keys or key in keys.values():
            raise BadKeys(f"Entry {position} of VAULT_KEYS repeats an earlier one.")
        keys[key_id] = key
        if entry.strip().startswith("+"):
            waiting.add(key_id)
    if len(waiting) == len(keys) or next(reversed(keys)) in waiting:
        raise BadKeys("The last entry of VAULT_KEYS waits (+): a key that waits stands in front of the others.")
    return Ring(keys=MappingProxyType(keys), waiting=frozenset(waiting))


def _entry(position: int, entry: str) -> tuple[str, bytes]:
    key_id, colon, encoded = entry.partition(":")
    if not colon or not _ID.match(key_id):
        raise BadKeys(f"Entry {position} of VAULT_KEYS is not of the form id:base64.")
    try:
        # Both alphabets of RFC 4648, padded or not: key generators differ.
        bare = encoded.rstrip("=").translate(str.maketrans("-_", "+/"))
        key = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise BadKeys(f"Entry {position} of VAULT_KEYS is not base64.") from None
    if len(key) != KEY_BYTES:
        raise BadKeys(f"Entry {position} of VAULT_KEYS is not {KEY_BYTES} bytes long.")
    if len(set(key)) < _DISTINCT_BYTES:
        raise BadKeys(f"Entry {position} of VAULT_KEYS is not random.")
    return key_id, key


@lru_cache(maxsize=256)
def _derive(root: bytes, purpose: str) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"gatehouse/" + purpose.encode())
    return kdf.derive(root)
