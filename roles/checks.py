"""System checks: vocabularies that import, a hierarchy of built-in roles, roles that hold what somebody declares."""

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from roles import builtin, client_permissions, conf, declarations, vocabulary
from roles.models import Role, RolePermission

MOST_NAMED = 20  # in one message


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


@register
def check_built_in_hierarchy(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """roles.E003: a built-in role inherits one that is not built in, or itself by however many others."""
    parents = {name: role.inherits for name, role in builtin.ROLES.items()}
    strangers = sorted(f"{name}: {parent}" for name, found in parents.items() for parent in found - parents.keys())
    if strangers:
        return [Error(f"Built-in roles inherit what is not built in: {', '.join(strangers)}", id="roles.E003")]
    try:
        TopologicalSorter(parents).prepare()
    except CycleError as error:
        return [Error(f"Built-in roles inherit themselves: {', '.join(error.args[1])}", id="roles.E003")]
    return []


@register(Tags.database)
def check_stored_roles(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """roles.W002: a role of the house's own holds a permission that nobody declares any more, so it gives nothing."""
    if not databases:
        return []
    try:
        known = declarations.read()
        rows = RolePermission.objects.filter(role__built_in=False).order_by("role", "permission")
        held = rows.values_list("role", "permission")
        unknown = [f"{role}: {permission}" for role, permission in held if not known.knows(permission)]
    except (DatabaseError, ImportError, AttributeError):
        return []  # not migrated yet, or no vocabulary: told elsewhere
    return _warnings("Roles hold undeclared permissions", unknown, "roles.W002")


@register(Tags.database)
def check_shadowed_permissions(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """roles.W003: a client's permission in a namespace that an app uses by now, whose wildcard gives the app's too."""
    if not databases:
        return []
    try:
        found = client_permissions.shadowed()
    except (DatabaseError, ImportError, AttributeError):
        return []  # told elsewhere
    return _warnings("Clients declared permissions in a namespace of the service", found, "roles.W003")


@register(Tags.database)
def check_names_taken(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """roles.W004: a role of the house's own has the name of a built-in one, which is therefore not there."""
    if not databases:
        return []
    try:
        rows = Role.objects.filter(built_in=False, name__in=builtin.ROLES).order_by("name")
        taken = list(rows.values_list("name", flat=True))
    except DatabaseError:
        return []  # not migrated yet
    text = "Roles have the names of built-in ones; take them back from everybody, delete them, and migrate again"
    return _warnings(text, taken, "roles.W004")


def _warnings(text: str, names: Sequence[str], check: str) -> list[CheckMessage]:
    """Return a warning that tells of some names, if there are any."""
    if not names:
        return []
    named = ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")
    return [checks.Warning(f"{text}: {named}", id=check)]
