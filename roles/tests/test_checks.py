from typing import Any

import pytest
from django.core.checks import Tags, run_checks
from django.db import connection

from roles import builtin, checks
from roles.builtin import BuiltIn
from roles.testing import make_role


@pytest.mark.parametrize("path", ["roles.nowhere", "roles.models"])
def test_vocabulary_that_is_not_there_stops_the_start(path: str, settings: Any) -> None:
    settings.ROLES_VOCABULARIES = (path,)
    assert [found.id for found in run_checks() if (found.id or "").startswith("roles.")] == ["roles.E001"]


def test_name_that_is_no_permission_stops_the_start(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("roles.tests.people.permissions.PERMISSIONS", {"Letters": "", "letters.*": ""})
    assert [found.id for found in checks.check_vocabularies(None)] == ["roles.E002", "roles.E002"]


def test_built_in_role_that_holds_something_undeclared_is_a_warning(settings: Any) -> None:
    settings.ROLES_VOCABULARIES = ("roles.permissions",)
    [warning] = checks.check_built_in_roles(None)
    assert (warning.id, "notifier: notifications.send_message" in warning.msg) == ("roles.W001", True)


@pytest.mark.parametrize(
    ("hierarchy", "told"),
    [
        ({"one": {"clerk"}}, "one: clerk"),
        ({"one": {"two"}, "two": {"three"}, "three": {"one"}}, "themselves"),
        ({"one": {"one"}}, "themselves"),
    ],
)
def test_built_in_hierarchy_that_is_none_stops_the_start(
    hierarchy: dict[str, set[str]], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles = {name: BuiltIn(description="", inherits=frozenset(parents)) for name, parents in hierarchy.items()}
    monkeypatch.setattr(builtin, "ROLES", roles)
    [error] = checks.check_built_in_hierarchy(None)
    assert (error.id, told in error.msg) == ("roles.E003", True)


def test_built_in_hierarchy_as_it_is_passes() -> None:
    assert checks.check_built_in_hierarchy(None) == []


def warnings() -> list[str]:
    found = run_checks(tags=[Tags.database], databases=["default"])
    return [message.msg for message in found if message.id == "roles.W002"]


@pytest.mark.django_db
def test_role_that_holds_something_undeclared_is_a_warning() -> None:
    make_role("clerk", "letters.send_letter", "letters.*")
    assert warnings() == []
    make_role("relic", "gone.do_thing")
    assert warnings() == ["Roles hold undeclared permissions: relic: gone.do_thing"]


@pytest.mark.django_db
def test_long_list_of_undeclared_permissions_is_cut() -> None:
    make_role("relic", *(f"gone.do-{number}" for number in range(21)))
    assert warnings()[0].endswith("gone.do-8, …")


@pytest.mark.django_db
def test_database_without_the_tables_is_no_warning() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE roles_permission RENAME TO roles_gone")
    assert checks.check_stored_roles(None, databases=["default"]) == []


def test_check_that_may_not_look_into_the_database_says_nothing() -> None:
    assert checks.check_stored_roles(None) == []
