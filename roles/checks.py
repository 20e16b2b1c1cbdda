"""System checks: vocabularies that import, built-in roles that hold what somebody declares."""

from importlib import import_module
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage, Error, register

from roles import builtin, conf, vocabulary


@register
def check_vocabularies(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """roles.E001: a module in ROLES_VOCABULARIES that is not there; roles.E002: a permission with an unusable name."""
    found: list[CheckMessage] = []
    for path in conf.vocabularies():
        try:
            names = import_module(path).PERMISSIONS
        except (ImportError, AttributeError) as error:
            found.append(Error(f"ROLES_VOCABULARIES: {path} declares no PERMISSIONS: {error}", id="roles.E001"))
            continue
        found.extend(
            Error(f"{path}: {name!r} is not of the form namespace.action", id="roles.E002")
            for name in names
            if not vocabulary.is_name(name)
        )
    return found


@register
def check_built_in_roles(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """roles.W001: a built-in role holds a permission that no installed app declares, so nothing ever asks for it."""
    try:
        known = vocabulary.of_apps()
        unknown = {
            f"{name}: {permission}"
            for name, role in builtin.ROLES.items()
            for permission in role.permissions
            if not known.knows(permission)
        }
    except (ImportError, AttributeError):
        return []  # check_vocabularies tells
    if not unknown:
        return []
    return [
        checks.Warning(f"Built-in roles hold undeclared permissions: {', '.join(sorted(unknown))}", id="roles.W001")
    ]
