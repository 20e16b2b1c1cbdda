"""The roles that are part of the product: defined here, mirrored into the database after each migration.

They cannot be edited by anybody, so what they hold is what this page says. `member` is never granted: everyone has it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from kit.clock import utcnow
from roles import stamps

MEMBER = "member"
ADMINISTRATOR = "administrator"


@dataclass(frozen=True, kw_only=True, slots=True)
class BuiltIn:
    """A role in code: what it is for, what it holds, which built-in roles it inherits."""

    description: str
    permissions: frozenset[str] = field(default_factory=frozenset)
    inherits: frozenset[str] = field(default_factory=frozenset)


ROLES: Mapping[str, BuiltIn] = {
    ADMINISTRATOR: BuiltIn(description="May do everything", permissions=frozenset({"*"})),
    "user-manager": BuiltIn(
        description="Looks after people: sees, invites, changes and closes accounts",
        permissions=frozenset(
            {
                "accounts.view_user",
                "accounts.add_user",
                "accounts.change_user",
                "accounts.delete_user",
                "accounts.view_session",
                "roles.view_role",
                "roles.view_grant",
                "roles.view_group",
                "roles.view_membership",
            }
        ),
    ),
    "auditor": BuiltIn(
        description="Reads what happened, and who may do what; changes nothing",
        permissions=frozenset(
            {
                "accounts.view_user",
                "accounts.view_session",
                "audit.view_entry",
                "roles.view_role",
                "roles.view_permission",
                "roles.view_grant",
                "roles.view_group",
                "roles.view_membership",
                "roles.view_placement",
                "roles.view_accessrequest",
            }
        ),
    ),
    "notifier": BuiltIn(
        description="Sends messages and sees what became of them",
        permissions=frozenset({"notifications.send_message", "notifications.view_message"}),
    ),
    "encryptor": BuiltIn(
        description="Encrypts and decrypts texts that it keeps elsewhere",
        permissions=frozenset({"vault.encrypt", "vault.decrypt"}),
    ),
    MEMBER: BuiltIn(description="What everyone has"),
}


def sync(*, apps: Any, roles: Mapping[str, BuiltIn] = ROLES) -> bool:
    """Make the database's built-in roles those of the code, and tell whether anything changed.

    `apps` is the registry whose models fit the schema as it is (post_migrate hands it over); without ours in it,
    nothing is done. A role that is no longer built in stays, as one that staff may change or delete. One of the house's
    own that people have, and that has the name of a new built-in one, stays too: they were not given that.
    """
    try:
        models = _Models(apps)
    except LookupError:
        return False
    with transaction.atomic():
        stamps.lock(now=utcnow())
        ours = {name: role for name, role in roles.items() if not _is_taken(models, name, role)}
        changes = [*_sync_names(models, ours)]
        for name, role in ours.items():
            changes.append(_sync_rows(models.permission, name, "permission", role.permissions))
            changes.append(_sync_rows(models.inheritance, name, "inherits_id", role.inherits))
        if any(changes):
            stamps.renew_house()
    return any(changes)


class _Models:
    """The models that `sync` writes, of the registry it was handed."""

    def __init__(self, apps: Any) -> None:
        self.role = apps.get_model("roles", "Role")
        self.permission = apps.get_model("roles", "RolePermission")
        self.inheritance = apps.get_model("roles", "Inheritance")
        self.grant = apps.get_model("roles", "Grant")


def _is_taken(models: _Models, name: str, role: BuiltIn) -> bool:
    """Tell whether a role of the house's own has this name, and people have it who would gain by its becoming ours."""
    if not models.role.objects.filter(name=name, built_in=False).exists():
        return False
    held = set(models.permission.objects.filter(role_id=name).values_list("permission", flat=True))
    inherited = set(models.inheritance.objects.filter(role_id=name).values_list("inherits_id", flat=True))
    if role.permissions <= held and role.inherits <= inherited:
        return False
    is_given = models.grant.objects.filter(role_id=name).exists()
    return bool(is_given or models.inheritance.objects.filter(inherits_id=name).exists())


def _sync_names(models: _Models, roles: Mapping[str, BuiltIn]) -> Iterable[bool]:
    """Write the rows of the roles themselves; yield for each whether it was new or different."""
    stored = {
        role.name: role
        for role in models.role.objects.filter(built_in=True) | models.role.objects.filter(name__in=roles)
    }
    for name, role in roles.items():
        row = stored.get(name)
        same = row is not None and row.built_in and row.description == role.description
        if not same:
            models.role.objects.update_or_create(
                name=name, defaults={"description": role.description, "built_in": True}
            )
        yield not same
    yield bool(models.role.objects.filter(built_in=True).exclude(name__in=roles).update(built_in=False))


def _sync_rows(model: Any, role: str, column: str, wanted: frozenset[str]) -> bool:
    """Make one role's rows in `model` exactly the wanted ones; tell whether there was anything to do."""
    rows = model.objects.filter(role_id=role)
    stored = set(rows.values_list(column, flat=True))
    rows.filter(**{f"{column}__in": stored - wanted}).delete()
    model.objects.bulk_create([model(role_id=role, **{column: value}) for value in sorted(wanted - stored)])
    return stored != wanted
