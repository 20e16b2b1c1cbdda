"""The only place where a password meets a hash function: a bounded number at a time, and never for free.

An unknown name costs the same single hash as a known one. Text is normalised (NFKC, SP 800-63B section 3.1.1.2) first.
"""

import threading
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.contrib.auth.hashers import (
    UNUSABLE_PASSWORD_PREFIX,
    check_password,
    get_hasher,
    identify_hasher,
    make_password,
)

from accounts import conf, metrics
from kit.errors import Invalid, Unavailable

MAX_LENGTH = 1024


def refuse_oversize(text: str, *, field: str = "password") -> None:
    """Raise `Invalid` for a password of more than 1,024 characters, before anything is hashed."""
    if len(text) > MAX_LENGTH:
        raise Invalid(field, f"A password has at most {MAX_LENGTH:,} characters.", "too_long")


def make(password: str) -> str:
    """Return the encoded hash of a password by the preferred hasher. Raises `Unavailable` when the queue is long."""
    with turn():
        return make_password(normalised(password))


def matches(password: str, encoded: str | None) -> bool:
    """Say whether a password fits an encoded hash, with the work of one hash whatever `encoded` is.

    `encoded` is None for a person who does not exist, and may be unusable. The caller holds a `turn`.
    """
    usable = encoded if encoded is not None and _is_usable(encoded) else None
    right = check_password(normalised(password), usable or _nobodys_hash())
    return right and usable is not None


def is_outdated(encoded: str) -> bool:
    """Say whether an encoded hash should be made anew with the present hasher and parameters."""
    preferred = get_hasher()
    return identify_hasher(encoded).algorithm != preferred.algorithm or preferred.must_update(encoded)


def normalised(password: str) -> str:
    """Return the form that is hashed: NFKC, and otherwise as sent, white space and case included."""
    return unicodedata.normalize("NFKC", password)


@contextmanager
def turn() -> Iterator[None]:
    """Hold one of the places for hashing, or raise `Unavailable` after `ACCOUNTS_HASH_WAIT` seconds."""
    started = time.perf_counter()
    with metrics.HASHES_WAITING.raised():
        is_ours = _turns().acquire(timeout=conf.hash_wait())
    metrics.HASH_WAITS.observe(time.perf_counter() - started)
    if not is_ours:
        metrics.HASHES_REFUSED.count()
        raise Unavailable(retry_after=2, detail="Many people are signing in just now. Try again in a moment.")
    try:
        with metrics.HASHES_RUNNING.raised():
            yield
    finally:
        _turns().release()


def _is_usable(encoded: str) -> bool:
    if encoded.startswith(UNUSABLE_PASSWORD_PREFIX):
        return False
    try:
        identify_hasher(encoded)
    except ValueError:
        return False
    return True


@cache
def _nobodys_hash() -> str:
    """Return a hash that belongs to nobody, by the preferred hasher, so that checking against it costs the same."""
    return make_password("the password of nobody at all")


@cache
def _turns() -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(conf.hashes_at_once())
