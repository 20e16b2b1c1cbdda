"""Roles as they are written in a file: the permissions that clients declare, and what each role is.

YAML, read as data alone (by PyYAML's safe loader). A key that is there twice is refused, since the second would quietly
win; so is any that is not known. A built-in role is in a file only for what staff decide about it: whether it is
sensitive, and whether people may ask for it.
"""

from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import yaml

from kit.errors import Invalid
from roles import builtin, client_permissions, definitions, editing, texts
from roles.definitions import BLANK, Changes, Definition

MAX_FILE = 5_000_000  # characters
_SECTIONS = ("permissions", "roles")
_FLAGS = ("sensitive", "requestable")
_FIELDS = ("description", "permissions", "inherits", *_FLAGS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """What a file says: the permissions of clients with their descriptions, and the roles by name."""

    permissions: Mapping[str, str]
    roles: Mapping[str, Definition]


def parse(text: str) -> Code:
    """Return what a file says. Raises `Invalid`, whose field is the path of the mistake in the file."""
    whole = _mapping(_load(text), "file", known=_SECTIONS)
    return Code(
        permissions={
            name: _permission(name, description)
            for name, description in _mapping(whole.get("permissions"), "permissions").items()
        },
        roles={name: _role(name, entry) for name, entry in _mapping(whole.get("roles"), "roles").items()},
    )


def dump(code: Code) -> str:
    """Return a file that says this; `parse` reads the same out of it."""
    roles = {name: _entry(name, definition) for name, definition in sorted(code.roles.items())}
    whole = {"permissions": dict(sorted(code.permissions.items())), "roles": roles}
    text: str = yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=120)
    return text


class _Loader(yaml.SafeLoader):
    """The safe loader, which also refuses a key that is there twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's
        seen = set[str]()
        for key, _ in node.value:
            if str(key.value) in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} is there twice", key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep=deep)


def _load(text: str) -> Any:
    if len(text) > MAX_FILE:
        raise Invalid("file", f"A file has at most {MAX_FILE:,} characters.", "max_length")
    try:
        loader = _Loader(text)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Invalid("file", f"This cannot be read as YAML: {' '.join(str(error).split())}") from None


def _mapping(value: Any, path: str, *, known: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return a mapping of texts to anything; nothing at all is an empty one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Invalid(path, "Write names here, and what belongs to each.")
    for key in value:
        if not isinstance(key, str):
            raise Invalid(path, f"Put {key!r} in quotes: a name is a text.")
        if known and key not in known:
            raise Invalid(f"{path}.{key}", f"Only these can be here: {', '.join(known)}.", "unknown")
    return value


def _permission(name: str, description: Any) -> str:
    with _at(f"permissions.{name}"):
        client_permissions.require_declarable(name)
        return texts.line(_text("" if description is None else description, "description"))


def _role(name: str, entry: Any) -> Definition:
    path, is_built_in = f"roles.{name}", name in builtin.ROLES
    fields = _mapping(entry, path, known=_FLAGS if is_built_in else _FIELDS)
    with _at(path):
        before = definitions.built_in(name) if is_built_in else BLANK
        changes = {field: _value(field, value) for field, value in fields.items()}
        definition = definitions.changed(before, cast("Changes", changes))
        return definition if is_built_in else _own(name, definition)


def _own(name: str, definition: Definition) -> Definition:
    editing.new_name(name)
    return editing.checked(definition)


def _value(field: str, value: Any) -> Any:
    if field == "description":
        return _text("" if value is None else value, field)
    if field in _FLAGS:
        if not isinstance(value, bool):
            raise Invalid(field, "Write true or false.")
        return value
    if value is not None and not isinstance(value, list):
        raise Invalid(field, "Write a list of names.")
    return [_text(each, field) for each in value or ()]


def _text(value: Any, field: str) -> str:
    if not isinstance(value, str):
        raise Invalid(field, f"Put {value!r} in quotes: this is a text.")
    return value


@contextmanager
def _at(path: str) -> Iterator[None]:
    """Say of a mistake inside where in the file it is."""
    try:
        yield
    except Invalid as mistake:
        field = path if mistake.field == "name" else f"{path}.{mistake.field}"
        raise Invalid(field, mistake.detail, mistake.reason) from None


def _entry(name: str, definition: Definition) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    if name not in builtin.ROLES:
        entry = {"description": definition.description} if definition.description else {}
        lists = {"permissions": sorted(definition.permissions), "inherits": sorted(definition.inherits)}
        entry |= {field: names for field, names in lists.items() if names}
    return entry | {flag: True for flag in _FLAGS if getattr(definition, flag)}
