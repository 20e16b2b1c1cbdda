"""Mails to the owner of second factors: each change, with the link that undoes it, and few recovery codes left."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from accounts import conf
from accounts.message_kinds.reversals import undo_link
from accounts.models import Link
from mfa.models import RecoveryCode
from notifications import samples
from notifications.kinds import Builder, Content, Kind
from notifications.lanes import Lane

FEW = 3  # recovery codes left, of which she is warned
METHODS = {
    "totp": "an authenticator application",
    "webauthn": "a passkey",
    "email": "codes by e-mail",
    "sms": "codes by SMS",
    "whatsapp": "codes by WhatsApp",
    "telegram": "codes by Telegram",
}


def _change(reference: uuid.UUID, now: dt.datetime) -> Content | None:
    """Build the notice of a change; None once it is undone. Names that came with the change are not in it."""
    content = undo_link(reference, now)
    if content is None:
        return None
    data = Link.objects.get(pk=reference).data["data"]
    return replace(content, context={**content.context, "method": METHODS.get(data.get("method", ""), "")})


def _low(reference: uuid.UUID, _now: dt.datetime) -> Content | None:
    """Build the warning; None where she has got new codes meanwhile. `reference` is a code that was used."""
    if not RecoveryCode.objects.filter(pk=reference).exists():
        return None
    return Content(context={"left": FEW, "site": conf.public_url()})


_CHANGE = {**samples.UNDO, "method": METHODS["totp"]}


def _notice(name: str, build: Builder = _change, sample: Mapping[str, Any] = _CHANGE) -> Kind:
    return Kind(
        name=f"mfa.{name}",
        lane=Lane.URGENT,
        category="security",
        template=f"mfa/messages/{name}",
        build=build,
        expires_after=dt.timedelta(days=2),
        sample=sample,
    )


FACTOR_ADDED = _notice("factor_added")
FACTOR_REMOVED = _notice("factor_removed")
FACTORS_REMOVED = _notice("factors_removed")
RECOVERY_CODES_MADE = _notice("recovery_codes_made")
RECOVERY_CODES_LOW = _notice("recovery_codes_low", _low, {"left": FEW, "site": samples.SITE})
KINDS = (FACTOR_ADDED, FACTOR_REMOVED, FACTORS_REMOVED, RECOVERY_CODES_MADE, RECOVERY_CODES_LOW)
