"""What a person has as second factors: names and times, never a secret, nor where codes go to."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, QuerySet, Value

from accounts.models import User
from mfa import policy
from mfa.models import MessageFactor, Passkey, Totp


@dataclass(frozen=True, slots=True)
class Item:
    """One confirmed factor."""

    id: uuid.UUID
    method: str
    name: str
    created_at: dt.datetime
    last_used_at: dt.datetime | None


def list_of(user: User) -> list[Item]:
    """Return the confirmed factors of a person, the oldest first. One statement."""
    passkeys = _rows(Passkey.objects.filter(user=user), Value(policy.WEBAUTHN, output_field=CharField()))
    totp = _rows(Totp.objects.filter(user=user), Value(policy.TOTP, output_field=CharField()))
    contacts = _rows(MessageFactor.objects.filter(user=user), F("channel"))
    return sorted((Item(*row) for row in passkeys.union(totp, contacts)), key=lambda item: (item.created_at, item.id))


def _rows(rows: "QuerySet[Any]", method: Any) -> "QuerySet[Any, tuple[Any, ...]]":
    confirmed = rows.filter(confirmed=True).order_by().annotate(method=method)
    found: QuerySet[Any, tuple[Any, ...]] = confirmed.values_list("id", "method", "name", "created_at", "last_used_at")
    return found
