"""The only place where a password meets a hash function: a bounded number at a time, and never for free.

Text is normalised (NFKC, SP 800-63B section 3.1.1.2) before it becomes a hash of ours; a hash that came from another
system is tried with the text as typed as well.

What a stranger can learn from the time: nothing. Every check does one Argon2id, for a person, for nobody, and for
somebody without a password. A person whose hash came from elsewhere costs the work of that hash besides, until her
first sign-in makes it ours; so do as many of the names without a password, each always the same (`accounts.decoys`).
"""

import threading
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.contrib.auth.hashers import check_password, get_hasher, identify_hasher, make_password
from django.db import connection

from accounts import conf, metrics
from accounts.foreign_hashes import stored
from kit.errors import Invalid, Unavailable

MAX_LENGTH = 1024


def refuse_oversize(text: str, *, field: str = "password") -> None:
    """Raise `Invalid` for a password of more than 1,024 characters, before anything is hashed."""
    if len(text) > MAX_LENGTH:
        raise Invalid(field, f"A password has at most {MAX_LENGTH:,} characters.", "too_long")


def make(password: str) -> str:
    """Return the encoded hash of a password by the preferred hasher. Raises `Unavailable` as `turn` does."""
    with turn():
        return encode(password)


def encode(password: str) -> str:
    """Return what `make` does, for a caller who holds a `turn`."""
    return make_password(normalised(password))


def matches(password: str, encoded: str | None, *, decoy: stored.Stored | None = None) -> bool:
    """Say whether a password fits an encoded hash: with one Argon2id whatever `encoded` is, and the work of its own.

    `encoded` is None for a person who does not exist, and may be unusable, a hash of another system
    (`accounts.foreign_hashes`), or one of those wrapped in ours. Where it cannot be checked, the work of `decoy` is
    done in its place (`accounts.decoys`). A right password takes as long as a wrong one. The caller holds a `turn`.
    """
    if encoded is not None and not is_outdated(encoded):
        return check_password(normalised(password), encoded)
    own = stored.find(encoded) if encoded is not None else None
    worked_on = own or decoy
    fits = worked_on is not None and _fits(worked_on, password)
    if worked_on is None or worked_on.outer is None:
        check_password(normalised(password), _nobodys_hash())
    return fits and own is not None


def is_outdated(encoded: str) -> bool:
    """Say whether an encoded hash should be made anew with the present hasher and parameters."""
    preferred = get_hasher()
    try:
        return identify_hasher(encoded).algorithm != preferred.algorithm or preferred.must_update(encoded)
    except ValueError:  # unusable, foreign, wrapped or malformed
        return True


def normalised(password: str) -> str:
    """Return the form that is hashed: NFKC, and otherwise as sent, white space and case included."""
    return unicodedata.normalize("NFKC", password)


def require_room() -> None:
    """Raise `Unavailable` while no further request may wait for its turn: to be asked before anything else is done."""
    with _place_in_line():
        pass


@contextmanager
def turn() -> Iterator[None]:
    """Hold one of the places for hashing.

    Raises `Unavailable`: at once when `ACCOUNTS_HASHES_WAITING` others wait already, since whoever waits holds a thread
    that could serve others; else after `ACCOUNTS_HASH_WAIT` seconds.
    """
    with _place_in_line():
        started = time.perf_counter()
        is_ours = _turns().acquire(blocking=False)
        if not is_ours:
            _give_back_connection()
            with metrics.HASHES_WAITING.raised():
                is_ours = _turns().acquire(timeout=conf.hash_wait())
        metrics.HASH_WAITS.observe(time.perf_counter() - started)
        if not is_ours:
            raise _refusal()
        try:
            with metrics.HASHES_RUNNING.raised():
                yield
        finally:
            _turns().release()


@contextmanager
def _place_in_line() -> Iterator[None]:
    """Be one of those who hash or wait for it."""
    if not _line().acquire(blocking=False):
        raise _refusal()
    try:
        yield
    finally:
        _line().release()


def _refusal() -> Unavailable:
    metrics.HASHES_REFUSED.count()
    return Unavailable(retry_after=1, detail="Many people are signing in just now. Try again in a moment.")


def _give_back_connection() -> None:
    """Let others have this thread's database connection while it waits: a pool has fewer than there are threads."""
    if connection.settings_dict["CONN_MAX_AGE"] == 0 and not connection.in_atomic_block:
        connection.close()


def _fits(foreign: stored.Stored, password: str) -> bool:
    """Try the text as typed, which other systems hashed, and as we normalise it where that differs: both, always."""
    answers = [foreign.fits(text) for text in dict.fromkeys((password, normalised(password)))]
    return any(answers)


@cache
def _nobodys_hash() -> str:
    """Return a hash that belongs to nobody, by the preferred hasher, so that checking against it costs the same."""
    return make_password("the password of nobody at all")


@cache
def _turns() -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(conf.hashes_at_once())


@cache
def _line() -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(conf.hashes_at_once() + conf.hashes_waiting())
