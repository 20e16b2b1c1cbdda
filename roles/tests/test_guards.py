import datetime as dt

import pytest
from django.db import transaction

from audit.testing import entries
from kit.clock import utcnow
from roles import event_types, grants, guards
from roles.models import Grant
from roles.testing import allow, give_role, make_role
from roles.tests.people.making import make_administrator, make_person
from roles.tests.people.models import Person

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


def take(user: Person, role: str = "administrator", resource: str = "") -> None:
    grants.take(holder=user, role=role, resource=resource, actor=None, now=utcnow())


def make_master(name: str) -> Person:
    person = make_person(name)
    give_role(person, "administrator")
    return person


def test_last_holder_of_everything_stays() -> None:
    root = make_master("root")
    with pytest.raises(guards.LastHolder):
        take(root)
    assert root.has_perm("*")
    assert entries(event_types.GRANT_TAKEN)[-1].details["reason"] == "LastHolder"


def test_one_of_two_holders_may_go() -> None:
    first, _ = make_master("first"), make_master("second")
    take(first)
    assert not first.has_perm("*")


def test_superuser_counts_as_a_holder() -> None:
    root = make_master("root")
    make_administrator("flagged")
    take(root)
    assert Grant.objects.count() == 0


def test_holder_by_inheritance_counts() -> None:
    make_role("owner", inherits=["administrator"])
    root, heir = make_master("root"), make_person("heir")
    give_role(heir, "owner")
    take(root)
    with pytest.raises(guards.LastHolder):
        take(heir, "owner")


def test_inactive_holder_does_not_count() -> None:
    root = make_master("root")
    Person.objects.filter(pk=make_master("gone").pk).update(is_active=False)
    with pytest.raises(guards.LastHolder):
        take(root)


def test_holder_for_an_hour_or_of_one_resource_does_not_count() -> None:
    root, guest, local = make_master("root"), make_person("guest"), make_person("local")
    give_role(guest, "administrator", expires_at=utcnow() + HOUR)
    give_role(local, "administrator", resource="org:7")
    with pytest.raises(guards.LastHolder):
        take(root)


def test_last_holder_cannot_be_given_an_end() -> None:
    root = make_master("root")
    with pytest.raises(guards.LastHolder):
        give_role(root, "administrator", expires_at=utcnow() + HOUR)


def test_grant_that_is_not_the_last_masters_may_go() -> None:
    root = make_master("root")
    give_role(root, "administrator", resource="org:7")
    take(root, resource="org:7")
    assert root.has_perm("*")


def may_manage(actor: Person, user: Person) -> bool:
    return guards.may_manage(actor=actor, user=user, now=utcnow())


def stop(person: Person) -> None:
    """Stop an account as the app that owns it does."""
    with transaction.atomic(), guards.last_holder_kept(user=person, now=utcnow()):
        Person.objects.filter(pk=person.pk).update(is_active=False)


def test_who_holds_as_much_may_manage_and_who_holds_less_may_not() -> None:
    manager, other = make_person("manager"), make_person("other")
    allow(manager, "people.view_person", "people.change_person")
    allow(other, "people.view_person")
    assert may_manage(manager, other)
    assert not may_manage(other, manager)


def test_wildcard_covers_what_it_stands_for_and_not_the_reverse() -> None:
    manager, other = make_person("manager"), make_person("other")
    allow(manager, "people.*")
    allow(other, "people.view_person")
    assert may_manage(manager, other)
    assert not may_manage(other, manager)


def test_what_somebody_holds_on_one_resource_alone_counts() -> None:
    manager, local = make_person("manager"), make_person("local")
    allow(local, "people.view_person", resource="org:7")
    assert not may_manage(manager, local)
    allow(manager, "people.view_person", resource="org:7")
    assert may_manage(manager, local)


def test_stopped_master_is_beyond_reach_of_those_who_hold_less() -> None:
    manager, root = make_person("manager"), make_administrator("root")
    Person.objects.filter(pk=root.pk).update(is_active=False)
    assert not may_manage(manager, root)
    assert may_manage(make_administrator("other"), root)


def test_stopped_master_manages_nobody_but_herself() -> None:
    root, other = make_administrator("root"), make_administrator("other")
    Person.objects.filter(pk=root.pk).update(is_active=False)
    assert not may_manage(root, other)
    assert may_manage(root, root)


def test_last_master_cannot_be_stopped() -> None:
    root = make_master("root")
    with pytest.raises(guards.LastHolder):
        stop(root)
    root.refresh_from_db()
    assert root.is_active


def test_master_may_be_stopped_beside_another_and_who_is_none_at_any_time() -> None:
    first, second, person = make_master("first"), make_administrator("second"), make_person("person")
    stop(second)
    stop(person)
    first.refresh_from_db()
    assert first.is_active
