"""The app's settings, typed, with defaults and meaning. Read on each use, so that tests may override them."""

from django.conf import settings

DAY = 24 * 3600


def profile() -> str:
    """MFA_PROFILE: `standard`, or `strict` (no codes by message, no drift, passkeys that verify their user)."""
    return str(getattr(settings, "MFA_PROFILE", "standard"))


def is_strict() -> bool:
    """Say whether the profile is `strict`."""
    return profile() == "strict"


def drift() -> int:
    """MFA_TOTP_DRIFT: steps of 30 seconds by which an authenticator's clock may be early or late; 0 when strict."""
    return 0 if is_strict() else int(getattr(settings, "MFA_TOTP_DRIFT", 1))


def issuer() -> str:
    """MFA_ISSUER: what an authenticator application calls this service."""
    return str(getattr(settings, "MFA_ISSUER", "Gatehouse"))


def trusted_for() -> int:
    """MFA_TRUSTED_FOR: seconds that no factor is asked for on a trusted device; 0: none is trusted, as when strict."""
    return 0 if is_strict() else int(getattr(settings, "MFA_TRUSTED_FOR", 30 * DAY))


OFF, OPTIONAL, REQUIRED = "off", "optional", "required"


def policy() -> str:
    """MFA_POLICY: `off` (nobody sets a factor up), `optional`, or `required` of those that MFA_REQUIRED_FOR names."""
    return str(getattr(settings, "MFA_POLICY", OPTIONAL))


def required_for() -> str:
    """MFA_REQUIRED_FOR: dotted path of `(user)`, whether this person must have a factor. Empty: everybody."""
    return str(getattr(settings, "MFA_REQUIRED_FOR", ""))
