"""Factories of second factors, for the tests of this app and of the house."""

import datetime as dt
from typing import Any

from accounts.models import User
from kit import otp
from kit.clock import utcnow
from mfa import recovery, totp
from mfa.models import Totp


def make_totp(user: User, *, now: dt.datetime | None = None, **fields: Any) -> Totp:
    """Give a person a confirmed authenticator application, of which no code was used."""
    given = {"name": "", "algorithm": "SHA1", "digits": 6, **fields}
    device = totp.draft(user=user, now=now or utcnow(), **given)
    device.confirmed = True
    device.save(force_insert=True)
    return device


def code_of(device: Totp, now: dt.datetime, *, steps: int = 0) -> str:
    """Return what an application shows at a moment, or so many steps later."""
    return totp.code_of(device, step=otp.step_at(now) + steps)


def make_recovery_codes(user: User, *, now: dt.datetime | None = None) -> list[str]:
    """Give a person ten recovery codes."""
    return recovery.make(user=user, now=now or utcnow())
