"""What a person's page in the admin shows of her second factors (the seam ACCOUNTS_USER_PANELS): never a secret.

Where codes go to is not shown either: of a factor there are its name, its kind, and when it was set up and used.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from mfa import policy
from mfa.models import Factor, MessageFactor, Passkey, RecoveryCode, Totp, TrustedDevice

SHOWN = 50
KIND_OF = {
    "email": "codes by mail",
    "sms": "codes by SMS",
    "whatsapp": "codes by WhatsApp",
    "telegram": "codes by Telegram",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """One factor as it may be shown, to its owner and to staff."""

    id: Any
    name: str
    kind: str
    created_at: dt.datetime
    last_used_at: dt.datetime | None

    @property
    def title(self) -> str:
        """Return what to call it."""
        return self.name or self.kind


def factors_of(*, person: User, viewer: User, now: dt.datetime) -> dict[str, Any] | None:
    """Return the panel of a person's factors, for who sees people."""
    if not viewer.has_perm("accounts.view_user"):
        return None
    trusted = TrustedDevice.objects.filter(device__user=person, expires_at__gt=now).count()
    return {
        "name": "factors",
        "title": "Second factors",
        "template": "mfa/admin_panel.html",
        "context": {
            "factors": confirmed(person),
            "codes_left": codes_left(person),
            "trusted": trusted,
            "required": policy.requires(person),
        },
    }


def confirmed(user: User) -> list[Shown]:
    """Return the factors of a person that count, the oldest first."""
    of = {"user": user, "confirmed": True}
    found = [
        *(_shown(row, "authenticator app") for row in Totp.objects.filter(**of).defer("key")[:SHOWN]),
        *(_shown(row, "passkey") for row in Passkey.objects.filter(**of).defer("public_key")[:SHOWN]),
        *(_shown(row, KIND_OF[row.channel]) for row in MessageFactor.objects.filter(**of).defer("to")[:SHOWN]),
    ]
    return sorted(found, key=lambda factor: factor.created_at)


def codes_left(user: User) -> int:
    """Return how many recovery codes of a person are unused."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def _shown(row: Factor, kind: str) -> Shown:
    return Shown(id=row.pk, name=row.name, kind=kind, created_at=row.created_at, last_used_at=row.last_used_at)
