import datetime as dt
from itertools import product

import pytest
from django.contrib.auth.models import AnonymousUser
from pytest_django import DjangoAssertNumQueries

from kit.clock import utcnow
from roles import effective, grants, hierarchy, lineage, stamps
from roles.models import Inheritance
from roles.testing import allow, deny, forget_sets, give_role, make_group, make_role, place
from roles.tests.people.making import make_administrator, make_person
from roles.tests.people.models import Person

pytestmark = pytest.mark.django_db

SEND, READ = "letters.send_letter", "letters.read_letter"


def held_by(person: Person) -> effective.EffectiveSet:
    return effective.of(person, now=utcnow())


def test_person_without_grants_is_a_member_and_may_do_nothing() -> None:
    found = held_by(make_person())
    assert found.roles == {"member"}
    assert not found.everywhere


def test_what_the_member_role_holds_everyone_has() -> None:
    make_role("reader", READ)
    Inheritance.objects.create(role_id="member", inherits_id="reader")
    assert held_by(make_person()).allows(READ)


def test_grant_reaches_through_many_levels() -> None:
    make_role("level-0", SEND)
    for level in range(1, 13):
        make_role(f"level-{level}", inherits=[f"level-{level - 1}"])
    anna = make_person()
    give_role(anna, "level-12")
    assert held_by(anna).allows(SEND)


def test_cycle_of_roles_ends() -> None:
    make_role("one", SEND)
    make_role("two", READ, inherits=["one"])
    Inheritance.objects.create(role_id="one", inherits_id="two")
    anna = make_person()
    give_role(anna, "one")
    assert held_by(anna).everywhere == {SEND, READ}


def test_grant_on_a_resource_reaches_that_resource_alone() -> None:
    anna = make_person()
    allow(anna, SEND, resource="project:1")
    found = held_by(anna)
    assert [found.allows(SEND, place) for place in ("project:1", "project:12", "")] == [True, False, False]


def test_grant_everywhere_reaches_every_resource() -> None:
    anna = make_person()
    allow(anna, SEND)
    assert held_by(anna).allows(SEND, "project:1")


@pytest.mark.parametrize(("wildcard", "letters", "stamps"), [("letters.*", True, False), ("*", True, True)])
def test_wildcard_covers_its_namespace(wildcard: str, letters: bool, stamps: bool) -> None:
    anna = make_person()
    allow(anna, wildcard)
    found = held_by(anna)
    assert (found.allows(SEND), found.allows("stamps.buy_stamp")) == (letters, stamps)


def test_wildcard_is_held_only_by_who_holds_it() -> None:
    anna = make_person()
    allow(anna, SEND, READ)
    assert not held_by(anna).allows("letters.*")


def test_superuser_flag_counts_as_a_grant_of_everything() -> None:
    assert held_by(make_administrator()).allows("stamps.buy_stamp", "project:1")


@pytest.mark.parametrize("superuser", [True, False])
def test_inactive_person_may_do_nothing(superuser: bool) -> None:
    anna = make_person(is_active=False, is_superuser=superuser)
    allow(anna, SEND)
    assert held_by(anna) == effective.NOTHING


def test_stranger_and_erased_person_may_do_nothing() -> None:
    erased = make_administrator()
    Person.objects.all().delete()
    assert effective.of(AnonymousUser(), now=utcnow()) == held_by(erased) == effective.NOTHING


def test_grant_ends_by_itself_though_its_set_is_kept() -> None:
    anna, now = make_person(), utcnow()
    allow(anna, SEND)
    grants.give(holder=anna, role="auditor", expires_at=now + dt.timedelta(seconds=60), actor=None, now=now)
    before, after = now + dt.timedelta(seconds=59), now + dt.timedelta(seconds=60)
    held = [effective.of(anna, now=moment) for moment in (before, after)]
    assert [found.allows("audit.view_entry") for found in held] == [True, False]
    assert all(found.allows(SEND) for found in held)


def test_set_lives_until_the_earliest_end() -> None:
    anna, now = make_person(), utcnow().replace(microsecond=0)
    for role, minutes in (("auditor", 9), ("notifier", 5)):
        grants.give(holder=anna, role=role, expires_at=now + dt.timedelta(minutes=minutes), actor=None, now=now)
    assert effective.of(anna, now=now).until == now + dt.timedelta(minutes=5)


