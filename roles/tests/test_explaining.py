import datetime as dt
import tracemalloc
from random import Random

import pytest
from pytest_django import DjangoAssertNumQueries

from kit.clock import utcnow
from roles import effective, explaining, grants
from roles.explaining import Explanation, Kind
from roles.models import Inheritance, Placement, Role
from roles.testing import allow, deny, give_role, make_group, make_role, place
from roles.tests import houses
from roles.tests.people.making import make_administrator, make_person
from roles.tests.people.models import Person

pytestmark = pytest.mark.django_db

SEND = "letters.send_letter"


def why(person: Person, permission: str = SEND, resource: str = "", now: dt.datetime | None = None) -> Explanation:
    return explaining.explain(person, permission=permission, resource=resource, now=now or utcnow())


@pytest.mark.parametrize("seed", range(20))
def test_verdict_is_that_of_the_evaluator_for_everybody_everywhere(seed: int) -> None:
    random = Random(seed)
    house = houses.make(random)
    for _ in range(20):
        person, resource = random.choice(house.people), random.choice(("", *houses.RESOURCES))
        permission = random.choice(houses.ASKED)
        found = explaining.explain(person, permission=permission, resource=resource, now=house.now)
        assert found.allowed == effective.allows(person, permission, resource=resource, now=house.now)
        assert found.because


def test_way_leads_from_the_grant_through_the_roles_to_the_permission() -> None:
    anna, giver = make_person("anna"), make_administrator()
    make_role("sender", "letters.*")
    make_role("editor", inherits=["sender"])
    make_role("chief", inherits=["editor"])
    given = grants.give(holder=anna, role="chief", reason="She leads", actor=giver, now=utcnow()).grant
    [reason] = why(anna).because
    assert (reason.kind, reason.roles, reason.permission) == (Kind.GRANT, ("chief", "editor", "sender"), "letters.*")
    assert (reason.grant, reason.given_by, reason.reason) == (given.pk, giver.pk, "She leads")
    assert reason.detail == (
        "The role chief was given everywhere. It inherits editor, which inherits sender, which holds letters.*."
    )


def test_of_several_ways_of_one_grant_the_shortest_is_told() -> None:
    anna = make_person()
    make_role("far", SEND)
    make_role("near", SEND)
    make_role("between", inherits=["far"])
    make_role("chief", inherits=["between", "near"])
    give_role(anna, "chief")
    assert why(anna).because[0].roles == ("chief", "near")


def test_role_that_holds_the_name_and_its_wildcard_is_told_by_the_name() -> None:
    anna = make_person()
    allow(anna, "*", "letters.*", SEND)
    assert why(anna).because[0].permission == SEND


def test_circle_of_roles_is_explained_too() -> None:
    anna = make_person()
    make_role("one", SEND)
    make_role("two", inherits=["one"])
    Inheritance.objects.create(role_id="one", inherits_id="two")
    give_role(anna, "two")
    assert why(anna).because[0].roles == ("two", "one")


def test_resource_is_told_with_the_line_by_which_the_grant_reaches_it() -> None:
    anna = make_person()
    give_role(anna, make_role("sender", SEND), resource="org:7", expires_at=dt.datetime(2999, 1, 2, tzinfo=dt.UTC))
    place("team:3", "org:7")
    place("project:12", "team:3")
    [reason] = why(anna, resource="project:12").because
    assert reason.line == ("project:12", "team:3", "org:7")
    assert reason.detail == (
        "The role sender was given on org:7 (project:12 lies below team:3 below org:7), until 2999-01-02 00:00 UTC. "
        f"It holds {SEND}."
    )


def test_grant_on_the_resource_itself_needs_no_line() -> None:
    anna = make_person()
    give_role(anna, make_role("sender", SEND), resource="org:7")
    assert why(anna, resource="org:7").because[0].detail == f"The role sender was given on org:7. It holds {SEND}."


def test_group_is_named() -> None:
    anna = make_person()
    give_role(make_group("editors", anna), make_role("sender", SEND))
    [reason] = why(anna).because
    assert reason.group == "editors"
    assert reason.detail == f"The role sender was given to the group editors everywhere. It holds {SEND}."


