"""What people would lose with a root key of the vault: secrets that are derived from it and are still on their way."""

import datetime as dt
from collections.abc import Iterator

from accounts.models import Device, Invitation, Link, Registration, SentCode


def of(key_id: str, *, now: dt.datetime) -> Iterator[str]:
    """Yield a sentence for each kind of row that needs this root key (`VAULT_KEY_HOLDERS`)."""
    kinds = (Link, SentCode, Registration, Invitation)
    mailed = sum(kind.objects.filter(key_id=key_id, expires_at__gt=now).count() for kind in kinds)
    if mailed:
        yield f"{mailed:,} links and codes that are still good were derived from it, and could not be mailed again"
    if devices := Device.objects.filter(key_id=key_id).count():
        yield f"{devices:,} known devices have their token from it, and would be new again"
