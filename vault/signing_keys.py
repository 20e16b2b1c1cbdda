"""The signing keys' life: made, published, active, retired, removed; and the set of them that each process holds.

A process reads the set at most every 30 seconds and parses a key once, so signing and verifying ask the
database nothing. What that delays is only the arrival of a new key, which is published long before it signs.
The private key is opened when it first signs: a root key that is missing keeps nobody from verifying.
"""

import datetime as dt
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from django.db import transaction

from vault import conf, jwk, sealing, uses
from vault.models import KeyState, SigningKey

CACHEABLE_SECONDS = 300  # how long others may keep the published set
REREAD_SECONDS = 30.0
REREAD_FOR_UNKNOWN_SECONDS = 1.0
_LIVE = (KeyState.ACTIVE, KeyState.NEXT)
_KID = re.compile(r"[A-Za-z0-9_-]{43}\Z")


class NoActiveKey(Exception):
    """The database holds no active signing key: `migrate` has not run on it."""


@dataclass(frozen=True, slots=True)
class SigningKeyMaterial:
    """What signs now. `private_key` is a parsed key object; signing with PEM text would parse it on every call."""

    kid: str
    algorithm: str
    private_key: jwk.PrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """What verifies a token of this `kid`. The algorithm is the key's own: never take it from the token."""

    kid: str
    algorithm: str
    public_key: jwk.PublicKey


@dataclass(frozen=True, slots=True)
class _KeySet:
    """The keys as one read of the database found them; `read_at` on the monotonic clock."""

    read_at: float
    signing: SigningKey | None
    verifying: Mapping[str, VerifyingKey]
    document: Mapping[str, list[dict[str, str]]]


