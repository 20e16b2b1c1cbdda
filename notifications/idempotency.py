"""Idempotency keys: a caller's own name for a request, so that repeating it is safe.

The key is written with the messages in one transaction, and the database's unique constraint is the judge: of parallel
requests one writes, the others wait for it and are given its answer.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from kit.errors import Conflict, Invalid, Refusal
from notifications.models import IdempotencyKey, Message

LIFETIME = timedelta(hours=24)
HEADER = "Idempotency-Key"
_FORM = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?\Z")


class IdempotencyMismatch(Refusal):
    """The key was used for another request."""

    code = "idempotency_mismatch"
    default_detail = "This Idempotency-Key was used for another request."


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it came, and a digest of what was asked under it."""

    text: str
    fingerprint: str


def key_of(text: str | None, *asked: Any) -> Key | None:
    """Return the key of a request for `asked` (JSON), None without one. Raises `Invalid` unless it has a key's form."""
    if text is None:
        return None
    if not _FORM.match(text):
        raise Invalid(HEADER, "Use 1 to 255 printable ASCII characters.", "invalid_key")
    return Key(text, hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest())


def find(key: Key, *, caller: UUID, tenant: UUID, now: datetime) -> IdempotencyKey | None:
    """Return the earlier use of a key by a caller, None where it is free: by one statement then, that reads no message.

    Raises IdempotencyMismatch when the earlier request was another one.
    """
    uses = IdempotencyKey.objects.filter(tenant=tenant, caller=caller, key=key.text, created_at__gt=now - LIFETIME)
    if not uses.exists():
        return None
    earlier = uses.select_related("message").first()
    if earlier is not None and earlier.fingerprint != key.fingerprint:
        raise IdempotencyMismatch
    return earlier


def reserve(
    key: Key, *, caller: UUID, tenant: UUID, now: datetime, message: Message | None = None
) -> tuple[IdempotencyKey, bool]:
    """Take a key in the caller's transaction, and say that it is new; or return the earlier use of it.

    `message` is the one that is about to be written, where it is one. Raises IdempotencyMismatch as `find` does.
    """
    mine = IdempotencyKey(
        tenant=tenant,
        caller=caller,
        key=key.text,
        fingerprint=key.fingerprint,
        message=message,
        status=message.status if message else "",
        created_at=now,
    )
    for _ in range(3):
        try:
            with transaction.atomic():
                mine.save(force_insert=True)
        except IntegrityError:
            earlier = find(key, caller=caller, tenant=tenant, now=now)
        else:
            return mine, True
        if earlier is not None:
            return earlier, False
        spent = IdempotencyKey.objects.filter(tenant=tenant, caller=caller, key=key.text)
        spent.filter(created_at__lte=now - LIFETIME).delete()
    raise Conflict("This Idempotency-Key is in use at this moment. Try again.")


def purge(now: datetime) -> int:
    """Delete the keys whose 24 hours are over; return how many."""
    return IdempotencyKey.objects.filter(created_at__lte=now - LIFETIME).delete()[0]
