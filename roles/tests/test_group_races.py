"""Groups and placements changed by many at once, on whichever database the suite runs."""

from typing import Any

import pytest

from audit.testing import entries
from kit.clock import utcnow
from kit.errors import Invalid, Refusal
from roles import event_types, grants, groups, guards, placements
from roles.models import Grant, Group, Membership, Placement
from roles.testing import allow, give_role, make_group
from roles.tests.people.making import make_person
from roles.tests.people.models import Person
from roles.tests.test_races import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)

SEND = "letters.send_letter"


def joining(user: Person) -> Any:
    return lambda: groups.join(name="sales", user=user, actor=None, now=utcnow())


def leaving(user: Person, name: str = "sales") -> Any:
    return lambda: groups.leave(name=name, user=user, actor=None, now=utcnow())


def deleting() -> None:
    groups.delete(name="sales", actor=None, now=utcnow())


def placing(resource: str, parent: str) -> Any:
    return lambda: placements.place(resource=resource, parent=parent, actor=None, now=utcnow())


def test_person_who_joins_many_times_at_once_is_one_member() -> None:
    anna = make_person()
    make_group("sales")
    outcomes = all_at_once(*[joining(anna)] * 8)
    assert sum(joined.created for joined in outcomes) == Membership.objects.count() == 1
    assert len(entries(event_types.MEMBER_ADDED)) == 1


def test_person_is_taken_out_once_by_many_at_once() -> None:
    anna = make_person()
    make_group("sales", anna)
    outcomes = all_at_once(*[leaving(anna)] * 4)
    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, groups.NotAMember) for outcome in outcomes) == 3


@pytest.mark.parametrize("attempt", range(3))
def test_group_that_is_deleted_as_others_join_it_or_give_it_roles_is_gone(attempt: int) -> None:
    people = [make_person(f"person-{number}") for number in range(3)]
    group = make_group("sales")
    allow(group, SEND)
    giving = lambda: grants.give(holder=group, role="auditor", actor=None, now=utcnow())  # noqa: E731
    outcomes = all_at_once(deleting, *[joining(person) for person in people], giving)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    assert all(isinstance(refusal, groups.GroupNotFound) for refusal in refused)
    assert (Group.objects.count(), Membership.objects.count(), Grant.objects.count()) == (0, 0, 0)
    assert not any(person.has_perm(SEND) for person in people)


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_last_masters_who_leave_their_groups_at_once_one_stays(attempt: int) -> None:
    pair = {"sales": make_person("first"), "owners": make_person("second")}
    for name, person in pair.items():
        give_role(make_group(name, person), "administrator")
    outcomes = all_at_once(*[leaving(person, name) for name, person in pair.items()])
    assert sorted(map(type, outcomes), key=str) == sorted([type(None), guards.LastHolder], key=str)
    assert Membership.objects.count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_placements_that_would_make_a_circle_one_is_made(attempt: int) -> None:
    outcomes = all_at_once(placing("box:1", "box:2"), placing("box:2", "box:1"))
    [circle] = [outcome for outcome in outcomes if isinstance(outcome, Invalid)]
    assert (circle.reason, Placement.objects.count()) == ("circle", 1)


def test_same_placement_from_many_at_once_is_one() -> None:
    outcomes = all_at_once(*[placing("box:1", "box:2")] * 8)
    assert sum(placed.created for placed in outcomes) == Placement.objects.count() == 1
    assert len(entries(event_types.PLACEMENT_MADE)) == 1


def test_no_more_than_twenty_parents_by_many_at_once() -> None:
    for number in range(18):
        placing("box:1", f"shelf:{number}")()
    outcomes = all_at_once(*[placing("box:1", f"rack:{number}") for number in range(6)])
    assert sum(isinstance(outcome, placements.TooManyParents) for outcome in outcomes) == 4
    assert Placement.objects.filter(resource="box:1").count() == placements.MOST_PARENTS
