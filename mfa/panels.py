"""What a person's page in the admin shows of her second factors (the seam ACCOUNTS_USER_PANELS): never a secret.

Where codes go to is not shown either: of a factor there are its name, its kind, and when it was set up and used.
"""

import datetime as dt
from typing import Any

from accounts.models import User
from mfa import inventory, policy, recovery
from mfa.models import TrustedDevice

KINDS = {
    policy.TOTP: "authenticator app",
    policy.WEBAUTHN: "passkey",
    "email": "codes by mail",
    "sms": "codes by SMS",
    "whatsapp": "codes by WhatsApp",
    "telegram": "codes by Telegram",
}


def factors_of(*, person: User, viewer: User, now: dt.datetime) -> dict[str, Any] | None:
    """Return the panel of a person's factors, for who sees people."""
    if not viewer.has_perm("accounts.view_user"):
        return None
    return {
        "name": "factors",
        "title": "Second factors",
        "template": "mfa/admin_panel.html",
        "context": {
            "factors": listed(person),
            "codes_left": recovery.count_left(person),
            "trusted": TrustedDevice.objects.filter(device__user=person, expires_at__gt=now).count(),
            "required": policy.requires(person),
        },
    }


def listed(user: User) -> list[dict[str, Any]]:
    """Return the factors of a person as they may be shown, to her and to staff."""
    return [
        {
            "id": item.id,
            "title": item.name or KINDS[item.method].capitalize(),
            "kind": KINDS[item.method],
            "created_at": item.created_at,
            "last_used_at": item.last_used_at,
        }
        for item in inventory.list_of(user)
    ]
