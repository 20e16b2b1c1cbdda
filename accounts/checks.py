"""System checks of accounts: a seam that does not hold stops the start."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from accounts import conf, sessions
from kit import seams


@register()
def check_seams(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """accounts.E001: a dotted path in a setting of accounts names nothing."""
    problems: list[CheckMessage] = []
    for setting in ("ACCOUNTS_LOGIN_STEPS", "ACCOUNTS_REQUEST_ANNOTATIONS"):
        for path in getattr(settings, setting, ()):
            try:
                seams.load(path)
            except ImportError:
                hint = "Name a function or class that can be imported."
                problems.append(Error(f"{setting} names {path}, which does not import.", hint=hint, id="accounts.E001"))
    return problems


@register()
def check_policy(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """accounts.E002: a password policy that does not exist."""
    if conf.password_policy() in {"balanced", "nist"}:
        return []
    return [Error("ACCOUNTS_PASSWORD_POLICY must be `balanced` or `nist`.", id="accounts.E002")]


@register()
def check_steps(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """accounts.E003: two steps of a sign-in with one name, so that completing one would complete the other."""
    try:
        names = [step.name for step in sessions.login_steps()]
    except ImportError:
        return []  # told by accounts.E001
    if len(names) == len(set(names)):
        return []
    return [Error("ACCOUNTS_LOGIN_STEPS names two steps with one name.", id="accounts.E003")]
