"""Idempotency keys: a caller's own name for a request, so that repeating it is safe.

The key is written with the message in one transaction, and the database's unique constraint is the judge: of parallel
requests one writes, the others wait for it and are given its answer.
"""

import re
from datetime import datetime, timedelta
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


def check_form(key: str) -> None:
    """Raise `Invalid` unless the key is 1 to 255 printable ASCII characters."""
    if not _FORM.match(key):
        raise Invalid(HEADER, "Use 1 to 255 printable ASCII characters.", "invalid_key")


def reserve(*, message: Message, key: str, fingerprint: str, now: datetime) -> IdempotencyKey | None:
    """Take the key for this message, or return the earlier use of it by the same caller for an equal request.

    In the caller's transaction. Raises IdempotencyMismatch when the earlier request was another one.
    """
    mine = IdempotencyKey(
        tenant=message.tenant,
        caller=_caller_of(message),
        key=key,
        fingerprint=fingerprint,
        status=message.status,
        message=message,
        created_at=now,
    )
    uses = IdempotencyKey.objects.filter(tenant=mine.tenant, caller=mine.caller, key=key)
    for _ in range(3):
        try:
            with transaction.atomic():
                mine.save(force_insert=True)
        except IntegrityError:
            earlier = uses.select_related("message").first()
        else:
            return None
        if earlier is not None and earlier.created_at > now - LIFETIME:
            if earlier.fingerprint != fingerprint:
                raise IdempotencyMismatch
            return earlier
        uses.filter(created_at__lte=now - LIFETIME).delete()
    raise Conflict("This Idempotency-Key is in use at this moment. Try again.")


def purge(now: datetime) -> int:
    """Delete the keys whose 24 hours are over; return how many."""
    return IdempotencyKey.objects.filter(created_at__lte=now - LIFETIME).delete()[0]


def _caller_of(message: Message) -> UUID:
    if message.caller is None:
        raise ValueError("a key belongs to a caller")
    return message.caller
