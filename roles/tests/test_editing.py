from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from audit.testing import entries
from kit.clock import utcnow
from kit.errors import Invalid
from roles import definitions, editing, event_types, hierarchy, vocabulary
from roles.definitions import Definition
from roles.models import AccessRequest, Grant, Inheritance, Role
from roles.testing import allow, give_role, make_role
from roles.tests.people.making import make_administrator, make_person
from roles.tests.people.models import Person

pytestmark = pytest.mark.django_db

SEND, READ, BUY = "letters.send_letter", "letters.read_letter", "stamps.buy_stamp"


def create(name: str = "clerk", *permissions: str, actor: Person | None = None, **more: Any) -> Role:
    definition = Definition(permissions=frozenset(permissions), **more)
    return editing.create(name=name, definition=definition, actor=actor, now=utcnow())


def change(role: str = "clerk", actor: Person | None = None, **changes: Any) -> Role:
    return editing.change(role=role, actor=actor, now=utcnow(), **changes)


def delete(role: str = "clerk", actor: Person | None = None) -> None:
    editing.delete(role=role, actor=actor, now=utcnow())


def make_editor(*permissions: str, name: str = "editor") -> Person:
    """Make somebody who may edit roles and holds these permissions."""
    editor = make_person(name)
    allow(editor, "roles.add_role", "roles.change_role", "roles.delete_role", *permissions)
    return editor


def test_role_holds_what_it_was_made_of_and_what_it_inherits() -> None:
    make_role("reader", READ)
    create("clerk", SEND, inherits=frozenset({"reader"}), description=" Writes letters ", requestable=True)
    assert hierarchy.permissions_of("clerk") == {SEND, READ}
    assert definitions.of("clerk") == Definition(
        description="Writes letters",
        permissions=frozenset({SEND}),
        inherits=frozenset({"reader"}),
        requestable=True,
    )


def test_change_is_in_force_at_the_next_question_and_leaves_the_rest() -> None:
    create("clerk", SEND, description="Writes")
    anna = make_person()
    give_role(anna, "clerk")
    assert anna.has_perm(SEND)
    change(permissions=[READ])
    assert (anna.has_perm(SEND), anna.has_perm(READ)) == (False, True)
    assert definitions.of("clerk") == Definition(description="Writes", permissions=frozenset({READ}))


def test_entries_tell_the_difference() -> None:
    editor = make_editor(SEND, READ)
    create("clerk", SEND, actor=editor)
    change(actor=editor, permissions=[READ], requestable=True)
    delete(actor=editor)
    told = [entries(event)[-1] for event in (event_types.ROLE_CREATED, event_types.ROLE_CHANGED)]
    assert [entry.details for entry in told] == [
        {"added": SEND},
        {"added": READ, "removed": SEND, "requestable": "yes"},
    ]
    assert {(entry.actor, entry.target) for entry in told} == {(editor.pk, "clerk")}
    assert entries(event_types.ROLE_DELETED)[-1].details == {"removed": READ, "requestable": "no"}


def test_change_that_changes_nothing_leaves_no_entry() -> None:
    create("clerk", SEND)
    change(permissions=[SEND])
    assert entries(event_types.ROLE_CHANGED) == []


def test_long_difference_is_told_whole_in_several_entries() -> None:
    names = vocabulary.of_apps().names
    create("everything", *names)
    told = [entry.details.get("added", "") for entry in entries(event_types.ROLE_CREATED)]
    assert len(told) > 1
    assert sorted(" ".join(told).split()) == sorted(names)


@pytest.mark.parametrize("name", ["", "Clerk", "1clerk", "c" * 65, "clerk\n", "cl erk", "\x00"])
def test_name_that_no_role_can_have_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        create(name)
    assert (refusal.value.field, refusal.value.reason) == ("name", "invalid_name")


@pytest.mark.parametrize("name", ["assign", "revoke", "grants", "explain"])
def test_name_of_a_call_beside_the_roles_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        create(name)
    assert refusal.value.reason == "reserved"


def test_name_that_is_taken_is_refused() -> None:
    create()
    with pytest.raises(Invalid) as refusal:
        create()
    assert refusal.value.reason == "taken"


@pytest.mark.parametrize("name", ["letters.burn_letter", "shop.*", "letters", "", "**", "\x00"])
def test_unknown_permission_is_refused_on_making_and_changing(name: str) -> None:
    create("clerk", SEND)
    attempts: list[Callable[[], object]] = [
        lambda: create("other", name),
        lambda: change(permissions=[SEND, name]),
    ]
    for attempt in attempts:
        with pytest.raises(Invalid) as refusal:
            attempt()
        assert (refusal.value.field, refusal.value.reason) == ("permissions", "unknown_permission")
    assert not Role.objects.filter(name="other").exists()
    assert hierarchy.permissions_of("clerk") == {SEND}


