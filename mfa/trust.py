"""Devices on which a person is not asked for her second factor for a while, because she said so there.

Bound to the device's own token and to the kind of browser it was said in: a token that is carried elsewhere is a known
device and no trusted one. Trust that was given before the password changed is over, whoever remembers to end it.
"""

import datetime as dt
import re

from accounts.models import Device, Session, User
from kit.origin import Origin
from mfa import conf
from mfa.models import TrustedDevice

PURGED_AT_ONCE = 5_000

_NUMBERS = re.compile(r"[\d._]+")


def grant(*, session: Session, now: dt.datetime) -> bool:
    """Ask for no factor on the device of a session for `MFA_TRUSTED_FOR` seconds; False where none is trusted.

    The caller has taken a factor for this session.
    """
    if session.device is None or not conf.trusted_for():
        return False
    TrustedDevice.objects.update_or_create(
        device=session.device,
        defaults={
            "agent": _kind_of(session.agent),
            "created_at": now,
            "expires_at": now + dt.timedelta(seconds=conf.trusted_for()),
        },
    )
    return True


def is_trusted(*, device: Device | None, user: User, origin: Origin, now: dt.datetime) -> bool:
    """Say whether this person's device is trusted, in a browser of the kind that she said it in."""
    if device is None or not conf.trusted_for():
        return False
    row = TrustedDevice.objects.filter(device=device, device__user=user, expires_at__gt=now).first()
    if row is None or row.agent != _kind_of(origin.agent):
        return False
    return user.password_changed_at is None or user.password_changed_at <= row.created_at


def end(*, user: User) -> int:
    """Trust no device of a person any more, in the caller's transaction; return how many were."""
    deleted, _ = TrustedDevice.objects.filter(device__user=user).delete()
    return deleted


def purge(*, now: dt.datetime) -> int:
    """Delete trust that is over, at most 5,000 rows in one call; return how many."""
    ids = list(TrustedDevice.objects.filter(expires_at__lte=now).values_list("pk", flat=True)[:PURGED_AT_ONCE])
    deleted, _ = TrustedDevice.objects.filter(pk__in=ids).delete()
    return deleted


def _kind_of(agent: str) -> str:
    """Return what a browser says it is without its versions: an update of the browser ends no trust."""
    return _NUMBERS.sub("", agent)[:256]
