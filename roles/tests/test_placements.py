import datetime as dt

import pytest

from audit.testing import the_entry
from kit.clock import utcnow
from kit.errors import Invalid, PermissionRefused
from roles import event_types, guards, placements
from roles.models import Grant, Placement
from roles.testing import allow, deny, make_group
from roles.testing import place as put
from roles.tests.people.making import make_administrator, make_person
from roles.tests.people.models import Person

pytestmark = pytest.mark.django_db

SEND, READ = "letters.send_letter", "letters.read_letter"
HOUR = dt.timedelta(hours=1)
LOWER, UPPER, TOP = "project:12", "org:7", "world:1"


def place(actor: Person | None = None, resource: str = LOWER, parent: str = UPPER) -> placements.Placed:
    return placements.place(resource=resource, parent=parent, actor=actor, now=utcnow())


def remove(actor: Person | None = None, resource: str = LOWER, parent: str = UPPER) -> None:
    placements.remove(resource=resource, parent=parent, actor=actor, now=utcnow())


def make_gardener(name: str = "gardener") -> Person:
    """Return somebody who orders resources and may do nothing else."""
    gardener = make_person(name)
    allow(gardener, "roles.add_placement", "roles.delete_placement")
    return gardener


def test_placement_carries_what_is_given_above_to_what_lies_below() -> None:
    anna, gardener = make_person(), make_gardener()
    allow(anna, SEND, resource=UPPER)
    assert not anna.has_perm(SEND, LOWER)
    assert place(gardener).created
    assert anna.has_perm(SEND, LOWER)
    remove(gardener)
    assert not anna.has_perm(SEND, LOWER)


def test_placement_is_told_and_the_same_twice_is_one() -> None:
    gardener = make_gardener()
    first, second = place(gardener), place(gardener)
    assert (first.placement.pk, second.created) == (second.placement.pk, False)
    entry = the_entry(event_types.PLACEMENT_MADE)
    assert (entry.actor, entry.target_kind, entry.target) == (gardener.pk, "resource", LOWER)
    assert entry.details == {"resource": LOWER, "parent": UPPER}


def test_entry_names_a_long_resource_whole() -> None:
    long = f"{LOWER}{'2' * 180}"
    place(None, long)
    assert the_entry(event_types.PLACEMENT_MADE).details["resource"] == long


def test_removal_is_told_and_what_is_not_there_is_not_found() -> None:
    put(LOWER, UPPER)
    remove()
    assert the_entry(event_types.PLACEMENT_REMOVED).target == LOWER
    with pytest.raises(placements.PlacementNotFound):
        remove()


@pytest.mark.parametrize(
    ("field", "resource", "parent"),
    [("resource", "org", UPPER), ("resource", "", UPPER), ("parent", LOWER, "a b"), ("parent", LOWER, "")],
)
def test_what_is_no_resource_is_refused_by_field(field: str, resource: str, parent: str) -> None:
    for act in (place, remove):
        with pytest.raises(Invalid) as caught:
            act(None, resource, parent)
        assert caught.value.field == field


def test_nothing_lies_below_itself() -> None:
    with pytest.raises(Invalid) as caught:
        place(None, LOWER, LOWER)
    assert (caught.value.field, caught.value.reason) == ("parent", "circle")


def test_circle_is_refused_however_deep() -> None:
    now = utcnow()
    chain = [(f"box:{number}", f"box:{number + 1}") for number in range(1000)]
    Placement.objects.bulk_create([Placement(resource=low, parent=high, created_at=now) for low, high in chain])
    with pytest.raises(Invalid) as caught:
        place(None, "box:1000", "box:0")
    assert (caught.value.reason, Placement.objects.count()) == ("circle", 1000)


def test_resource_has_twenty_parents_at_most() -> None:
    for number in range(placements.MOST_PARENTS):
        put(LOWER, f"org:{number}")
    with pytest.raises(placements.TooManyParents):
        place(None, LOWER, "org:20")