def test_permission_that_is_no_longer_known_may_stay_and_go_but_not_come_back() -> None:
    make_role("clerk", SEND, "gone.do_thing")
    change(permissions=[READ, "gone.do_thing"])
    change(permissions=[READ])
    with pytest.raises(Invalid):
        change(permissions=[READ, "gone.do_thing"])


@pytest.mark.parametrize("name", ["nobody", "", "\x00", "X" * 300])
@pytest.mark.parametrize("by_staff", [True, False])
def test_unknown_role_cannot_be_inherited(name: str, by_staff: bool) -> None:
    with pytest.raises(Invalid) as refusal:
        create("clerk", inherits=frozenset({name}), actor=make_administrator() if by_staff else None)
    assert (refusal.value.field, refusal.value.reason) == ("inherits", "unknown_role")


@pytest.mark.parametrize(("field", "most"), [("permissions", 500), ("inherits", 50)])
def test_role_of_too_many_parts_is_refused(field: str, most: int) -> None:
    parts: dict[str, Any] = {field: frozenset(f"shop.do-{number}" for number in range(most + 1))}
    with pytest.raises(Invalid) as refusal:
        editing.create(name="clerk", definition=Definition(**parts), actor=None, now=utcnow())
    assert (refusal.value.field, refusal.value.reason) == (field, "max_length")


def test_description_of_two_lines_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        create("clerk", description="one\ntwo")
    assert refusal.value.field == "description"


def assert_circle(role: str, inherits: list[str]) -> None:
    before = Inheritance.objects.count()
    with pytest.raises(Invalid) as refusal:
        change(role, inherits=inherits)
    assert (refusal.value.field, refusal.value.reason) == ("inherits", "circle")
    assert Inheritance.objects.count() == before


def test_role_cannot_inherit_itself() -> None:
    create("clerk", SEND)
    assert_circle("clerk", ["clerk"])


def test_circle_is_refused_through_a_thousand_roles() -> None:
    names = [f"level-{number}" for number in range(1000)]
    Role.objects.bulk_create([Role(name=name) for name in names])
    Inheritance.objects.bulk_create([Inheritance(role_id=upper, inherits_id=lower) for lower, upper in pairwise(names)])
    assert_circle(names[0], [names[-1]])
    change(names[0], permissions=[SEND])
    assert hierarchy.permissions_of(names[-1]) == {SEND}


def test_role_reached_on_two_ways_is_no_circle() -> None:
    make_role("base", SEND)
    make_role("left", inherits=["base"])
    make_role("right", inherits=["base"])
    create("top", inherits=frozenset({"left", "right"}))
    assert hierarchy.permissions_of("top") == {SEND}


@pytest.mark.parametrize("changes", [{"permissions": ["*"]}, {"description": "Mine"}, {"inherits": ["administrator"]}])
def test_built_in_role_stays_as_it_is(changes: dict[str, Any]) -> None:
    with pytest.raises(editing.BuiltInRole):
        change("auditor", **changes)
    assert "*" not in hierarchy.permissions_of("auditor")


def test_staff_decide_whether_a_built_in_role_is_sensitive_or_may_be_asked_for() -> None:
    change("administrator", sensitive=True)
    change("auditor", requestable=True)
    assert Role.objects.get(name="administrator").sensitive
    assert Role.objects.get(name="auditor").requestable


@pytest.mark.parametrize("changes", [{"sensitive": True}, {"requestable": True}])
def test_what_everybody_has_is_neither_sensitive_nor_asked_for(changes: dict[str, Any]) -> None:
    with pytest.raises(editing.BuiltInRole):
        change("member", **changes)


def test_built_in_role_cannot_be_deleted() -> None:
    with pytest.raises(editing.BuiltInRole):
        delete("notifier")


@pytest.mark.parametrize("name", ["nobody", "\x00", "Clerk", "c" * 400])
def test_role_that_is_not_there_is_not_found(name: str) -> None:
    for attempt in (delete, change):
        with pytest.raises(editing.RoleNotFound):
            attempt(name)


def test_role_that_somebody_has_or_is_denied_cannot_be_deleted() -> None:
    create("clerk", SEND)
    give_role(make_person(), "clerk", denies=True)
    with pytest.raises(editing.RoleInUse):
        delete()
    Grant.objects.all().delete()
    delete()
    assert not Role.objects.filter(name="clerk").exists()


def test_role_that_another_inherits_cannot_be_deleted() -> None:
    create("clerk", SEND)
    make_role("chief", inherits=["clerk"])
    with pytest.raises(editing.RoleInUse):
        delete()
    delete("chief")
    delete()


def test_role_that_somebody_asks_for_cannot_be_deleted() -> None:
    create("clerk", SEND)
    anna, now = make_person(), utcnow()
    request = AccessRequest.objects.create(
        user_id=anna.pk, role_id="clerk", reason="x", asked_by=anna.pk, asked_at=now, lapses_at=now
    )
    with pytest.raises(editing.RoleInUse):
        delete()
    request.state = AccessRequest.State.REFUSED
    request.save()
    delete()
