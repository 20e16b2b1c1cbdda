"""Who may edit which role, and what no edit may do."""

import datetime as dt
from typing import Any

import pytest

from audit.testing import entries
from kit.clock import utcnow
from kit.errors import PermissionRefused
from roles import editing, event_types, guards, hierarchy
from roles.models import Role
from roles.testing import allow, deny, give_role, make_group, make_role
from roles.tests.people.making import make_administrator, make_person
from roles.tests.people.models import Person
from roles.tests.test_editing import BUY, READ, SEND, change, create, delete, make_editor

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


@pytest.mark.parametrize("permission", ["add", "change", "delete"])
def test_each_verb_needs_its_own_permission_and_a_refusal_is_recorded(permission: str) -> None:
    make_role("clerk")
    attempts = {"add": lambda actor: create("other", actor=actor), "change": _describe, "delete": _delete}
    attempt, anna = attempts.pop(permission), make_person()
    allow(anna, *(f"roles.{verb}_role" for verb in attempts))
    with pytest.raises(PermissionRefused):
        attempt(anna)
    allow(anna, f"roles.{permission}_role")
    attempt(anna)
    events = (event_types.ROLE_CREATED, event_types.ROLE_CHANGED, event_types.ROLE_DELETED)
    assert [entry.outcome for event in events for entry in entries(event)] == ["refused", "done"]


def _describe(actor: Person) -> None:
    change(actor=actor, description="Writes")


def _delete(actor: Person) -> None:
    delete(actor=actor)


def test_nobody_makes_a_role_of_more_than_they_hold() -> None:
    editor = make_editor(SEND)
    create("clerk", SEND, actor=editor)
    for more in ([READ], ["letters.*"], ["*"]):
        with pytest.raises(guards.BeyondReach):
            create("other", SEND, *more, actor=editor)
    assert not Role.objects.filter(name="other").exists()


def test_nobody_inherits_more_than_they_hold() -> None:
    editor = make_editor(SEND)
    make_role("reader", READ)
    make_role("heir", inherits=["reader"])
    for inherited in ("heir", "administrator"):
        with pytest.raises(guards.BeyondReach):
            create("clerk", SEND, inherits=frozenset({inherited}), actor=editor)


def test_editor_cannot_add_to_her_own_role_what_she_lacks() -> None:
    make_role("editors", "roles.change_role", SEND)
    editor = make_person("editor")
    give_role(editor, "editors")
    with pytest.raises(guards.BeyondReach):
        change("editors", actor=editor, permissions=["roles.change_role", SEND, READ])
    assert not editor.has_perm(READ)


@pytest.mark.parametrize("changes", [{}, {"permissions": []}, {"description": "Mine"}, {"requestable": True}])
def test_role_that_holds_more_than_its_editor_is_beyond_reach(changes: dict[str, Any]) -> None:
    make_role("base", READ)
    make_role("clerk", SEND, inherits=["base"])
    with pytest.raises(guards.BeyondReach):
        change(actor=make_editor(SEND), **changes)
    change(actor=make_editor(SEND, READ, name="other"), **changes)


def test_role_that_holds_more_than_its_editor_cannot_be_deleted() -> None:
    make_role("clerk", SEND)
    with pytest.raises(guards.BeyondReach):
        delete(actor=make_editor(READ))
    delete(actor=make_editor(SEND, name="other"))


def test_who_holds_something_for_an_hour_or_on_one_resource_makes_no_role_of_it() -> None:
    editor = make_editor()
    allow(editor, READ, resource="org:7")
    give_role(editor, make_role("sender", SEND), expires_at=utcnow() + HOUR)
    for permission in (SEND, READ):
        with pytest.raises(guards.BeyondReach):
            create("clerk", permission, actor=editor)


def test_who_is_denied_something_makes_no_role_of_it() -> None:
    editor = make_editor(SEND)
    deny(editor, SEND, resource="org:7")
    with pytest.raises(guards.BeyondReach):
        create("clerk", SEND, actor=editor)


@pytest.mark.parametrize("changes", [{"permissions": []}, {"permissions": [SEND, READ]}, {"inherits": ["notifier"]}])
def test_what_is_denied_to_somebody_is_changed_by_masters_alone(changes: dict[str, Any]) -> None:
    make_role("base", SEND)
    make_role("silenced", inherits=["base"])
    give_role(make_person(), "silenced", denies=True)
    editor = make_editor(SEND, READ, "notifications.*")
    change("base", actor=editor, description="As ever")
    with pytest.raises(guards.BeyondReach):
        change("base", actor=editor, **changes)
    change("base", actor=make_administrator(), **changes)


def test_denied_person_cannot_edit_the_denial_away() -> None:
    root = make_administrator()
    make_administrator("other")
    make_role("silenced", SEND)
    give_role(root, "silenced", denies=True)
    with pytest.raises(guards.BeyondReach):
        change("silenced", actor=root, permissions=[])


def test_last_role_of_everything_keeps_it() -> None:
    make_role("owner", "*")
    give_role(make_person(), "owner")
    with pytest.raises(guards.LastHolder):
        change("owner", permissions=[SEND])
    assert hierarchy.permissions_of("owner") == {"*"}
    make_administrator()
    change("owner", permissions=[SEND])


def test_last_way_to_everything_by_inheritance_is_kept() -> None:
    make_role("owner", inherits=["administrator"])
    give_role(make_person(), "owner")
    with pytest.raises(guards.LastHolder):
        change("owner", inherits=[])


def test_role_that_a_group_has_cannot_become_sensitive() -> None:
    make_role("base", SEND)
    make_role("clerk", inherits=["base"])
    give_role(make_group("office"), "clerk")
    for role in ("base", "clerk"):
        with pytest.raises(editing.SensitiveHeld):
            change(role, sensitive=True)


def test_role_that_people_have_may_become_sensitive_and_stays_theirs() -> None:
    make_role("clerk", SEND)
    anna = make_person()
    give_role(anna, "clerk")
    change(sensitive=True)
    assert anna.has_perm(SEND)


@pytest.mark.parametrize("held", ["clerk", "chief"])
def test_role_that_somebody_has_cannot_start_to_inherit_a_sensitive_one(held: str) -> None:
    make_role("vault", BUY)
    change("vault", sensitive=True)
    make_role("clerk", SEND)
    make_role("chief", inherits=["clerk"])
    change(inherits=["vault"])
    change(inherits=[])
    give_role(make_person(), held)
    with pytest.raises(editing.SensitiveHeld):
        change(inherits=["vault"])


def test_denial_of_a_role_does_not_keep_it_from_becoming_sensitive() -> None:
    make_role("clerk", SEND)
    give_role(make_group("office"), "clerk", denies=True)
    change(sensitive=True)


def test_only_a_master_makes_a_sensitive_role_an_ordinary_one() -> None:
    make_role("clerk", SEND)
    editor = make_editor(SEND)
    change(actor=editor, sensitive=True)
    with pytest.raises(guards.BeyondReach):
        change(actor=editor, sensitive=False)
    change(actor=make_administrator(), sensitive=False)
