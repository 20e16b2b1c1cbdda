"""A person's own account: what she changes, alone or twice at once."""

import datetime as dt

import pytest
from pytest_django import Settings

from accounts import links, people, profiles
from accounts.models import Link, LoginAttempt, User
from accounts.testing import make_person
from audit.testing import entries
from kit.errors import InvalidToken
from kit.testing import races

pytestmark = pytest.mark.django_db


def test_a_change_undoes_nothing_that_was_changed_meanwhile(now: dt.datetime) -> None:
    person = make_person()
    stale = User.objects.get(pk=person.pk)
    profiles.update(user=person, changes={"username": "anna"}, now=now)
    profiles.update(user=stale, changes={"first_name": "Anna"}, now=now)
    assert User.objects.values_list("username", "first_name").get(pk=person.pk) == ("anna", "Anna")
    assert User.objects.find_by_name("anna") == person


@pytest.mark.django_db(transaction=True)
def test_user_names_changed_in_parallel_leave_one_that_signs_in(now: dt.datetime) -> None:
    person = make_person()
    waiting = iter(f"name-{number}" for number in range(8))
    results = races.run(8, lambda: profiles.update(user=person, changes={"username": next(waiting)}, now=now))
    assert {type(result) for result in results} == {User}
    shown = User.objects.get(pk=person.pk).username
    assert shown is not None
    assert User.objects.find_by_name(shown) == person
    assert person.handles.filter(held_until=None).count() == 2


def test_changing_nothing_records_nothing(now: dt.datetime) -> None:
    person = make_person(first_name="Anna")
    profiles.update(user=person, changes={"first_name": "Anna", "email": "x@example.com"}, now=now)
    assert entries("accounts.profile.changed") == []


@pytest.mark.parametrize("name", ["anna@example.com", "ANNA@example.com", "Anna_1"])
def test_a_person_is_found_by_any_of_her_names_however_they_are_written(now: dt.datetime, name: str) -> None:
    person = make_person("anna@example.com")
    profiles.update(user=person, changes={"username": "anna_1"}, now=now)
    assert User.objects.get_by_natural_key(name) == person


@pytest.mark.parametrize("name", ["bert@example.com", "", None])
def test_a_name_that_nobody_holds_finds_nobody(name: str | None) -> None:
    make_person("anna@example.com")
    with pytest.raises(User.DoesNotExist):
        User.objects.get_by_natural_key(name)


def test_whoever_is_deactivated_may_nothing_whatever_the_backends_say() -> None:
    person = make_person(is_superuser=True)
    assert (person.has_perm("accounts.view_user"), person.has_module_perms("accounts")) == (True, True)
    person.is_active = False
    assert (person.has_perm("accounts.view_user"), person.has_module_perms("accounts")) == (False, False)


def test_a_backend_that_denies_ends_the_question(settings: Settings) -> None:
    person = make_person(is_superuser=True)
    settings.AUTHENTICATION_BACKENDS = ["accounts.tests.house.NobodyMay", "accounts.tests.house.SuperusersMay"]
    assert not person.has_perm("accounts.view_user")
    assert not person.has_perms(["accounts.view_user"])


def test_what_was_under_way_when_an_account_was_stopped_does_not_come_back_with_it(now: dt.datetime) -> None:
    person = make_person()
    later = dt.timedelta(minutes=5)
    LoginAttempt.objects.create(user=person, digest="d", door="api", proofs={}, created_at=now, expires_at=now + later)
    purpose = Link.Purpose.SIGN_IN
    link = links.issue(purpose=purpose, address=person.email, user=person, now=now, lifetime=later)
    people.deactivate(user=person, actor=None, now=now)
    people.activate(user=person, actor=None, now=now)
    assert not LoginAttempt.objects.filter(spent_at=None).exists()
    with pytest.raises(InvalidToken):
        links.find(token=links.text_of(link), purpose=purpose, now=now)
