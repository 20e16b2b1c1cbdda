"""Edits of roles at the same moment: each is judged by what the others have left."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from kit.clock import utcnow
from kit.errors import Invalid
from roles import client_permissions, editing, guards, hierarchy
from roles.models import Grant, Permission, Role
from roles.testing import give_role, make_role
from roles.tests.people.making import make_person
from roles.tests.test_editing import SEND, change, create, delete
from roles.tests.test_races import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def kinds(outcomes: Iterable[Any]) -> list[str]:
    return sorted(type(outcome).__name__ for outcome in outcomes)


def inheriting(role: str, inherits: str) -> Callable[[], Role]:
    return lambda: change(role, inherits=[inherits])


@pytest.mark.parametrize("attempt", range(3))
def test_two_roles_that_come_to_inherit_each_other_make_no_circle(attempt: int) -> None:
    make_role("one")
    make_role("two")
    outcomes = all_at_once(inheriting("one", "two"), inheriting("two", "one"))
    assert kinds(outcomes) == ["Circle", "Role"]


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_last_roles_of_everything_one_keeps_it(attempt: int) -> None:
    for name in ("one", "two"):
        give_role(make_person(name), make_role(name, "*"))
    outcomes = all_at_once(lambda: change("one", permissions=[]), lambda: change("two", permissions=[]))
    assert kinds(outcomes) == ["LastHolder", "Role"]
    assert guards.has_master(utcnow())


def test_role_that_many_make_at_once_is_made_by_one() -> None:
    outcomes = all_at_once(*[lambda: create("clerk", SEND)] * 8)
    assert kinds(outcomes) == ["Invalid"] * 7 + ["Role"]
    assert hierarchy.permissions_of("clerk") == {SEND}


def test_permission_that_many_declare_at_once_is_declared_by_one() -> None:
    declare = lambda: client_permissions.declare(name="shop.sell", actor=None, now=utcnow())  # noqa: E731
    outcomes = all_at_once(*[declare] * 8)
    assert sorted(outcome.created for outcome in outcomes) == [False] * 7 + [True]
    assert Permission.objects.count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_role_is_given_or_deleted_and_never_both(attempt: int) -> None:
    make_role("clerk", SEND)
    anna = make_person()
    given, deleted = all_at_once(lambda: give_role(anna, "clerk"), lambda: delete("clerk"))
    if isinstance(given, Grant):
        assert isinstance(deleted, editing.RoleInUse)
    else:
        assert isinstance(given, Invalid)
        assert deleted is None


@pytest.mark.parametrize("attempt", range(3))
def test_permission_is_held_or_withdrawn_and_never_both(attempt: int) -> None:
    client_permissions.declare(name="shop.sell", actor=None, now=utcnow())
    made, withdrawn = all_at_once(
        lambda: create("seller", "shop.sell"),
        lambda: client_permissions.withdraw(name="shop.sell", actor=None, now=utcnow()),
    )
    assert (kinds([made]), kinds([withdrawn])) in ((["Role"], ["PermissionInUse"]), (["Invalid"], ["NoneType"]))
