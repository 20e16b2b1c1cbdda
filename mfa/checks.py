"""System checks of second factors: a policy that cannot hold stops the start."""

import ipaddress
import re
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - as Django calls it

from kit import seams
from mfa import conf

_DOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\Z")
_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+)(:(?P<port>[1-9][0-9]{0,4}))?\Z")
_ANDROID = re.compile(r"android:apk-key-hash:[A-Za-z0-9_-]{43}\Z")
_DEFAULT_PORTS = {("https", "443"), ("http", "80")}
MOST_DRIFT = 2  # steps: RFC 6238, section 5.2, recommends one


@register()
def check_policy(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """mfa.E001: a policy that does not exist. E002: a profile that does not. E003: the two contradict each other."""
    problems: list[CheckMessage] = []
    if conf.policy() not in conf.POLICIES:
        problems.append(Error(f"MFA_POLICY must be one of: {', '.join(conf.POLICIES)}.", id="mfa.E001"))
    if conf.profile() not in conf.PROFILES:
        problems.append(Error(f"MFA_PROFILE must be one of: {', '.join(conf.PROFILES)}.", id="mfa.E002"))
    if conf.is_strict() and conf.policy() == conf.OFF:
        told = "MFA_PROFILE `strict` wants passkeys of staff, and with MFA_POLICY `off` nobody can set one up."
        problems.append(Error(told, id="mfa.E003"))
    return problems


@register()
def check_seam(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """mfa.E004: MFA_REQUIRED_FOR names nothing."""
    path = conf.required_for()
    try:
        if path:
            seams.load(path)
    except ImportError:
        return [Error(f"MFA_REQUIRED_FOR names {path}, which does not import.", id="mfa.E004")]
    return []


@register()
def check_numbers(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """mfa.E005: an authenticator's clock may be off by more than is safe. E006: trust that lasts less than no time."""
    problems: list[CheckMessage] = []
    if not 0 <= conf.drift() <= MOST_DRIFT:
        told = f"MFA_TOTP_DRIFT must be from 0 to {MOST_DRIFT}: each step more is two more codes that are right."
        problems.append(Error(told, id="mfa.E005"))
    if conf.trusted_for() < 0:
        problems.append(Error("MFA_TRUSTED_FOR must not be below 0.", id="mfa.E006"))
    return problems


@register()
def check_passkeys(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """mfa.E007: no domain for passkeys. E008: a page on which none works. W001: no browser would make one here."""
    domain = conf.rp_id()
    if _is_address(domain):
        return [_useless(f"{domain} is an address and no domain")]
    if not _DOMAIN.match(domain) and not getattr(settings, "MFA_RP_ID", ""):
        return [_useless(f"{domain} is not how a browser writes a domain")]
    if not _DOMAIN.match(domain):
        return [Error("MFA_RP_ID must be a domain in lower case, without scheme or port.", id="mfa.E007")]
    problems: list[CheckMessage] = []
    for origin in conf.origins():
        if not _is_page_of(origin, domain):
            told = f"MFA_ORIGINS names {origin}, which is no origin at {domain} or below it, as a browser writes one."
            problems.append(Error(told, id="mfa.E008"))
        elif not _is_safe(origin):
            problems.append(_useless(f"{origin} does not begin with https://"))
    return problems


def _useless(why: str) -> CheckMessage:
    hint = "Set PUBLIC_URL, or MFA_RP_ID and MFA_ORIGINS."
    return Warning(f"Nobody can use a passkey: {why}.", hint=hint, id="mfa.W001")


def _is_address(domain: str) -> bool:
    try:
        ipaddress.ip_address(domain)
    except ValueError:
        return False
    return True


def _is_page_of(origin: str, domain: str) -> bool:
    """Say whether this is an origin as a browser writes it, of a domain or below it."""
    found = _ORIGIN.match(origin)
    if found is None:
        return bool(_ANDROID.match(origin))
    is_default = (found["scheme"], found["port"]) in _DEFAULT_PORTS  # which a browser leaves out
    return not is_default and (found["host"] == domain or found["host"].endswith(f".{domain}"))


def _is_safe(origin: str) -> bool:
    found = _ORIGIN.match(origin)
    return found is None or found["scheme"] == "https" or f".{found['host']}".endswith(".localhost")
