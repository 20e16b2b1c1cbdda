"""Devices on which a person is not asked for her second factor for a while, because she said so there.

Bound to the device's own token and to the kind of browser it was said in: a token that is carried elsewhere is a known
device and no trusted one. Trust that was given before the password changed is over, whoever remembers to end it; and so
is that of a device on which a session has since been ended from elsewhere, as one ends what somebody else may hold.
"""

import datetime as dt
import re

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts import sessions
from accounts.models import Device, Session, User
from kit.origin import Origin
from mfa import conf
from mfa.models import TrustedDevice

PURGED_AT_ONCE = 5_000

_REVOKING = (
    Session.EndReason.REMOVED,
    Session.EndReason.LOGOUT_ALL,
    Session.EndReason.STAFF,
    Session.EndReason.REUSE,
    Session.EndReason.DEACTIVATED,
)
_NUMBERS = re.compile(r"[\d._]+")


def grant(*, session: Session, now: dt.datetime) -> bool:
    """Ask for no factor on the device of a session for `MFA_TRUSTED_FOR` seconds; False where none is trusted.

    The caller has taken a factor for this session. A device that was forgotten meanwhile is not trusted either, nor any
    when the account was stopped or its password changed.
    """
    if session.device is None or not conf.trusted_for():
        return False
    try:
        with transaction.atomic():
            sessions.hold(session.user)
            return _write_down(session, session.device, now)
    except sessions.AccountMayNotAct:
        return False


def _write_down(session: Session, device: Device, now: dt.datetime) -> bool:
    if not Device.objects.filter(pk=device.pk).exists():
        return False
    TrustedDevice.objects.update_or_create(
        device=device,
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
    mine = TrustedDevice.objects.filter(device=device, device__user=user, expires_at__gt=now)
    row = mine.exclude(_is_revoked()).first()
    if row is None or row.agent != _kind_of(origin.agent):
        return False
    return user.password_changed_at is None or user.password_changed_at <= row.created_at


def end(*, user: User) -> int:
    """Trust no device of a person any more, in the caller's transaction; return how many were."""
    deleted, _ = TrustedDevice.objects.filter(device__user=user).delete()
    return deleted


def purge(*, now: dt.datetime) -> int:
    """Delete trust that is over, at most 5,000 rows in one call; return how many."""
    over = TrustedDevice.objects.filter(Q(expires_at__lte=now) | _is_revoked())
    ids = list(over.values_list("pk", flat=True)[:PURGED_AT_ONCE])
    deleted, _ = TrustedDevice.objects.filter(pk__in=ids).delete()
    return deleted


def _is_revoked() -> Exists:
    """Return whether a session on the device of a row was ended from elsewhere since it was trusted."""
    ended = Session.objects.filter(device=OuterRef("device"), ended_at__gte=OuterRef("created_at"))
    return Exists(ended.filter(end_reason__in=_REVOKING))


def _kind_of(agent: str) -> str:
    """Return what a browser says it is without its versions: an update of the browser ends no trust."""
    return _NUMBERS.sub("", agent)[:256]
