"""The app's settings, typed, with defaults and meaning. Read on each use, so that tests may override them."""

import ipaddress
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from accounts import conf as accounts_conf

DAY = 24 * 3600
_DEFAULT_PORTS = {"https": 443, "http": 80}  # a browser leaves them out
OFF, OPTIONAL, REQUIRED = POLICIES = ("off", "optional", "required")
STANDARD, STRICT = PROFILES = ("standard", "strict")


def profile() -> str:
    """MFA_PROFILE: `standard`, or `strict` (no codes by message, no drift, passkeys that verify their user)."""
    return str(getattr(settings, "MFA_PROFILE", STANDARD))


def is_strict() -> bool:
    """Say whether the profile is `strict`."""
    return profile() == STRICT


def drift() -> int:
    """MFA_TOTP_DRIFT: steps of 30 seconds by which an authenticator's clock may be early or late; 0 when strict."""
    return 0 if is_strict() else int(getattr(settings, "MFA_TOTP_DRIFT", 1))


def issuer() -> str:
    """MFA_ISSUER: what an authenticator application calls this service."""
    return str(getattr(settings, "MFA_ISSUER", "Gatehouse"))


def trusted_for() -> int:
    """MFA_TRUSTED_FOR: seconds that no factor is asked for on a trusted device; 0: none is trusted, as when strict."""
    return 0 if is_strict() else int(getattr(settings, "MFA_TRUSTED_FOR", 30 * DAY))


def policy() -> str:
    """MFA_POLICY: `off` (nobody sets a factor up), `optional`, or `required` of those that MFA_REQUIRED_FOR names."""
    return str(getattr(settings, "MFA_POLICY", OPTIONAL))


def required_for() -> str:
    """MFA_REQUIRED_FOR: dotted path of `(user)`, whether this person must have a factor. Empty: everybody."""
    return str(getattr(settings, "MFA_REQUIRED_FOR", ""))


def rp_id() -> str:
    """MFA_RP_ID: the domain that passkeys are made for; the host of PUBLIC_URL unless set.

    Changing it makes every passkey that there is useless.
    """
    return str(getattr(settings, "MFA_RP_ID", "") or _public().hostname or "")


def origins() -> list[str]:
    """MFA_ORIGINS: origins of pages on which a passkey may be used; that of PUBLIC_URL unless set."""
    url = _public()
    port = "" if url.port in {None, _DEFAULT_PORTS.get(url.scheme)} else f":{url.port}"
    return [str(origin) for origin in getattr(settings, "MFA_ORIGINS", ())] or [f"{url.scheme}://{url.hostname}{port}"]


def passkeys_at_most() -> int:
    """MFA_PASSKEYS_AT_MOST: how many passkeys one person can have."""
    return int(getattr(settings, "MFA_PASSKEYS_AT_MOST", 20))


def _public() -> SplitResult:
    """Return where people reach this service, as a browser must call it to use passkeys: this machine by its name."""
    url = urlsplit(accounts_conf.public_url())
    host = url.hostname or ""
    try:
        is_this_machine = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_this_machine = False
    return url._replace(netloc=f"localhost:{url.port}" if url.port else "localhost") if is_this_machine else url
