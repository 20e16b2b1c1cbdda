"""The permissions that client applications declare at run time, each in a namespace that no app of the house uses.

Whoever holds the wildcard of a namespace holds what is declared in it from then on: that is what a wildcard says.
"""

import datetime as dt
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser

from audit.vocabulary import EventType
from kit.errors import Conflict, Invalid, NotFound
from kit.origin import NOWHERE, Origin
from roles import event_types, guards, permissions, records, stamps, texts, vocabulary
from roles.models import Permission, RolePermission

MAX_NAME = 100  # what an entry of the log names whole
MOST = 10_000  # every process keeps the vocabulary in memory


class PermissionNotFound(NotFound):
    """No client has declared a permission of this name."""

    default_detail = "No client application has declared this permission."


class PermissionInUse(Conflict):
    """A role holds the permission, or the wildcard of a namespace that would be empty without it."""

    default_detail = "A role holds this permission. Change the role first."


class TooMany(Conflict):
    """The vocabulary is full."""

    default_detail = f"At most {MOST:,} permissions can be declared. Withdraw one that nobody uses first."


@dataclass(frozen=True, kw_only=True, slots=True)
class Declared:
    """The permission that there is now; `created` is false when it had been declared already."""

    permission: Permission
    created: bool


def declare(
    *, name: str, description: str = "", actor: AbstractBaseUser | None, now: dt.datetime, origin: Origin = NOWHERE
) -> Declared:
    """Add a permission of a client to the vocabulary; once more the same is one, with the newer description.

    None as `actor` is the operator at the command line. Raises `Invalid` (name, description), `TooMany`, and
    `PermissionRefused` when the actor lacks `roles.add_permission`. A refusal leaves an entry too.
    """
    require_declarable(name)
    text, act = texts.line(description), _act(event_types.PERMISSION_DECLARED, name, actor, now, origin)
    with records.changing(act):
        guards.require_permission(actor, permission=permissions.ADD_PERMISSION, now=now)
        found = Permission.objects.filter(pk=name).first()
        if found is not None and found.description == text:
            return Declared(permission=found, created=False)
        if found is None and Permission.objects.count() >= MOST:
            raise TooMany
        stamps.renew_house()
        written = found or Permission(name=name, declared_by=None if actor is None else actor.pk, created_at=now)
        written.description = text
        written.save(force_insert=found is None)
        records.record(act)
    return Declared(permission=written, created=found is None)


def withdraw(*, name: str, actor: AbstractBaseUser | None, now: dt.datetime, origin: Origin = NOWHERE) -> None:
    """Take a permission of a client out of the vocabulary.

    None as `actor` is the operator at the command line. Raises `PermissionNotFound`, `PermissionInUse`, and
    `PermissionRefused` when the actor lacks `roles.delete_permission`. A refusal leaves an entry too.
    """
    if not vocabulary.is_name(name):
        raise PermissionNotFound
    act = _act(event_types.PERMISSION_WITHDRAWN, name, actor, now, origin)
    with records.changing(act):
        guards.require_permission(actor, permission=permissions.DELETE_PERMISSION, now=now)
        if not Permission.objects.filter(pk=name).exists():
            raise PermissionNotFound
        if RolePermission.objects.filter(permission__in=_ending_with(name)).exists():
            raise PermissionInUse
        stamps.renew_house()
        Permission.objects.filter(pk=name).delete()
        records.record(act)


def require_declarable(name: str) -> None:
    """Raise `Invalid` for a name that no permission can have, or one in a namespace of the house's own apps."""
    if not vocabulary.is_name(name) or len(name) > MAX_NAME:
        raise Invalid(
            "name", f"Use namespace.action in small letters, digits, - and _; at most {MAX_NAME}.", "invalid_permission"
        )
    if vocabulary.namespace_of(name) in vocabulary.of_apps().namespaces:
        raise Invalid("name", "This namespace belongs to the service itself. Use one of your own.", "reserved")


def shadowed() -> list[str]:
    """Return the permissions that clients declared before an app of the service came to use their namespace."""
    ours = vocabulary.of_apps().namespaces
    names = Permission.objects.order_by("name").values_list("name", flat=True)
    return [name for name in names if vocabulary.namespace_of(name) in ours]


def _ending_with(name: str) -> set[str]:
    """Return what no role may hold once the permission is gone: itself, and a wildcard of nothing else.

    What an app of the service declares by the same name stays.
    """
    namespace = vocabulary.namespace_of(name)
    others = Permission.objects.filter(name__startswith=f"{namespace}.").exclude(pk=name)
    ending = {name} if others.exists() else {name, f"{namespace}.*"}
    return {each for each in ending if not vocabulary.of_apps().knows(each)}


def _act(event: EventType, name: str, actor: AbstractBaseUser | None, now: dt.datetime, origin: Origin) -> records.Act:
    return records.Act(event=event, actor=actor, now=now, origin=origin, target_kind="permission", target=name)
