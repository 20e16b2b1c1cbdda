"""System checks of second factors: a policy that cannot hold stops the start."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from kit import seams
from mfa import conf

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
