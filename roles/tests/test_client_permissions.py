import pytest
from django.db import connection

from audit.testing import entries
from kit.clock import utcnow
from kit.errors import Invalid, PermissionRefused
from roles import as_code, checks, client_permissions, declarations, event_types
from roles.models import Permission
from roles.testing import allow, make_role
from roles.tests.people.making import make_administrator, make_person
from roles.tests.people.models import Person

pytestmark = pytest.mark.django_db

REFUND = "shop.refund_order"


def declare(name: str = REFUND, description: str = "", actor: Person | None = None) -> client_permissions.Declared:
    return client_permissions.declare(name=name, description=description, actor=actor, now=utcnow())


def withdraw(name: str = REFUND, actor: Person | None = None) -> None:
    client_permissions.withdraw(name=name, actor=actor, now=utcnow())


def test_declared_permission_is_known_at_once_and_its_entry_says_who_declared_it() -> None:
    root = make_administrator()
    assert not declarations.knows(REFUND, user=root)
    made = declare(description="Pay money back", actor=root)
    assert (made.created, made.permission.declared_by) == (True, root.pk)
    assert declarations.knows(REFUND, user=root)
    [entry] = entries(event_types.PERMISSION_DECLARED)
    assert (entry.actor, entry.target) == (root.pk, REFUND)


def test_the_same_twice_is_one_with_the_newer_description() -> None:
    declare(description="Pay back")
    assert not declare(description="Pay back").created
    assert not declare(description="Pay money back").created
    assert Permission.objects.get().description == "Pay money back"
    assert len(entries(event_types.PERMISSION_DECLARED)) == 2


@pytest.mark.parametrize(
    "name", ["", "shop", "shop.*", "*", "Shop.refund", "shop.", "shop.a\n", "s\x00.a", "s." + "a" * 99]
)
def test_name_that_no_permission_can_have_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        declare(name)
    assert (refusal.value.field, refusal.value.reason) == ("name", "invalid_permission")


@pytest.mark.parametrize("name", ["roles.rule_house", "audit.burn_entry", "letters.send_letter", "people.own_person"])
def test_namespace_of_the_houses_own_apps_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        declare(name)
    assert refusal.value.reason == "reserved"
    assert not Permission.objects.exists()


def test_who_lacks_the_permission_to_declare_is_refused_and_the_refusal_is_recorded() -> None:
    anna = make_person()
    with pytest.raises(PermissionRefused):
        declare(actor=anna)
    assert [entry.outcome for entry in entries(event_types.PERMISSION_DECLARED)] == ["refused"]
    allow(anna, "roles.add_permission")
    assert declare(actor=anna).created


def test_whoever_holds_the_wildcard_holds_what_is_declared_later() -> None:
    declare()
    clerk = make_person()
    allow(clerk, "shop.*")
    declare("shop.close_day")
    assert clerk.has_perm("shop.close_day")


def test_vocabulary_that_is_full_takes_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_permissions, "MOST", 1)
    declare()
    with pytest.raises(client_permissions.TooMany):
        declare("shop.close_day")
    assert not declare().created


def test_withdrawn_permission_is_not_known_any_more() -> None:
    root = make_administrator()
    declare()
    assert declarations.knows("shop.*", user=root)
    withdraw()
    assert not declarations.knows(REFUND, user=root)
    assert not declarations.knows("shop.*", user=root)


def test_permission_that_a_role_holds_stays() -> None:
    declare()
    make_role("cashier", REFUND)
    with pytest.raises(client_permissions.PermissionInUse):
        withdraw()
    assert Permission.objects.exists()


def test_last_permission_of_a_namespace_stays_while_a_role_holds_its_wildcard() -> None:
    declare()
    declare("shop.close_day")
    make_role("shopkeeper", "shop.*")
    withdraw()
    with pytest.raises(client_permissions.PermissionInUse):
        withdraw("shop.close_day")


@pytest.mark.parametrize("name", [REFUND, "roles.view_role", "\x00", "*"])
def test_what_no_client_declared_cannot_be_withdrawn(name: str) -> None:
    with pytest.raises(client_permissions.PermissionNotFound):
        withdraw(name)


def test_who_lacks_the_permission_to_withdraw_is_refused() -> None:
    declare()
    with pytest.raises(PermissionRefused):
        withdraw(actor=make_person())
    assert Permission.objects.exists()


@pytest.fixture
def shadowed() -> None:
    """An app has come to use the namespace that clients declared these in."""
    for name in ("letters.send_letter", "letters.stamp_letter"):
        Permission.objects.create(name=name, created_at=utcnow())


@pytest.mark.usefixtures("shadowed")
def test_permission_whose_namespace_an_app_uses_by_now_is_told_and_in_no_file() -> None:
    names = client_permissions.shadowed()
    assert names == ["letters.send_letter", "letters.stamp_letter"]
    [warning] = checks.check_shadowed_permissions(None, databases=["default"])
    assert warning.msg.endswith(": letters.send_letter, letters.stamp_letter")
    assert as_code.current().permissions == {}


@pytest.mark.usefixtures("shadowed")
def test_name_that_an_app_declares_too_can_be_withdrawn_though_roles_hold_it() -> None:
    make_role("clerk", "letters.*", "letters.send_letter", "letters.stamp_letter")
    withdraw("letters.send_letter")
    with pytest.raises(client_permissions.PermissionInUse):
        withdraw("letters.stamp_letter")


def test_check_of_namespaces_that_may_not_look_into_the_database_says_nothing() -> None:
    assert checks.check_shadowed_permissions(None) == []
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE roles_permission RENAME TO roles_gone")
    assert checks.check_shadowed_permissions(None, databases=["default"]) == []
