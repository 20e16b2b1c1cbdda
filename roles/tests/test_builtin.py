import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.state import StateApps

from roles import builtin, checks, stamps
from roles.hierarchy import permissions_of
from roles.models import Inheritance, Role, RolePermission
from roles.testing import give_role, make_role
from roles.tests.people.making import make_person

pytestmark = pytest.mark.django_db


def test_built_in_roles_are_there_after_migrate() -> None:
    assert set(Role.objects.filter(built_in=True).values_list("name", flat=True)) == set(builtin.ROLES)
    assert permissions_of("administrator") == {"*"}
    assert permissions_of("notifier") == {"notifications.send_message", "notifications.view_message"}


def test_sync_without_a_difference_changes_nothing() -> None:
    before = stamps.read(make_person().pk)
    assert not builtin.sync(apps=apps)
    assert before in {stamps.read(person.pk) for person in [make_person("bert")]}


def test_migrate_puts_back_what_was_tampered_with() -> None:
    RolePermission.objects.filter(role="notifier").delete()
    RolePermission.objects.create(role_id="member", permission="*")
    Role.objects.filter(name="auditor").update(built_in=False, description="")
    call_command("migrate", "roles", verbosity=0)
    assert (permissions_of("member"), len(permissions_of("notifier"))) == (frozenset(), 2)
    assert Role.objects.get(name="auditor").built_in


def test_changed_definition_is_in_force_at_the_next_question() -> None:
    anna = make_person()
    give_role(anna, "auditor")
    assert anna.has_perm("audit.view_entry")
    roles = {**builtin.ROLES, "auditor": builtin.BuiltIn(description="", inherits=frozenset({"notifier"}))}
    assert builtin.sync(apps=apps, roles=roles)
    assert not anna.has_perm("audit.view_entry")
    assert anna.has_perm("notifications.send_message")
    assert Inheritance.objects.get().inherits_id == "notifier"


def test_role_that_is_no_longer_built_in_stays_as_a_custom_one() -> None:
    builtin.sync(apps=apps, roles={name: role for name, role in builtin.ROLES.items() if name != "notifier"})
    assert not Role.objects.get(name="notifier").built_in


def test_nothing_is_done_where_our_tables_are_not() -> None:
    assert not builtin.sync(apps=StateApps([], {}))


@pytest.mark.parametrize("inherited", [False, True])
def test_role_of_ones_own_that_has_the_name_of_a_new_one_gives_nobody_more(inherited: bool) -> None:
    anna, new = make_person(), builtin.BuiltIn(description="", permissions=frozenset({"audit.view_entry"}))
    make_role("helper")
    given = give_role(anna, make_role("chief", inherits=["helper"]) if inherited else "helper")
    builtin.sync(apps=apps, roles={**builtin.ROLES, "helper": new})
    assert not anna.has_perm("audit.view_entry")
    given.delete()
    Role.objects.filter(name="chief").delete()
    assert builtin.sync(apps=apps, roles={**builtin.ROLES, "helper": new})
    assert Role.objects.get(name="helper").built_in


def test_role_that_holds_what_it_should_is_built_in_again_though_people_have_it() -> None:
    give_role(make_person(), "auditor")
    Role.objects.filter(name="auditor").update(built_in=False)
    assert builtin.sync(apps=apps)
    assert Role.objects.get(name="auditor").built_in


def test_built_in_role_that_is_not_there_for_its_name_is_a_warning() -> None:
    assert checks.check_names_taken(None, databases=["default"]) == checks.check_names_taken(None) == []
    Role.objects.filter(name="auditor").update(built_in=False)
    [warning] = checks.check_names_taken(None, databases=["default"])
    assert (warning.id, warning.msg.endswith(": auditor")) == ("roles.W004", True)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE roles_role RENAME TO roles_gone")
    assert checks.check_names_taken(None, databases=["default"]) == []
