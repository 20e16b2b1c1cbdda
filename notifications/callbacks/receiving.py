"""Taking in what providers report: whose word it is first, then once for each event, in whatever order they come."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from kit.errors import NotFound
from kit.tenants import HOUSE
from notifications import conf, provider_accounts, receipts, suppressions
from notifications.callbacks.novu import NovuReports
from notifications.callbacks.reports import Call, Reader, Report, Wish
from notifications.callbacks.resend import ResendReports
from notifications.callbacks.twilio import TwilioReports
from notifications.models import Receipt, Suppression
from vault import sealing

READERS: dict[str, Callable[[Mapping[str, Any]], Reader]] = {
    "novu": NovuReports,
    "twilio": TwilioReports,
    "resend": ResendReports,
}


def receive(*, provider: str, headers: Mapping[str, str], body: bytes, now: datetime) -> int:
    """Take in what a provider reports; return how much of it was new.

    Raises NotFound for a provider that is none or reports nothing here, and NotTheirs before anything is read.
    """
    reader = _reader_of(provider)
    if reader is None or not reader.is_configured:
        raise NotFound
    found = reader.read(Call(headers, body, conf.callback_url(provider)), now)
    return sum(_take(provider, one, now) for one in found)


def _reader_of(provider: str) -> Reader | None:
    """Return who reads a provider's reports: of the settings, or of an account that staff set up."""
    if provider in READERS:
        return READERS[provider](conf.credentials_of(provider))
    if not provider_accounts.is_name(provider):
        return None
    row = provider_accounts.find(provider.removeprefix(provider_accounts.PREFIX))
    try:
        return READERS[row.driver](provider_accounts.configuration_of(row)) if row.driver in READERS else None
    except sealing.CannotUnseal:
        return None


def _take(provider: str, one: Report | Wish, now: datetime) -> bool:
    if isinstance(one, Wish):
        return _heed(provider, one, now)
    return receipts.take(
        provider=provider,
        event_id=one.event_id,
        event=one.event,
        provider_id=one.provider_id,
        message_id=one.message_id,
        recipient=one.recipient,
        detail=one.detail,
        occurred_at=one.occurred_at,
        now=now,
    )


def _heed(provider: str, wish: Wish, now: datetime) -> bool:
    """Do what somebody asked for, once: an old START that is sent again must not lift a later STOP."""
    channel, address, reason = wish.channel, wish.address, Suppression.Reason.STOPPED
    try:
        with transaction.atomic():
            Receipt.objects.create(
                provider=provider,
                event_id=wish.event_id,
                event=Receipt.Event.STOPPED if wish.stops else Receipt.Event.ACCEPTED,
                recipient=wish.address,
                detail="STOP" if wish.stops else "START",
                occurred_at=wish.occurred_at,
                received_at=now,
                handled_at=now,
            )
            if wish.stops:
                suppressions.learn(
                    tenant=HOUSE, channel=channel, address=address, reason=reason, now=now, detail="STOP"
                )
            else:
                suppressions.forget(tenant=HOUSE, channel=channel, address=address, reason=reason)
    except IntegrityError:
        return False
    return True