class _HeldSet:
    """The one set of this process. Readers take no lock; a stale set is read anew by one thread at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set: _KeySet | None = None

    def at_most(self, seconds: float) -> _KeySet:
        held = self._set
        if held is None or time.monotonic() - held.read_at >= seconds:
            with self._lock:
                # Another thread may have read it while this one waited.
                held = self._set
                if held is None or time.monotonic() - held.read_at >= seconds:
                    held = self._set = _read(held)
        return held

    def forget(self) -> None:
        self._set = None


held_set = _HeldSet()


def active() -> SigningKeyMaterial:
    """Return the key to sign with. Raises `NoActiveKey`, `sealing.CannotUnseal`."""
    row = held_set.at_most(REREAD_SECONDS).signing
    if row is None:
        raise NoActiveKey("There is no active signing key. Run `migrate`.")
    return _material(row)


def find(kid: object) -> VerifyingKey | None:
    """Return the published key of this id, or None. Takes whatever a token's header holds, never raises for it.

    An id that is not known yet makes the process read the set anew, at most once a second.
    """
    if not isinstance(kid, str) or not _KID.match(kid):
        return None
    known = held_set.at_most(REREAD_SECONDS).verifying.get(kid)
    return known or held_set.at_most(REREAD_FOR_UNKNOWN_SECONDS).verifying.get(kid)


def jwks() -> dict[str, list[dict[str, str]]]:
    """Return the key set to publish (RFC 7517, section 5): active, next, and retired keys not yet removed."""
    return {"keys": [dict(entry) for entry in held_set.at_most(REREAD_SECONDS).document["keys"]]}


def ensure(*, now: dt.datetime) -> None:
    """See to it that there is an active key and a next one. Safe in any number of processes at once."""
    present = set(SigningKey.objects.filter(state__in=_LIVE).values_list("state", flat=True))
    missing = [state for state in _LIVE if state not in present]
    if not missing:
        return
    with transaction.atomic(durable=True):
        for state in missing:
            _add(state, now)
    held_set.forget()


def replace_next_if_shut(*, now: dt.datetime) -> None:
    """Make the next key anew where it does not open: it lies under a root key that is gone, and could never sign."""
    shut = [key.kid for key in SigningKey.objects.filter(state=KeyState.NEXT) if not _opens(key)]
    for kid in shut:
        with transaction.atomic(durable=True):
            if SigningKey.objects.filter(kid=kid, state=KeyState.NEXT).delete()[0]:
                uses.report("vault.signing_key.removed", now=now, target=kid, details={})
                _add(KeyState.NEXT, now)
        held_set.forget()


def rotate(*, now: dt.datetime, retiring: str | None = None) -> SigningKey | None:
    """Retire the active key, let the next one sign, and make a new next. Return the key that now signs.

    `retiring` is the kid that the caller saw active (default: whichever is). Of several rotations that retire the
    same key one wins; the others change nothing and return None. Other processes go on signing with the retired
    key for up to `REREAD_SECONDS`; it stays published for `VAULT_RETIRED_KEYS_KEPT`.
    """
    ensure(now=now)
    with transaction.atomic(durable=True):
        pair = {key.state: key for key in SigningKey.objects.filter(state__in=_LIVE)}
        old, new = pair[KeyState.ACTIVE], pair[KeyState.NEXT]
        still = SigningKey.objects.filter(kid=old.kid, state=KeyState.ACTIVE)
        if retiring not in (None, old.kid) or not still.update(state=KeyState.RETIRED, retired_at=now):
            return None
        new.state, new.activated_at = KeyState.ACTIVE, now
        new.save(update_fields=["state", "activated_at"])
        _add(KeyState.NEXT, now)
        details = {"algorithm": new.algorithm, "retired": old.kid}
        uses.report("vault.signing_key.activated", now=now, target=new.kid, details=details)
    held_set.forget()
    return new


def replace_all(*, now: dt.datetime) -> tuple[SigningKey, list[str]]:
    """Make new keys and remove every one there was, for when a key has leaked; return what signs now, and what is gone.

    The next key goes too: it lay beside the others. Other processes go on with what they hold for up to
    `REREAD_SECONDS`; what the old keys signed is refused after that. A new key signs before anybody has read it, so
    whoever keeps the published set reads it again for a `kid` that is not in it.
    """
    with transaction.atomic(durable=True):
        gone = list(SigningKey.objects.select_for_update().values_list("kid", flat=True))
        SigningKey.objects.filter(kid__in=gone).delete()
        for kid in gone:
            uses.report("vault.signing_key.removed", now=now, target=kid, details={})
        _add(KeyState.ACTIVE, now)
        _add(KeyState.NEXT, now)
        new = SigningKey.objects.get(state=KeyState.ACTIVE)
    held_set.forget()
    return new, gone


def remove_retired(*, now: dt.datetime) -> int:
    """Delete the keys retired longer ago than `VAULT_RETIRED_KEYS_KEPT`; what they signed is refused from then on."""
    gone = SigningKey.objects.filter(state=KeyState.RETIRED, retired_at__lte=now - conf.retired_keys_kept())
    with transaction.atomic(durable=True):
        kids = list(gone.values_list("kid", flat=True))
        removed, _ = SigningKey.objects.filter(kid__in=kids).delete()
        for kid in kids:
            uses.report("vault.signing_key.removed", now=now, target=kid, details={})
    held_set.forget()
    return removed


def build(*, algorithm: str, state: KeyState, now: dt.datetime) -> SigningKey:
    """Return a new key pair as a row that is not saved yet."""
    private_key = jwk.generate(algorithm)
    public_key = private_key.public_key()
    kid = jwk.thumbprint(public_key)
    pkcs8 = private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return SigningKey(
        kid=kid,
        algorithm=algorithm,
        state=state,
        public_jwk=jwk.of(public_key),
        pkcs8=pkcs8,
        created_at=now,
        activated_at=now if state == KeyState.ACTIVE else None,
    )


def _add(state: KeyState, now: dt.datetime) -> None:
    """Insert a new key in this state unless somebody else has just done so (the constraint is the verdict)."""
    row = build(algorithm=conf.signing_algorithm(), state=state, now=now)
    SigningKey.objects.bulk_create([row], ignore_conflicts=True)
    if SigningKey.objects.filter(kid=row.kid).exists():
        details = {"algorithm": row.algorithm, "state": str(state)}
        uses.report("vault.signing_key.created", now=now, target=row.kid, details=details)


def _read(previous: _KeySet | None) -> _KeySet:
    """Return the set as the database has it now; keys that `previous` had parsed are not parsed again."""
    read_at = time.monotonic()
    rows = list(SigningKey.objects.order_by("created_at", "kid"))
    parsed = previous.verifying if previous else {}
    verifying = {row.kid: parsed.get(row.kid) or _verifying(row) for row in rows}
    signing = next((row for row in rows if row.state == KeyState.ACTIVE), None)
    entries = [{**row.public_jwk, "kid": row.kid, "alg": row.algorithm, "use": "sig"} for row in rows]
    return _KeySet(read_at=read_at, signing=signing, verifying=verifying, document={"keys": entries})


def _opens(row: SigningKey) -> bool:
    try:
        return bool(row.pkcs8)
    except sealing.CannotUnseal:
        return False


def _verifying(row: SigningKey) -> VerifyingKey:
    algorithm, public_key = jwk.public_key(row.public_jwk)
    return VerifyingKey(kid=row.kid, algorithm=algorithm, public_key=public_key)


@lru_cache(maxsize=1)  # by the row's primary key, which is made from the key itself
def _material(row: SigningKey) -> SigningKeyMaterial:
    private_key = cast("jwk.PrivateKey", load_der_private_key(row.pkcs8, password=None))
    return SigningKeyMaterial(kid=row.kid, algorithm=row.algorithm, private_key=private_key)
