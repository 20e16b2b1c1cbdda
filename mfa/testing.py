"""Factories of second factors, for the tests of this app and of the house."""

import datetime as dt
from typing import Any

from accounts import codes, login
from accounts.models import SentCode, Session, User
from accounts.testing import ORIGIN, PASSWORD
from kit import otp
from kit.clock import utcnow
from mfa import recovery, totp
from mfa.models import MessageFactor, Totp
from notifications.channels import Channel


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


def make_contact(
    user: User, channel: str = Channel.EMAIL, *, to: str = "", now: dt.datetime | None = None
) -> MessageFactor:
    """Give a person a confirmed contact for codes by message."""
    to = to or (user.email if channel == Channel.EMAIL else "+3725550123")
    at = now or utcnow()
    contact: MessageFactor = MessageFactor.objects.create(
        user=user, channel=channel, to=to, confirmed=True, created_at=at
    )
    return contact


def newest_code(user: User, purpose: SentCode.Purpose = SentCode.Purpose.FACTOR) -> str:
    """Return the digits that went out to a person last."""
    return codes.text_of(SentCode.objects.filter(user=user, purpose=purpose).latest("pk"))


def challenge_of(user: User, *, now: dt.datetime | None = None, **more: Any) -> str:
    """Give the right password of a person who has a factor, or must; return the challenge that comes back."""
    credentials = login.Credentials(name=user.email, password=PASSWORD, **more)
    due = login.begin(credentials=credentials, door=Session.Door.API, now=now or utcnow(), origin=ORIGIN)
    assert isinstance(due, login.StepDue)
    return due.challenge
