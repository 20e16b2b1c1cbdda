import datetime as dt
import os
from collections import Counter
from random import Random

import pytest
from pytest_django import DjangoAssertNumQueries

from kit.clock import utcnow
from roles import declarations, definitions, deltas, effective, lineage, planning, stamps
from roles.definitions import Definition
from roles.models import Inheritance, RolePermission
from roles.planning import Plan, Proposed
from roles.testing import allow, deny, forget_sets, give_role, make_group, make_role, place
from roles.tests import houses
from roles.tests.people.making import make_administrator, make_person

pytestmark = pytest.mark.django_db

SEND, READ = "letters.send_letter", "letters.read_letter"
# `GATEHOUSE_PLANS=1200` compares so many.
HOUSES = int(os.environ.get("GATEHOUSE_PLANS", "40"))
PLACES = ("", *houses.RESOURCES)

Point = tuple[object, str]  # a person, a resource
Held = dict[Point, frozenset[str]]


def held_by_all(house: houses.House, names: frozenset[str]) -> Held:
    """Ask the evaluator of everybody about everything everywhere."""
    forget_sets()
    above = lineage.above_all(houses.RESOURCES)
    return {
        (person.pk, at): frozenset(name for name in names if found.allows(name, at, above.get(at, ())))
        for person in house.people
        for found in [effective.of(person, now=house.now)]
        for at in PLACES
    }


def save(proposed: Proposed) -> None:
    """Make the roles what was proposed."""
    RolePermission.objects.filter(role__in=proposed).delete()
    Inheritance.objects.filter(role__in=proposed).delete()
    for name, role in proposed.items():
        for permission in role.permissions if role else ():
            RolePermission.objects.create(role_id=name, permission=permission)
        for inherited in role.inherits if role else ():
            Inheritance.objects.create(role_id=name, inherits_id=inherited)
    stamps.renew_house()


def propose(random: Random) -> Proposed:
    """Return other roles than those there are: some of them, one of which may go."""
    found: dict[str, Definition | None] = {}
    for name in random.sample((*houses.ROLES, "member"), random.randint(1, 3)):
        later = houses.ROLES[houses.ROLES.index(name) + 1 :] if name in houses.ROLES else houses.ROLES
        held = random.sample(houses.HELD, random.choice((0, 1, 1, 2)))
        inherits = frozenset(each for each in later if random.random() < 0.25)
        found[name] = Definition(permissions=frozenset(held), inherits=inherits) if random.random() < 0.9 else None
    return found


def expected(before: Held, after: Held) -> dict[Point, tuple[frozenset[str], frozenset[str]]]:
    """Return what each person gains and loses at each point, without what she gains or loses everywhere anyway."""
    whole = {point: (after[point] - before[point], before[point] - after[point]) for point in before}
    return {
        (user, at): (gained, lost) if at == "" else (gained - whole[user, ""][0], lost - whole[user, ""][1])
        for (user, at), (gained, lost) in whole.items()
    }


def universe(proposed: Proposed) -> frozenset[str]:
    now = definitions.read()
    new = {name: role for name, role in proposed.items() if role}
    return deltas.universe(now, new, known=declarations.read())


@pytest.mark.parametrize("seed", range(HOUSES))
def test_plan_is_what_comes_true(seed: int) -> None:
    random = Random(seed)
    house, proposed = houses.make(random), propose(random)
    names = universe(proposed)
    before = held_by_all(house, names)
    plan = planning.of(proposed, now=house.now)
    save(proposed)
    wanted = expected(before, held_by_all(house, names))
    told = {(change.user, change.resource): (change.gained, change.lost) for change in plan.changes}
    assert told == {point: wanted[point] for point in told}
    assert_nothing_is_left_out(wanted, told)
    assert_counts(plan)


def assert_nothing_is_left_out(
    wanted: dict[Point, tuple[frozenset[str], frozenset[str]]],
    told: dict[Point, tuple[frozenset[str], frozenset[str]]],
) -> None:
    """Find each change at its point itself, or at one above that reaches it."""
    above = lineage.above_all(houses.RESOURCES)
    nothing: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())
    for (user, at), changes in wanted.items():
        line = [told.get((user, each), nothing) for each in (at, *above.get(at, ()))]
        for way, names in enumerate(changes):
            assert names <= frozenset().union(*(one[way] for one in line)), (user, at)


def assert_counts(plan: Plan) -> None:
    gained, lost = (
        Counter(
            name
            for user in {change.user for change in plan.changes}
            for name in frozenset[str]().union(*(getattr(each, way) for each in plan.changes if each.user == user))
        )
        for way in ("gained", "lost")
    )
    assert (plan.gained, plan.lost, plan.people) == (gained, lost, len({change.user for change in plan.changes}))


def planned(role: str, *permissions: str, inherits: tuple[str, ...] = ()) -> Plan:
    definition = Definition(permissions=frozenset(permissions), inherits=frozenset(inherits))
    return planning.of({role: definition}, now=utcnow())


def told(plan: Plan) -> list[tuple[str, str, list[str], list[str]]]:
    return [
        (change.name.partition("@")[0], change.resource, plan.short(change.gained), plan.short(change.lost))
        for change in plan.changes
    ]


