"""What people would lose with a root key of the vault: secrets that are derived from it and are still on their way."""

import datetime as dt
from collections.abc import Iterator

from django.db.models import Max

from accounts.models import Device, Invitation, Link, RefreshToken, Registration, SentCode
from audit.models import Entry


def of(key_id: str, *, now: dt.datetime) -> Iterator[str]:
    """Yield a sentence for each kind of row that needs this root key (`VAULT_KEY_HOLDERS`)."""
    kinds = (Link, SentCode, Registration, Invitation)
    mailed = sum(kind.objects.filter(key_id=key_id, expires_at__gt=now).count() for kind in kinds)
    if mailed:
        yield f"{mailed:,} links and codes that are still good were derived from it, and could not be mailed again"
    if devices := Device.objects.filter(key_id=key_id).count():
        yield f"{devices:,} known devices have their token from it, and would be new again"
    if refreshes := _count_refresh_tokens(key_id, now):
        yield f"up to {refreshes:,} refresh tokens that are still good bear its mark, and would be refused"


def _count_refresh_tokens(key_id: str, now: dt.datetime) -> int:
    """Return how many refresh tokens are good that may have been made under a root key.

    Their rows do not name it. But the log has an entry of each sign-in and each refresh, proved with the same key: what
    was made after the last of its entries is not under it.
    """
    good = RefreshToken.objects.filter(spent_at=None, expires_at__gt=now)
    first = good.order_by("issued_at").values_list("issued_at", flat=True).first()
    if first is None:
        return 0
    last = Entry.objects.filter(at__gte=first, mac__startswith=f"{key_id}:").aggregate(last=Max("at"))["last"]
    return good.filter(issued_at__lte=last).count() if last else 0
