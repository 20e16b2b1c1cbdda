"""Who must have a second factor, and which ones are taken here: the operator decides, nothing is weakened silently.

Where factors are `off` nobody can set one up, and whoever has one is still asked for it. The profile `strict` takes no
codes by message from anybody, and of staff a passkey alone.
"""

from typing import Final

from accounts.models import User
from kit import seams
from mfa import conf

TOTP: Final = "totp"
RECOVERY: Final = "recovery"
WEBAUTHN: Final = "webauthn"
MESSAGES: Final = ("telegram", "whatsapp", "sms", "email")  # by `notifications.channels.Channel`
METHODS: Final = (WEBAUTHN, TOTP, *MESSAGES, RECOVERY)  # the strongest first


def requires(user: User) -> bool:
    """Say whether this person must have a second factor."""
    if conf.is_strict() and user.is_staff:
        return True
    if conf.policy() != conf.REQUIRED:
        return False
    path = conf.required_for()
    return bool(seams.load(path)(user)) if path else True


def is_off() -> bool:
    """Say whether nobody can set up a factor here."""
    return conf.policy() == conf.OFF


def allows(method: str, user: User | None = None) -> bool:
    """Say whether a method is taken here at all, and from this person where one is given."""
    if method not in METHODS or not conf.is_strict():
        return method in METHODS
    if method in MESSAGES:
        return False
    return method != TOTP or user is None or not user.is_staff
