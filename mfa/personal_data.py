"""What is kept of a person's second factors: shown to her without any secret, and erased with her."""

import datetime as dt
from typing import Any

from django.db import transaction

from accounts.models import User
from kit.personal_data import Eraser, Exporter, Subject, shown
from mfa import removal
from mfa.models import Ceremony, MessageFactor, Passkey, RecoveryCode, Totp, TrustedDevice

MODELS = frozenset(
    f"mfa.{name}" for name in ("Totp", "MessageFactor", "Passkey", "RecoveryCode", "Ceremony", "TrustedDevice")
)
_FACTOR = ("id", "name", "confirmed", "created_at", "last_used_at")


def _collect(subject: Subject) -> dict[str, Any]:
    """Return her factors and what rests on them. Keys, codes and challenges are no part of it."""
    devices = TrustedDevice.objects.filter(device__user=subject.id)
    return {
        "authenticators": shown(Totp.objects.filter(user=subject.id), *_FACTOR, "algorithm", "digits"),
        "contacts": [_shown_contact(contact) for contact in MessageFactor.objects.filter(user=subject.id)],
        "passkeys": shown(
            Passkey.objects.filter(user=subject.id),
            *_FACTOR,
            *("credential_id", "sign_count", "transports", "aaguid", "backup_eligible", "backed_up"),
        ),
        "recovery_codes": shown(RecoveryCode.objects.filter(user=subject.id), "created_at", "used_at"),
        "ceremonies": shown(
            Ceremony.objects.filter(user=subject.id), "purpose", "created_at", "expires_at", "burnt_at"
        ),
        "trusted_devices": shown(devices, "agent", "created_at", "expires_at"),
    }


def _shown_contact(contact: MessageFactor) -> dict[str, Any]:
    return {name: getattr(contact, name) for name in (*_FACTOR, "channel", "to")}


def _erase(subject: Subject, now: dt.datetime) -> None:
    user = User.objects.filter(pk=subject.id).first()
    if user is not None:
        with transaction.atomic():
            removal.take_away(user=user, now=now)


EXPORTER = Exporter(name="second_factors", models=MODELS, collect=_collect)
ERASER = Eraser(models=MODELS, erase=_erase)
