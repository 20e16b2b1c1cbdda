import re
from pathlib import Path

import pytest

from kit.errors import Invalid
from roles import notation
from roles.definitions import Definition, built_in
from roles.notation import Code

FILE = """
permissions:
  shop.refund_order: Pay an order back
  shop.close_day:
roles:
  shopkeeper:
    description: Looks after the shop
    permissions: [shop.*]
    inherits: [notifier]
    sensitive: true
  nothing:
  auditor:
    requestable: true
"""
CODE = Code(
    permissions={"shop.refund_order": "Pay an order back", "shop.close_day": ""},
    roles={
        "shopkeeper": Definition(
            description="Looks after the shop",
            permissions=frozenset({"shop.*"}),
            inherits=frozenset({"notifier"}),
            sensitive=True,
        ),
        "nothing": Definition(),
        "auditor": Definition(
            description=built_in("auditor").description, permissions=built_in("auditor").permissions, requestable=True
        ),
    },
)


def test_file_is_read_as_it_is_meant() -> None:
    assert notation.parse(FILE) == CODE


def test_what_is_written_is_read_again() -> None:
    assert notation.parse(notation.dump(CODE)) == CODE


@pytest.mark.parametrize("text", ["", "# nothing\n", "roles:\n", "permissions: {}\nroles: {}\n"])
def test_empty_file_says_nothing(text: str) -> None:
    assert notation.parse(text) == Code(permissions={}, roles={})


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("file", "- a"),
        ("file", "roles: ["),
        ("file", "roles: !!python/object/apply:os.system [id]"),
        ("file", "roles: {}\nroles: {}"),
        ("file", "a: \x00"),
        ("file", "a: 2026-99-99"),
        ("file", "[" * 5000),
        ("file.grants", "grants: {}"),
        ("roles", "roles: [clerk]"),
        ("roles", "roles: {on: {}}"),
        ("roles.Clerk", "roles: {Clerk: {}}"),
        ("roles.assign", "roles: {assign: {}}"),
        ("roles.clerk", "roles: {clerk: notifier}"),
        ("roles.clerk.permission", "roles: {clerk: {permission: [a.b]}}"),
        ("roles.clerk.permissions", "roles: {clerk: {permissions: a.b}}"),
        ("roles.clerk.permissions", "roles: {clerk: {permissions: [1]}}"),
        ("roles.clerk.inherits", "roles: {clerk: {inherits: {a: b}}}"),
        ("roles.clerk.description", "roles: {clerk: {description: 2026-01-01}}"),
        ("roles.clerk.description", 'roles: {clerk: {description: "a\\nb"}}'),
        ("roles.clerk.sensitive", "roles: {clerk: {sensitive: 1}}"),
        ("roles.auditor.permissions", "roles: {auditor: {permissions: ['*']}}"),
        ("permissions", "permissions: {1.5: x}"),
        ("permissions.shop", "permissions: {shop: x}"),
        ("permissions.roles.add_role", "permissions: {roles.add_role: x}"),
        ("permissions.shop.a.description", "permissions: {shop.a: [x]}"),
    ],
)
def test_mistake_is_told_with_its_place(path: str, text: str) -> None:
    with pytest.raises(Invalid) as mistake:
        notation.parse(text)
    assert mistake.value.field == path


def test_key_that_is_there_twice_is_named_with_its_line() -> None:
    with pytest.raises(Invalid, match=r"'clerk' is there twice.*line 3"):
        notation.parse("roles:\n  clerk: {}\n  clerk: {}\n")


def test_file_without_end_is_refused_unread() -> None:
    with pytest.raises(Invalid, match="at most"):
        notation.parse(" " * 5_000_001)


def test_aliases_that_multiply_are_refused() -> None:
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 10))
    with pytest.raises(Invalid):
        notation.parse(f"l0: &l0 [x]\n{levels}\n")


def test_example_of_the_documentation_is_read() -> None:
    page = (Path(__file__).parents[2] / "docs" / "roles.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert set(notation.parse(example).roles) == {"cashier", "shopkeeper", "auditor"}
