import io
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from audit.testing import entries
from kit.clock import utcnow
from roles import as_code, definitions, editing, event_types, guards, hierarchy, notation
from roles.models import Permission, Role
from roles.testing import give_role, make_role
from roles.tests.people.making import make_administrator, make_person

pytestmark = pytest.mark.django_db

FILE = """
permissions:
  shop.refund_order: Pay an order back
roles:
  cashier:
    permissions: [shop.refund_order]
  shopkeeper:
    description: Looks after the shop
    permissions: [shop.*]
    inherits: [cashier, notifier]
  auditor:
    requestable: true
"""


def apply(text: str, *, prune: bool = False, dry_run: bool = False) -> list[str]:
    changed = as_code.apply(notation.parse(text), prune=prune, dry_run=dry_run, now=utcnow())
    return list(changed.lines())


def test_file_is_applied_and_once_more_changes_nothing() -> None:
    assert apply(FILE) == [
        "+ permission shop.refund_order: Pay an order back",
        "+ role cashier",
        "    + shop.refund_order",
        "+ role shopkeeper",
        "    + shop.*",
        "    + inherits cashier",
        "    + inherits notifier",
        "    ~ description: Looks after the shop",
        "~ role auditor",
        "    ~ requestable: yes",
    ]
    assert hierarchy.permissions_of("shopkeeper") >= {"shop.*", "shop.refund_order", "notifications.send_message"}
    assert apply(FILE) == []
    assert len(entries(event_types.ROLE_CREATED)) == 2


def test_what_is_written_out_is_what_was_applied() -> None:
    apply(FILE)
    written = notation.dump(as_code.current())
    assert apply(written, prune=True) == []
    assert notation.parse(written).roles == notation.parse(FILE).roles


def test_changed_file_takes_away_what_it_no_longer_says() -> None:
    apply(FILE)
    lines = apply(FILE.replace("[cashier, notifier]", "[cashier]").replace("Looks after the shop", "Runs the shop"))
    assert lines == ["~ role shopkeeper", "    - inherits notifier", "    ~ description: Runs the shop"]
    assert "notifications.send_message" not in hierarchy.permissions_of("shopkeeper")


def test_inheritance_may_be_turned_round_in_one_file() -> None:
    apply("roles: {one: {inherits: [two]}, two: {}}")
    apply("roles: {one: {}, two: {inherits: [one]}}")
    two = definitions.of("two")
    assert two is not None
    assert two.inherits == {"one"}


def test_what_the_file_does_not_name_stays_unless_it_is_to_be_pruned() -> None:
    apply(FILE)
    assert apply("") == []
    assert apply("", prune=True) == [
        "~ role auditor",
        "    ~ requestable: no",
        "- role cashier",
        "- role shopkeeper",
        "- permission shop.refund_order",
    ]
    assert not Permission.objects.exists()
    assert not Role.objects.filter(built_in=False).exists()


def test_dry_run_shows_the_same_and_changes_nothing() -> None:
    shown = apply(FILE, dry_run=True)
    assert not Role.objects.filter(built_in=False).exists()
    assert not Permission.objects.exists()
    assert entries(event_types.ROLE_CREATED) == []
    assert apply(FILE) == shown


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("roles: {clerk: {permissions: [letters.burn_letter]}}", "letters.burn_letter"),
        ("roles: {clerk: {inherits: [nobody]}}", "nobody"),
        ("roles: {one: {inherits: [two]}, two: {inherits: [one]}}", "cannot inherit itself"),
        ("roles: {one: {inherits: [one]}}", "one"),
        ("roles: {member: {sensitive: true}}", "member"),
    ],
)
@pytest.mark.parametrize("option", ["--dry-run", "--prune"])
def test_file_with_a_mistake_changes_nothing_at_all(text: str, told: str, option: str, tmp_path: Path) -> None:
    path = tmp_path / "roles.yaml"
    path.write_text(f"permissions: {{shop.sell: x}}\n{text}\n")
    with pytest.raises(CommandError, match=told):
        call_command("roles_apply", str(path), option)
    assert not Permission.objects.exists()
    assert not Role.objects.filter(built_in=False).exists()


def test_role_that_somebody_has_is_not_pruned() -> None:
    make_role("held")
    give_role(make_person(), "held")
    with pytest.raises(editing.RoleInUse, match="held"):
        apply("", prune=True)


def test_last_way_to_everything_is_kept_from_a_file_too() -> None:
    make_role("owner", "*")
    give_role(make_person(), "owner")
    with pytest.raises(guards.LastHolder):
        apply("roles: {owner: {}}")
    make_administrator()
    apply("roles: {owner: {}}")


def test_sensitive_role_is_not_slipped_under_one_that_is_held() -> None:
    make_role("held")
    give_role(make_person(), "held")
    with pytest.raises(editing.SensitiveHeld, match="held"):
        apply("roles: {held: {inherits: [between]}, between: {inherits: [vault]}, vault: {sensitive: true}}")


def test_commands_write_and_read_a_file(tmp_path: Path) -> None:
    apply(FILE)
    path, written, told = tmp_path / "roles.yaml", io.StringIO(), io.StringIO()
    call_command("roles_export", stdout=written)
    path.write_text(written.getvalue())
    call_command("roles_apply", str(path), "--prune", stdout=told)
    assert told.getvalue() == "Nothing to change.\n"
    path.write_text("roles: {cashier: {}}")
    for option in (["--dry-run"], []):
        call_command("roles_apply", str(path), *option, stdout=told)
    lines = ["~ role cashier", "    - shop.refund_order"]
    assert told.getvalue().splitlines()[1:] == [*lines, "Nothing has been changed: this was a dry run.", *lines]


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"roles: [", b"roles: {Clerk: {}}"])
def test_file_that_cannot_be_read_is_told_in_one_line(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "roles.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError) as failure:
        call_command("roles_apply", str(path))
    assert "\n" not in str(failure.value)


def test_file_may_come_by_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("roles: {clerk: {}}"))
    call_command("roles_apply", "-", stdout=io.StringIO())
    assert Role.objects.filter(name="clerk").exists()
