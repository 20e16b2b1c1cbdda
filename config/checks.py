"""System checks of the house as a whole: what each app cannot see alone."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import import_string

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
    "PERMISSION_REFUSAL_RECORDER",
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