def test_what_everyone_has_and_the_flag_of_a_superuser_are_told_without_a_grant() -> None:
    make_role("reader", SEND)
    Inheritance.objects.create(role_id="member", inherits_id="reader")
    told = [reason.detail for reason in why(make_administrator()).because]
    assert told == [
        "A superuser holds everything.",
        f"Everyone has the role member. It inherits reader, which holds {SEND}.",
    ]


def test_denial_is_the_reason_and_not_what_it_wins_over() -> None:
    anna = make_person()
    allow(anna, SEND)
    give_role(anna, make_role("banned", "letters.*"), denies=True)
    found = why(anna)
    assert (found.allowed, found.needed) == (False, ())
    assert [reason.detail for reason in found.because] == [
        "The role banned is denied everywhere. It holds letters.*. A denial wins over every grant."
    ]


def test_denial_that_ends_says_when_and_once_ended_is_no_reason() -> None:
    anna, now = make_person(), utcnow()
    allow(anna, SEND)
    end = dt.datetime(2999, 1, 2, tzinfo=dt.UTC)
    give_role(make_group("interns", anna), make_role("banned", SEND), denies=True, expires_at=end)
    assert (
        why(anna, now=now)
        .because[0]
        .detail.startswith("The role banned is denied to the group interns everywhere, until 2999-01-02 00:00 UTC.")
    )
    assert why(anna, now=end).allowed


def test_denial_of_one_action_denies_the_wildcard() -> None:
    anna = make_person()
    allow(anna, "letters.*")
    deny(anna, SEND)
    assert why(anna, "letters.*").because[0].kind == Kind.DENIAL


def test_grant_that_has_ended_is_told_as_such() -> None:
    anna, now = make_person(), utcnow()
    end = now + dt.timedelta(hours=1)
    give_role(anna, make_role("sender", SEND), expires_at=end)
    [reason] = why(anna, now=end).because
    assert reason.kind == Kind.ENDED
    assert reason.detail == (
        f"The role sender was given everywhere, and that ended {end:%Y-%m-%d %H:%M} UTC. It holds {SEND}."
    )


def test_where_nothing_is_given_the_roles_that_would_do_are_named() -> None:
    make_role("sender", SEND)
    make_role("chief", inherits=["sender"])
    Role.objects.filter(name="chief").update(requestable=True)
    found = why(make_person())
    assert [reason.detail for reason in found.because] == [f"No role that was given holds {SEND} there."]
    assert [role.name for role in found.needed] == ["chief", "administrator", "sender"]


def test_inactive_person_is_told_as_such() -> None:
    anna = make_person(is_active=False)
    allow(anna, SEND)
    assert [reason.detail for reason in why(anna).because] == ["The account is not active, and so may do nothing."]


def test_what_lasts_is_told_before_what_ends_and_the_short_before_the_long() -> None:
    anna = make_person()
    make_role("sender", SEND)
    make_role("chief", inherits=["sender"])
    hour = utcnow() + dt.timedelta(hours=1)
    give_role(anna, "sender", expires_at=hour)
    give_role(anna, "chief")
    give_role(anna, "sender", resource="org:7", expires_at=hour + dt.timedelta(hours=1))
    told = [(reason.roles[0], reason.resource) for reason in why(anna, resource="org:7").because]
    assert told == [("chief", ""), ("sender", "org:7"), ("sender", "")]


@pytest.mark.parametrize("number", [1, 60])
def test_cost_and_length_do_not_grow_with_the_number_of_grants(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    anna = make_person()
    for each in range(number):
        give_role(anna, make_role(f"sender-{each}", SEND))
    with django_assert_num_queries(3):
        found = why(anna, resource="org:7")
    assert len(found.because) == min(number, explaining.MOST)


def test_long_line_takes_no_more_room_than_its_length() -> None:
    anna, now = make_person(), utcnow()
    chain = [(f"box:{number}", f"box:{number + 1}") for number in range(3000)]
    Placement.objects.bulk_create([Placement(resource=low, parent=high, created_at=now) for low, high in chain])
    allow(anna, SEND, resource="box:3000")
    tracemalloc.start()
    try:
        [reason] = why(anna, resource="box:0").because
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (len(reason.line), reason.line[0], reason.line[-1]) == (3001, "box:0", "box:3000")
    assert peak < 10_000_000