def test_plan_names_who_gains_and_who_loses_and_nobody_else() -> None:
    make_role("editor", READ)
    make_role("chief", SEND, inherits=["editor"])
    for name, role in (("anna", "editor"), ("bert", "chief"), ("cleo", "auditor")):
        give_role(make_person(name), role)
    plan = planned("editor", SEND)
    assert told(plan) == [("anna", "", [SEND], [READ]), ("bert", "", [], [READ])]
    assert (plan.people, plan.gained, plan.lost) == (2, {SEND: 1}, {READ: 2})


def test_nothing_changes_where_the_proposal_is_what_there_is() -> None:
    give_role(make_person(), make_role("editor", READ))
    assert planned("editor", READ).changes == ()


def test_who_has_it_otherwise_neither_gains_nor_loses() -> None:
    anna, root = make_person("anna"), make_administrator()
    make_role("editor", READ)
    allow(anna, "letters.*")
    for person in (anna, root):
        give_role(person, "editor")
    assert planned("editor", SEND).changes == ()


def test_role_of_everybody_concerns_everybody_who_is_active() -> None:
    make_person("anna")
    make_person("bert", is_active=False)
    deny(make_person("cleo"), SEND)
    assert told(planned("member", SEND, READ)) == [("anna", "", [READ, SEND], []), ("cleo", "", [READ], [])]


def test_new_role_that_goes_to_nobody_and_one_that_goes_are_planned() -> None:
    make_role("editor", READ)
    give_role(make_person("anna"), "editor")
    assert planned("brand-new", SEND).people == 0
    assert told(planning.of({"editor": None}, now=utcnow())) == [("anna", "", [], [READ])]


def test_member_of_a_group_gains_on_the_resource_of_the_grant() -> None:
    give_role(make_group("editors", make_person("anna")), make_role("editor"), resource="org:7")
    assert told(planned("editor", SEND)) == [("anna", "org:7", [SEND], [])]


def test_what_is_gained_everywhere_is_not_told_again_for_a_resource() -> None:
    anna = make_person("anna")
    make_role("editor")
    give_role(anna, "editor")
    give_role(anna, "editor", resource="org:7")
    assert told(planned("editor", SEND)) == [("anna", "", [SEND], [])]


def test_ended_grant_gains_nothing() -> None:
    now = utcnow()
    give_role(make_person(), make_role("editor"), expires_at=now + dt.timedelta(hours=1))
    proposed = {"editor": Definition(permissions=frozenset({SEND}))}
    people = [planning.of(proposed, now=now + dt.timedelta(hours=hours)).people for hours in (0, 1)]
    assert people == [1, 0]


def test_denial_that_grows_takes_away_the_wildcard_with_the_name() -> None:
    anna = make_person("anna")
    allow(anna, "letters.*")
    give_role(anna, make_role("banned"), denies=True)
    assert told(planned("banned", SEND)) == [("anna", "", [], ["letters.*", SEND])]


def test_change_where_a_grant_and_a_denial_meet_below_is_told_there() -> None:
    anna = make_person("anna")
    allow(anna, SEND, resource="org:1")
    give_role(anna, make_role("banned", SEND), resource="org:2", denies=True)
    for parent in ("org:1", "org:2"):
        place("project:12", parent)
    assert told(planned("banned")) == [("anna", "project:12", [SEND], [])]


def test_wildcard_that_is_gained_with_all_it_covers_is_told_alone() -> None:
    anna = make_person("anna")
    give_role(anna, make_role("editor", READ))
    [change] = planned("editor", "letters.*", READ).changes
    assert change.gained == {"letters.*", SEND}
    give_role(anna, make_role("sender"))
    assert [each[2] for each in told(planned("sender", "stamps.*"))] == [["stamps.*"]]


def test_changes_of_the_first_people_are_kept_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "AT_ONCE", 2)
    make_role("editor")
    for number in range(5):
        give_role(make_person(f"p{number}"), "editor")
    proposed, heard = {"editor": Definition(permissions=frozenset({SEND}))}, list[tuple[int, int]]()
    plan = planning.of(proposed, now=utcnow(), most=3, progress=lambda done, of: heard.append((done, of)))
    assert (plan.people, [change.name[:2] for change in plan.changes]) == (5, ["p0", "p1", "p2"])
    assert heard == [(2, 5), (4, 5), (5, 5)]


def test_plan_is_given_up_while_roles_keep_changing() -> None:
    give_role(make_person(), make_role("editor"))
    proposed = {"editor": Definition(permissions=frozenset({SEND}))}
    with pytest.raises(planning.Unsettled):
        planning.of(proposed, now=utcnow(), progress=lambda _done, _of: stamps.renew_house())


def test_plan_writes_nothing_and_costs_the_same_for_few_and_many(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_role("editor")
    for number in range(30):
        give_role(make_person(f"p{number}"), "editor", resource=f"org:{number}")
    # The stamp twice, roles (three) and vocabulary, whom it concerns, what it is for them.
    with django_assert_num_queries(8) as captured:
        assert planned("editor", SEND).people == 30
    assert {query["sql"].split()[0] for query in captured.captured_queries} == {"SELECT", "WITH"}


def test_circle_of_roles_is_planned_too() -> None:
    give_role(make_person("anna"), make_role("one", READ))
    make_role("two", inherits=["one"])
    assert told(planned("one", SEND, inherits=("two",))) == [("anna", "", [SEND], [READ])]
