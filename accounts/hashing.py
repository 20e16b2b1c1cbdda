"""The only place where a password meets a hash function: a bounded number at a time, and never for free.

Text is normalised (NFKC, SP 800-63B section 3.1.1.2) before it becomes a hash of ours; a hash that came from another
system is tried with the text as typed as well.

What a stranger can learn from the time: every check does one Argon2id, for a person, for nobody, and for somebody
without a password. A person whose hash came from elsewhere costs the work of that hash besides, until her first
sign-in makes it ours. For the cheap ones (SHA, MD5, crypt) that is lost in the noise, and gone for good once
`accounts_wrap_hashes` has run. The dear ones (bcrypt, PBKDF2, scrypt as they are usually set) do show, to somebody who
measures, that an account is there and came from elsewhere; making everybody pay for them would slow every sign-in for
as long as one such person is left. Who must not let that be known imports without hashes, and sends reset links.
"""

import threading
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.contrib.auth.hashers import check_password, get_hasher, identify_hasher, make_password

from accounts import conf, metrics
from accounts.foreign_hashes import stored
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
    """Say whether a password fits an encoded hash: with one Argon2id whatever `encoded` is, and the work of its own.

    `encoded` is None for a person who does not exist, and may be unusable, a hash of another system
    (`accounts.foreign_hashes`), or one of those wrapped in ours. The caller holds a `turn`.
    """
    if encoded is not None and not is_outdated(encoded):
        return check_password(normalised(password), encoded)
    foreign = stored.find(encoded) if encoded is not None else None
    if foreign is not None and _fits(foreign, password):
        return True
    if foreign is None or foreign.outer is None:
        check_password(normalised(password), _nobodys_hash())
    return False


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


def _fits(foreign: stored.Stored, password: str) -> bool:
    """Try the text as typed, which other systems hashed, and as we normalise it where that differs."""
    return any(foreign.fits(text) for text in dict.fromkeys((password, normalised(password))))


@cache
def _nobodys_hash() -> str:
    """Return a hash that belongs to nobody, by the preferred hasher, so that checking against it costs the same."""
    return make_password("the password of nobody at all")


@cache
def _turns() -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(conf.hashes_at_once())