def test_cold_set_is_one_statement_whatever_the_number_of_roles(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    anna = make_person()
    for number in range(30):
        make_role(f"role-{number}", SEND, inherits=[f"role-{number - 1}"] if number else [])
        give_role(anna, f"role-{number}", resource=f"project:{number}")
    with django_assert_num_queries(1):
        effective.load(anna.pk, is_superuser=False, now=utcnow())


def test_warm_set_under_the_stamp_of_the_request_is_no_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    anna = make_person()
    anna.permission_stamp = "as-the-request-read-it"  # type: ignore[attr-defined]
    with django_assert_num_queries(1):
        held_by(anna)
    with django_assert_num_queries(0):
        held_by(anna)


def test_forgotten_set_is_loaded_again(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    anna = make_person()
    anna.permission_stamp = "as-the-request-read-it"  # type: ignore[attr-defined]
    held_by(anna)
    forget_sets()
    with django_assert_num_queries(1):
        held_by(anna)


def test_process_keeps_no_more_sets_than_it_may(settings: object) -> None:
    settings.ROLES_CACHED_SETS = 2  # type: ignore[attr-defined]
    kept = effective._Kept()
    for user in "abc":
        kept.keep(user, ("stamp", False), effective.NOTHING)
    found = [kept.find(user, ("stamp", False), utcnow()) for user in "abc"]
    assert found == [None, effective.NOTHING, effective.NOTHING]


def test_equal_sets_of_two_people_are_one_object() -> None:
    anna, bert = make_person("anna"), make_person("bert")
    for person in (anna, bert):
        give_role(person, "auditor")
    assert held_by(anna).everywhere is held_by(bert).everywhere


def test_denial_wins_over_what_other_grants_give() -> None:
    anna = make_person()
    allow(anna, "letters.*")
    deny(anna, SEND)
    found = held_by(anna)
    assert [found.allows(name) for name in (SEND, READ, "letters.*")] == [False, True, False]


def test_denial_on_a_resource_holds_there_alone() -> None:
    anna = make_person()
    allow(anna, SEND)
    deny(anna, SEND, resource="org:7")
    found = held_by(anna)
    assert [found.allows(SEND, place) for place in ("", "org:7", "org:8")] == [True, False, True]
    assert not found.allows_whole(SEND)


def test_denial_holds_for_a_superuser_too() -> None:
    root = make_administrator()
    make_administrator("another")
    deny(root, SEND)
    assert not root.has_perm(SEND)
    assert root.has_perm(READ)


def test_denial_reaches_what_lies_below() -> None:
    anna = make_person()
    allow(anna, SEND)
    deny(anna, SEND, resource="org:7")
    place("project:12", "org:7")
    assert not anna.has_perm(SEND, "project:12")


def test_grant_on_a_resource_reaches_what_lies_below_it_and_not_what_lies_above() -> None:
    anna = make_person()
    allow(anna, SEND, resource="org:7")
    place("team:3", "org:7")
    place("project:12", "team:3")
    assert [anna.has_perm(SEND, at) for at in ("org:7", "team:3", "project:12", "org:8")] == [True, True, True, False]
    assert not anna.has_perm(SEND)


def test_member_of_a_group_has_what_the_group_was_given() -> None:
    anna, bert = make_person("anna"), make_person("bert")
    group = make_group("editors", anna)
    give_role(group, make_role("sender", SEND))
    assert (anna.has_perm(SEND), bert.has_perm(SEND)) == (True, False)


def test_what_is_denied_to_a_group_is_denied_to_its_members() -> None:
    anna = make_person()
    allow(anna, SEND)
    deny(make_group("interns", anna), SEND)
    assert not anna.has_perm(SEND)


def test_process_keeps_the_lines_asked_about_last(
    settings: object, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.ROLES_CACHED_LINES = 2  # type: ignore[attr-defined]
    anna = make_person()
    allow(anna, SEND, resource="org:7")
    anna = Person.objects.annotate(**stamps.of_user("pk")).get(pk=anna.pk)
    for resource in ("box:1", "box:2", "box:3"):
        assert not anna.has_perm(SEND, resource)
    for resource, statements in (("box:3", 0), ("box:2", 0), ("box:1", 1), ("box:3", 1)):
        with django_assert_num_queries(statements):
            assert not anna.has_perm(SEND, resource)


def test_process_keeps_fewer_lines_where_they_are_long(
    settings: object, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.ROLES_CACHED_LINES = 3  # type: ignore[attr-defined]
    for box, number in product(("box:1", "box:2"), range(16)):
        place(box, f"org:{number}")
    for box, statements in (("box:1", 1), ("box:1", 0), ("box:2", 1), ("box:2", 0), ("box:1", 1)):
        with django_assert_num_queries(statements):
            assert len(lineage.above(box, stamp="now")) == 16


def test_roles_of_a_circle_come_to_the_same_and_each_combination_is_added_up_once() -> None:
    excerpt = hierarchy.Excerpt()
    excerpt.inherits.update({"left": ["right", "base"], "right": ["left", "base"]})
    excerpt.permissions.update({"base": [READ], "right": [SEND]})
    whole = excerpt.sum_of(["left"])
    assert whole == hierarchy.Sum(roles=frozenset({"left", "right", "base"}), permissions=frozenset({READ, SEND}))
    assert excerpt.sum_of(["right"]) == whole
    assert excerpt.sum_of({"base"}) is excerpt.sum_of(["base", "base"])


def test_process_keeps_fewer_sets_where_they_are_large(
    settings: object, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.ROLES_CACHED_SETS = 2  # type: ignore[attr-defined]
    make_role("sender", SEND)
    for person, number in product((make_person("anna"), make_person("bert")), range(21)):
        give_role(person, "sender", resource=f"org:{number}")
    anna, bert = Person.objects.annotate(**stamps.of_user("pk")).order_by("email")
    for person, statements in ((anna, 1), (anna, 0), (bert, 1), (bert, 0), (anna, 1)):
        with django_assert_num_queries(statements):
            assert held_by(person).places == 21


def test_names_of_who_is_denied_something_are_those_that_are_left() -> None:
    anna = make_person()
    allow(anna, "letters.*")
    deny(anna, READ)
    assert SEND in effective.names(anna, now=utcnow())
    assert not {READ, "letters.*"} & effective.names(anna, now=utcnow())
    assert anna.has_module_perms("letters")
    deny(anna, "letters.*")
    assert not anna.has_module_perms("letters")
    assert effective.names(AnonymousUser(), now=utcnow()) == frozenset()
