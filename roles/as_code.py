"""Roles as code: what a file (`notation`) would change about the roles that there are, and that change itself."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import transaction

from kit.origin import NOWHERE, Origin
from roles import builtin, client_permissions, definitions, editing, stamps
from roles.definitions import Definition
from roles.edits import Edit
from roles.models import Permission
from roles.notation import Code

Proposed = Mapping[str, Definition | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """What a file changes: permissions declared or described anew, permissions withdrawn, and edits of roles."""

    declared: Mapping[str, str]
    withdrawn: tuple[str, ...]
    edits: tuple[Edit, ...]

    def __bool__(self) -> bool:
        return bool(self.declared or self.withdrawn or self.edits)

    def lines(self) -> Iterator[str]:
        """Yield the difference for people: `+` comes, `-` goes, `~` changes."""
        for name, description in self.declared.items():
            yield f"+ permission {name}" + (f": {description}" if description else "")
        for edit in self.edits:
            yield f"{_sign(edit)} role {edit.name}"
            if edit.after is not None:
                yield from _lines_of(edit)
        for name in self.withdrawn:
            yield f"- permission {name}"


def current() -> Code:
    """Return what there is now: the permissions of clients, every role of one's own, and built-in ones with a flag.

    Permissions that no file could declare again, since an app uses their namespace by now, are left out.
    """
    shadowed = client_permissions.shadowed()
    return Code(
        permissions={name: text for name, text in _declared().items() if name not in shadowed},
        roles={
            name: definition
            for name, definition in definitions.read().items()
            if name not in builtin.ROLES or definition.sensitive or definition.requestable
        },
    )


def proposed(code: Code, *, prune: bool = False) -> Proposed:
    """Return what each role of a file is to be, whether or not it is that already.

    With `prune` every other role goes (None), and a built-in one that the file does not name has no flag.
    """
    if not prune:
        return dict(code.roles)
    others = sorted(definitions.read().keys() - code.roles.keys())
    gone = {name: definitions.built_in(name) if name in builtin.ROLES else None for name in others}
    return {**code.roles, **gone}


def difference(code: Code, *, prune: bool = False) -> Difference:
    """Return what a file would change; whether all of it can be is for `apply` to say."""
    declared, before = _declared(), definitions.read()
    edits = (
        Edit(name=name, before=before.get(name), after=after)
        for name, after in proposed(code, prune=prune).items()
        if before.get(name) != after
    )
    return Difference(
        declared={name: text for name, text in code.permissions.items() if declared.get(name) != text},
        withdrawn=tuple(sorted(declared.keys() - code.permissions.keys())) if prune else (),
        edits=tuple(edits),
    )


def apply(
    code: Code, *, prune: bool = False, dry_run: bool = False, now: dt.datetime, origin: Origin = NOWHERE
) -> Difference:
    """Make permissions and roles what a file says, all of it or nothing, as the operator; return what that changed.

    Once more the same changes nothing. A `dry_run` does it all and takes it back, so it refuses what a real run would.
    Raises what `client_permissions` raises, and `editing.write`.
    """
    with transaction.atomic():
        stamps.lock(now=now)
        found = difference(code, prune=prune)
        for name, description in found.declared.items():
            client_permissions.declare(name=name, description=description, actor=None, now=now, origin=origin)
        if found.edits:
            editing.write(found.edits, actor=None, now=now, origin=origin)
        for name in found.withdrawn:
            client_permissions.withdraw(name=name, actor=None, now=now, origin=origin)
        transaction.set_rollback(dry_run)
    return found


def _declared() -> dict[str, str]:
    return dict(Permission.objects.order_by("name").values_list("name", "description"))


def _sign(edit: Edit) -> str:
    if edit.before is None:
        return "+"
    return "-" if edit.after is None else "~"


def _lines_of(edit: Edit) -> Iterator[str]:
    for sign, (permissions, inherited) in (("+", edit.added), ("-", edit.removed)):
        yield from (f"    {sign} {name}" for name in sorted(permissions))
        yield from (f"    {sign} inherits {name}" for name in sorted(inherited))
    yield from (f"    ~ {field}: {text}" for field, text in edit.words().items())
