"""Who holds a permission, asked the other way round: `GATEHOUSE_HOUSES=40` compares so many houses; without it, six."""

import os
from random import Random

import pytest
from pytest_django import DjangoAssertNumQueries

from kit.clock import utcnow
from roles import effective, holders
from roles.models import Inheritance
from roles.testing import allow, deny, give_role, make_group, make_role, place
from roles.tests import houses
from roles.tests.people.making import make_administrator, make_person

pytestmark = pytest.mark.django_db

SEND = "letters.send_letter"
HOUSES = int(os.environ.get("GATEHOUSE_HOUSES", "6"))


def who(permission: str = SEND, resource: str = "") -> list[str]:
    found = holders.of(permission=permission, resource=resource, now=utcnow())
    return [person.get_short_name().partition("@")[0] for person in found]


@pytest.mark.parametrize("seed", range(HOUSES))
def test_they_are_those_whom_the_evaluator_allows_it(seed: int) -> None:
    house = houses.make(Random(seed))
    for resource in ("", *houses.RESOURCES):
        for permission in houses.ASKED:
            found = holders.of(permission=permission, resource=resource, now=house.now)
            allowed = {
                person.pk
                for person in house.people
                if effective.allows(person, permission, resource=resource, now=house.now)
            }
            assert set(found.values_list("pk", flat=True)) == allowed


def test_they_come_by_own_grants_by_groups_and_by_the_flag_and_each_once() -> None:
    anna, bert, _cleo = (make_person(name) for name in ("anna", "bert", "cleo"))
    make_administrator()
    allow(anna, SEND)
    allow(make_group("editors", anna, bert), "letters.*")
    assert who() == ["anna", "bert", "root"]


def test_everybody_holds_what_the_role_of_everyone_holds_unless_denied() -> None:
    make_person("anna")
    bert = make_person("bert")
    make_person("cleo", is_active=False)
    make_role("sender", SEND)
    Inheritance.objects.create(role_id="member", inherits_id="sender")
    deny(make_group("interns", bert), "letters.*")
    assert who() == ["anna"]


def test_resource_has_the_holders_of_what_lies_above_it() -> None:
    allow(make_person("anna"), SEND, resource="org:7")
    allow(make_person("bert"), SEND, resource="project:12")
    place("project:12", "org:7")
    assert (who(), who(resource="org:7"), who(resource="project:12")) == ([], ["anna"], ["anna", "bert"])


@pytest.mark.parametrize("number", [1, 30])
def test_page_is_few_statements_whatever_the_number_of_people(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    role = make_role("sender", SEND)
    for each in range(number):
        give_role(make_person(f"p{each}"), role)
        deny(make_person(f"q{each}"), "letters.*")
    # What lies above, the roles that give, whether anything is denied, what that may be and by which roles, the page.
    with django_assert_num_queries(6):
        assert len(holders.of(permission=SEND, resource="org:7", now=utcnow())[:20]) == min(number, 20)
