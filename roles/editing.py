"""Making, changing and deleting roles: guards, change and entry in one place, for the API, the admin and files alike.

Whoever edits a role holds all that it held and all that it is to hold, for good: an editor can neither gain by it nor
take from anybody what she does not have herself. Those rules are not the operator's; the others hold for everybody.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Unpack

from django.contrib.auth.base_user import AbstractBaseUser

from kit.errors import Conflict, Invalid, NotFound
from kit.origin import NOWHERE, Origin
from roles import builtin, declarations, definitions, guards, hierarchy, permissions, records, stamps, texts
from roles.definitions import BLANK, Changes, Definition
from roles.edits import Edit
from roles.models import AccessRequest, Grant, Inheritance, Role, RolePermission

RESERVED = frozenset({"assign", "revoke", "grants", "explain"})  # calls beside /roles/{name}
MOST_PERMISSIONS = 500
MOST_INHERITED = 50


class RoleNotFound(NotFound):
    """There is no role of this name."""

    default_detail = "There is no such role."


class BuiltInRole(Conflict):
    """The role is part of the product: what it holds is in the code."""

    def __init__(self, role: str) -> None:
        super().__init__(f"The role {role} is part of the service and stays as it is. Make one of your own instead.")


class RoleInUse(Conflict):
    """Somebody has the role or asks for it, or another role inherits it."""

    def __init__(self, role: str) -> None:
        super().__init__(
            f"The role {role} is in use: take it back from everybody first, and from the roles that inherit it."
        )


class SensitiveHeld(Conflict):
    """People would come to hold what a second person must agree to, with nobody having agreed."""

    def __init__(self, role: str) -> None:
        super().__init__(
            f"The role {role} would hold what a second person must agree to, and it has been given already, itself or "
            "by a role that inherits it. Take it back first, and from every group."
        )


class Circle(Invalid):
    """A role would inherit itself."""

    def __init__(self, role: str) -> None:
        super().__init__("inherits", f"A role cannot inherit itself, by however many others: {role}.", "circle")


def create(
    *, name: str, definition: Definition, actor: AbstractBaseUser | None, now: dt.datetime, origin: Origin = NOWHERE
) -> Role:
    """Make a role that nobody has yet.

    None as `actor` is the operator, here and below. Raises `Invalid` (name, description, permissions, inherits),
    `SensitiveHeld`, and `PermissionRefused` when the actor lacks `roles.add_role` or anything that it would hold. A
    refusal leaves an entry too, here and below.
    """
    edit = Edit(name=new_name(name), before=None, after=checked(definition))
    with records.changing(_act(edit, actor, now, origin)):
        guards.require_permission(actor, permission=permissions.ADD_ROLE, now=now)
        if Role.objects.filter(pk=name).exists():
            raise Invalid("name", "There is a role of this name already.", "taken")
        _require_reach(edit, actor, now)
        write([edit], actor=actor, now=now, origin=origin)
        return find(name)


def change(
    *, role: str, actor: AbstractBaseUser | None, now: dt.datetime, origin: Origin = NOWHERE, **changes: Unpack[Changes]
) -> Role:
    """Change what a role holds, inherits or is for; everybody who has it has just that at the next request.

    Of a built-in role only `sensitive` and `requestable` can be changed. Raises `RoleNotFound`, `Invalid`
    (description, permissions, inherits), `BuiltInRole`, `SensitiveHeld`, `guards.LastHolder`, and `PermissionRefused`
    when the actor lacks `roles.change_role` or anything that the role held or would hold; also one who does not hold
    everything where the role is denied to somebody, or is not to be sensitive any more.
    """
    with records.changing(_act(Edit(name=role, before=BLANK, after=BLANK), actor, now, origin)):
        guards.require_permission(actor, permission=permissions.CHANGE_ROLE, now=now)
        before = definitions.of(find(role).name) or BLANK
        edit = Edit(name=role, before=before, after=checked(definitions.changed(before, changes)))
        _require_reach(edit, actor, now)
        if edit.before != edit.after:
            write([edit], actor=actor, now=now, origin=origin)
        return find(role)


def delete(*, role: str, actor: AbstractBaseUser | None, now: dt.datetime, origin: Origin = NOWHERE) -> None:
    """Delete a role that nobody has, is denied or asks for, and that no role inherits.

    Raises `RoleNotFound`, `BuiltInRole`, `RoleInUse`, and `PermissionRefused` when the actor lacks `roles.delete_role`
    or anything that the role holds.
    """
    with records.changing(_act(Edit(name=role, before=BLANK, after=None), actor, now, origin)):
        guards.require_permission(actor, permission=permissions.DELETE_ROLE, now=now)
        edit = Edit(name=role, before=definitions.of(find(role).name), after=None)
        _require_reach(edit, actor, now)
        write([edit], actor=actor, now=now, origin=origin)


def find(name: str) -> Role:
    """Return the role of this name. Raises `RoleNotFound`."""
    role = Role.objects.filter(pk=name).first() if texts.NAME.match(name) else None
    if role is None:
        raise RoleNotFound
    return role


def new_name(name: str) -> str:
    """Return a name that a role may be given. Raises `Invalid`."""
    if name in RESERVED:
        raise Invalid("name", "This name is the service's own. Choose another.", "reserved")
    return texts.name(name)


def checked(definition: Definition) -> Definition:
    """Return a definition with its description trimmed. Raises `Invalid` for what no role can be, by itself."""
    for field, names, most in (
        ("permissions", definition.permissions, MOST_PERMISSIONS),
        ("inherits", definition.inherits, MOST_INHERITED),
    ):
        if len(names) > most:
            raise Invalid(field, f"A role has at most {most} of these. Make several roles.", "max_length")
    return replace(definition, description=texts.line(definition.description))


def write(edits: Sequence[Edit], *, actor: AbstractBaseUser | None, now: dt.datetime, origin: Origin) -> None:
    """Make roles what the edits say, all at once, with their entries; under `stamps.lock`.

    What the actor may do is not asked here. Raises `Invalid` (permissions, inherits) for an unknown name and for a
    circle, `BuiltInRole`, `RoleInUse`, `SensitiveHeld`, and `guards.LastHolder`.
    """
    _require_own(edits)
    _require_known(edits)
    reached = {edit.name: hierarchy.reached_from(edit.name) for edit in edits if edit.added[1]}
    with guards.master_kept(now=now):
        stamps.renew_house()
        _store([(edit.name, edit.after) for edit in edits if edit.after is not None])
        _store_rows(edits)
        _remove([edit.name for edit in edits if edit.after is None])
    for edit in edits:
        _require_no_circle(edit)
        _require_agreed(edit, reached.get(edit.name, frozenset()) | {edit.name}, now)
        act = _act(edit, actor, now, origin)
        for details in edit.told():
            records.record(replace(act, details=details))


def _require_reach(edit: Edit, actor: AbstractBaseUser | None, now: dt.datetime) -> None:
    """Let pass who holds all of before and after; asked before anything is written, or the edit itself would help."""
    after = edit.after or BLANK
    held = hierarchy.permissions_of(edit.name) | after.permissions | _inherited(after)
    guards.require_holding(actor, names=held, now=now)
    was_sensitive = edit.before is not None and edit.before.sensitive
    if (was_sensitive and edit.after is not None and not after.sensitive) or _changes_denials(edit, now):
        guards.require_master(actor, now=now)


def _inherited(definition: Definition) -> frozenset[str]:
    _require_roles(definition.inherits, known=())
    return hierarchy.permissions_of(*definition.inherits)


def _changes_denials(edit: Edit, now: dt.datetime) -> bool:
    """Tell whether an edit denies somebody something, or denies it no longer: whom, nobody has looked at."""
    if not any((*edit.added, *edit.removed)):
        return False
    return Grant.objects.live(now).filter(denies=True, role__in=hierarchy.heirs_of(edit.name)).exists()


def _require_own(edits: Sequence[Edit]) -> None:
    """Raise for a change of a built-in role, but of what staff decide about it themselves."""
    ours = set(
        Role.objects.filter(built_in=True, name__in=[edit.name for edit in edits]).values_list("name", flat=True)
    )
    for edit in edits:
        if edit.name in ours and not _is_of_staff(edit):
            raise BuiltInRole(edit.name)


def _is_of_staff(edit: Edit) -> bool:
    if edit.before is None or edit.after is None or edit.name == builtin.MEMBER:
        return False
    return edit.before == replace(edit.after, sensitive=edit.before.sensitive, requestable=edit.before.requestable)


def _require_known(edits: Sequence[Edit]) -> None:
    """Raise for a permission or a role that is to be added and that nobody knows."""
    vocabulary = declarations.read()
    for edit in edits:
        if edit.name in edit.added[1]:
            raise Circle(edit.name)
        for permission in sorted(edit.added[0]):
            if not vocabulary.knows(permission):
                raise Invalid("permissions", f"There is no such permission: {permission}.", "unknown_permission")
    known = [edit.name for edit in edits if edit.after is not None]
    _require_roles(frozenset().union(*(edit.added[1] for edit in edits)), known=known)


def _require_roles(names: frozenset[str], *, known: Iterable[str]) -> None:
    usable = [name for name in names if texts.NAME.match(name)]
    there = {*known, *Role.objects.filter(name__in=usable).values_list("name", flat=True)} if names else set()
    for name in sorted(names - there):
        raise Invalid("inherits", f"There is no such role: {name}.", "unknown_role")


def _store(definitions_: Sequence[tuple[str, Definition]]) -> None:
    columns = ["description", "sensitive", "requestable"]
    Role.objects.bulk_create(
        [
            Role(name=name, description=each.description, sensitive=each.sensitive, requestable=each.requestable)
            for name, each in definitions_
        ],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=columns,
    )


def _store_rows(edits: Sequence[Edit]) -> None:
    held: list[RolePermission] = []
    parents: list[Inheritance] = []
    for edit in edits:
        permissions_gone, parents_gone = edit.removed
        if permissions_gone:
            RolePermission.objects.filter(role=edit.name, permission__in=permissions_gone).delete()
        if parents_gone:
            Inheritance.objects.filter(role=edit.name, inherits__in=parents_gone).delete()
        held.extend(RolePermission(role_id=edit.name, permission=each) for each in sorted(edit.added[0]))
        parents.extend(Inheritance(role_id=edit.name, inherits_id=each) for each in sorted(edit.added[1]))
    RolePermission.objects.bulk_create(held)
    Inheritance.objects.bulk_create(parents)


def _remove(names: Sequence[str]) -> None:
    used = (
        Grant.objects.filter(role__in=names).values_list("role", flat=True),
        AccessRequest.objects.filter(role__in=names, state=AccessRequest.State.PENDING).values_list("role", flat=True),
        Inheritance.objects.filter(inherits__in=names).exclude(role__in=names).values_list("inherits", flat=True),
    )
    for found in (rows.first() for rows in used if names):
        if found is not None:
            raise RoleInUse(found)
    Inheritance.objects.filter(role__in=names).delete()
    Role.objects.filter(name__in=names).delete()


def _require_no_circle(edit: Edit) -> None:
    """Raise where a role has come to inherit itself; of several edits at once, only the rows tell."""
    if edit.name in hierarchy.reached_from(*edit.added[1]):
        raise Circle(edit.name)


def _require_agreed(edit: Edit, reached: frozenset[str], now: dt.datetime) -> None:
    """Raise where somebody would come by a sensitive role by inheritance, or a group by any way.

    `reached` is what the role inherited already: who holds one that only becomes sensitive has it and keeps it.
    """
    sensitive = hierarchy.sensitive_in(edit.name) if edit.after is not None else frozenset()
    if not sensitive or (edit.before is not None and edit.before.sensitive and not edit.added[1]):
        return
    having = Grant.objects.live(now).filter(denies=False, role__in=hierarchy.heirs_of(edit.name))
    if having.filter(group__isnull=False).exists() or (sensitive - reached and having.exists()):
        raise SensitiveHeld(edit.name)


def _act(edit: Edit, actor: AbstractBaseUser | None, now: dt.datetime, origin: Origin) -> records.Act:
    return records.Act(event=edit.event, actor=actor, now=now, origin=origin, target_kind="role", target=edit.name)
