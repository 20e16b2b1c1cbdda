"""System checks of the house as a whole: what each app cannot see alone."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - as Django calls it
from django.db import DatabaseError
from django.utils.module_loading import import_string

from config import policies
from mfa import conf
from roles.models import Role

SEAMS = (
    "ACCOUNTS_ERASERS",
    "ACCOUNTS_EXPORTERS",
    "ACCOUNTS_FACTOR_RESET",
    "ACCOUNTS_LAST_HOLDER",
    "ACCOUNTS_LOGIN_STEPS",
    "ACCOUNTS_MAY_MANAGE",
    "ACCOUNTS_REQUEST_ANNOTATIONS",
    "ADMIN_FRONT_PAGE",
    "AUDIT_CONSUMERS",
    "AUTHENTICATION_BACKENDS",
    "CURSOR_SEALER",
    "NOTIFICATIONS_STREAM_DOOR",
    "NOTIFICATIONS_STAFF_PROOF",
    "PERMISSION_REFUSAL_RECORDER",
    "ROLES_NOTICES",
    "VAULT_KEY_HOLDERS",
    "VAULT_LIMITER",
    "VAULT_RECORDER",
)


@register
def check_seams(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """house.E001: a dotted path in a setting names nothing."""
    return [
        Error(f"{setting} names {path}, which cannot be imported.", id="house.E001")
        for setting, path in _paths()
        if not _imports(path)
    ]


@register(Tags.database)
def check_roles_with_factors(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """house.W001: SECOND_FACTOR_FOR names a role that is not there, so of nobody is a factor required by it.

    No error: the role may be made in the admin of the house that is about to start.
    """
    if conf.policy() != conf.REQUIRED or not databases:
        return []
    try:
        unknown = policies.named_roles() - set(Role.objects.values_list("name", flat=True))
    except DatabaseError:  # not migrated yet, which is told elsewhere
        return []
    hint = "Make the role, or correct its name."
    return [
        Warning(f"SECOND_FACTOR_FOR names {name}, which is no role here.", hint=hint, id="house.W001")
        for name in sorted(unknown)
    ]


def _paths() -> Iterator[tuple[str, str]]:
    for setting in SEAMS:
        value = getattr(settings, setting, ())
        for path in (value,) if isinstance(value, str) else value:
            if path:
                yield setting, path


def _imports(path: str) -> bool:
    try:
        import_string(path)
    except ImportError:
        return False
    return True