@pytest.mark.parametrize(("resource", "parent"), [("box:-1", "box:0"), ("box:4", "box:5"), ("shelf:1", "box:1")])
def test_line_has_so_many_levels_at_most(resource: str, parent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placements, "MOST_LEVELS", 4)
    for number in range(4):
        place(None, f"box:{number}", f"box:{number + 1}")
    place(None, "shelf:0", "shelf:1")
    with pytest.raises(placements.TooDeep):
        place(None, resource, parent)
    assert place(None, "shelf:1", "box:2").created


def test_resource_has_so_many_above_it_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placements, "MOST_ABOVE", 3)
    for number in range(2):
        place(None, UPPER, f"world:{number}")
    place(None)
    with pytest.raises(placements.TooDeep):
        place(None, LOWER, "org:8")
    assert Placement.objects.count() == 3


@pytest.mark.parametrize("held_on", [None, LOWER, UPPER])
def test_both_resources_must_be_hers_to_order(held_on: str | None) -> None:
    anna = make_person()
    if held_on:
        allow(anna, "roles.*", resource=held_on)
    with pytest.raises(PermissionRefused):
        place(anna)


@pytest.mark.parametrize("held_on", [None, LOWER])
def test_both_resources_must_be_hers_to_part(held_on: str | None) -> None:
    anna = make_person()
    put(LOWER, UPPER)
    if held_on:
        allow(anna, "roles.*", resource=held_on)
    with pytest.raises(PermissionRefused):
        remove(anna)


@pytest.mark.parametrize("by_group", [False, True])
def test_nobody_gains_by_a_placement_of_her_own(by_group: bool) -> None:
    gardener = make_gardener()
    allow(make_group("sales", gardener) if by_group else gardener, SEND, resource=TOP)
    put(UPPER, TOP)
    with pytest.raises(guards.BeyondReach):
        place(gardener)
    assert not Placement.objects.filter(resource=LOWER).exists()
    assert not gardener.has_perm(SEND, LOWER)


@pytest.mark.parametrize("also_on", ["", LOWER])
def test_what_she_holds_below_already_is_no_gain(also_on: str) -> None:
    gardener = make_gardener()
    allow(gardener, SEND, resource=UPPER)
    allow(gardener, "letters.*", resource=also_on)
    assert place(gardener).created


def test_master_orders_what_she_likes() -> None:
    assert place(make_administrator()).created


def test_nobody_gains_time_by_a_placement() -> None:
    gardener, now = make_gardener(), utcnow()
    ends = {UPPER: now + 2 * HOUR, LOWER: now + HOUR}
    for resource, end in ends.items():
        Grant.objects.filter(pk=allow(gardener, SEND, resource=resource).pk).update(expires_at=end)
    with pytest.raises(guards.BeyondReach):
        place(gardener)


def test_nobody_flees_a_denial_by_removing_a_placement() -> None:
    gardener = make_gardener()
    put(LOWER, UPPER)
    put("page:1", LOWER)
    allow(gardener, SEND, resource="page:1")
    deny(gardener, SEND, resource=UPPER)
    with pytest.raises(guards.BeyondReach):
        remove(gardener)
    assert not gardener.has_perm(SEND, "page:1")


def test_denial_that_reaches_by_another_way_too_is_no_hindrance() -> None:
    gardener = make_gardener()
    deny(gardener, SEND, resource=TOP)
    for resource, parent in ((UPPER, TOP), (LOWER, UPPER), (LOWER, TOP)):
        put(resource, parent)
    remove(gardener)
    assert Placement.objects.filter(resource=LOWER).count() == 1


def test_refusal_leaves_an_entry() -> None:
    anna = make_person()
    with pytest.raises(PermissionRefused):
        place(anna)
    entry = the_entry(event_types.PLACEMENT_MADE)
    assert entry.outcome == "refused"
    assert entry.details == {"resource": LOWER, "parent": UPPER, "reason": "PermissionRefused"}
