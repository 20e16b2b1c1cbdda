import datetime as dt
from typing import Any

import pytest

from audit.testing import entries, the_entry
from kit.clock import utcnow
from kit.errors import Invalid, PermissionRefused
from roles import event_types, groups, guards
from roles.models import Grant, Group, Membership
from roles.testing import allow, deny, give_role, make_group
from roles.tests.people.making import make_administrator, make_person
from roles.tests.people.models import Person

pytestmark = pytest.mark.django_db

SEND, READ = "letters.send_letter", "letters.read_letter"
HOUR = dt.timedelta(hours=1)


def make(name: str = "sales", actor: Person | None = None, **more: Any) -> Group:
    return groups.create(name=name, actor=actor, now=utcnow(), **more)


def join(user: Person, actor: Person | None = None, name: str = "sales") -> groups.Joined:
    return groups.join(name=name, user=user, actor=actor, now=utcnow())


def leave(user: Person, actor: Person | None = None, name: str = "sales") -> None:
    groups.leave(name=name, user=user, actor=actor, now=utcnow())


def delete(actor: Person | None = None, name: str = "sales") -> None:
    groups.delete(name=name, actor=actor, now=utcnow())


def manager_with(*permissions: str, resource: str = "") -> Person:
    """Return somebody who manages groups and holds these permissions beside."""
    boss = make_person("boss")
    nouns = ("group", "membership")
    allow(boss, "roles.change_group", *(f"roles.{verb}_{noun}" for verb in ("add", "delete") for noun in nouns))
    allow(boss, *permissions, resource=resource)
    return boss


def test_group_is_made_and_told() -> None:
    boss = manager_with()
    make("sales", boss, description=" those who sell ")
    assert Group.objects.get().description == "those who sell"
    entry = the_entry(event_types.GROUP_CREATED)
    assert (entry.actor, entry.target_kind, entry.target) == (boss.pk, "group", "sales")


@pytest.mark.parametrize("name", ["", "Sales", "7up", "two words", "x" * 65, "a\x00b", "sales\n"])
def test_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as caught:
        make(name)
    assert (caught.value.field, Group.objects.count()) == ("name", 0)


def test_name_is_given_once() -> None:
    make()
    with pytest.raises(Invalid) as caught:
        make()
    assert (caught.value.field, caught.value.reason) == ("name", "taken")


@pytest.mark.parametrize("text", ["x" * 256, "nul \x00", "two\nlines"])
def test_description_is_one_line(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        make(description=text)
    assert caught.value.field == "description"


def test_description_is_changed_and_told_once() -> None:
    make()
    for _ in range(2):
        groups.describe(name="sales", description="new", actor=None, now=utcnow())
    assert Group.objects.get().description == "new"
    assert len(entries(event_types.GROUP_CHANGED)) == 1


def test_member_has_what_the_group_has_and_no_longer_when_she_left() -> None:
    anna, group = make_person(), make()
    allow(group, SEND)
    assert join(anna).created
    assert anna.has_perm(SEND)
    leave(anna)
    assert not anna.has_perm(SEND)


def test_joining_twice_is_one_membership_and_one_entry() -> None:
    anna, boss = make_person(), manager_with()
    make()
    first, second = join(anna, boss), join(anna, boss)
    assert (first.membership.pk, second.created) == (second.membership.pk, False)
    assert Membership.objects.get().added_by == boss.pk
    entry = the_entry(event_types.MEMBER_ADDED)
    assert (entry.actor, entry.target, entry.details) == (boss.pk, str(anna.pk), {"group": "sales"})


def test_leaving_is_told_and_nobody_leaves_who_is_not_in() -> None:
    anna, root = make_person(), make_administrator()
    make_group("sales", anna)
    leave(anna, root)
    assert the_entry(event_types.MEMBER_REMOVED).target == str(anna.pk)
    with pytest.raises(groups.NotAMember):
        leave(anna, root)


@pytest.mark.parametrize("name", ["nobody", "a\x00b", ""])
def test_group_that_is_not_there_is_not_found(name: str) -> None:
    anna = make_person()
    for act in (join, leave):
        with pytest.raises(groups.GroupNotFound):
            act(anna, None, name)
    with pytest.raises(groups.GroupNotFound):
        delete(None, name)
    with pytest.raises(groups.GroupNotFound):
        groups.describe(name=name, description="", actor=None, now=utcnow())


def test_person_who_was_erased_meanwhile_joins_nothing() -> None:
    anna = make_person()
    make()
    Person.objects.filter(pk=anna.pk).delete()
    with pytest.raises(Invalid) as caught:
        join(anna)
    assert caught.value.field == "user"


@pytest.mark.parametrize("act", [make, join, leave, delete])
def test_each_act_needs_its_permission_and_a_refusal_is_recorded(act: Any) -> None:
    boss = make_person("boss")
    if act is not make:
        make_group("sales", boss)
    with pytest.raises(PermissionRefused):
        act(*(("sales", boss) if act is make else (boss, boss) if act in (join, leave) else (boss,)))
    refused = [entry for entry in entries() if entry.outcome == "refused"]
    assert [(entry.actor, entry.details["reason"]) for entry in refused] == [(boss.pk, "PermissionRefused")]


def test_describing_needs_its_permission() -> None:
    make()
    with pytest.raises(PermissionRefused):
        groups.describe(name="sales", description="mine", actor=make_person(), now=utcnow())


def test_who_holds_all_of_a_group_may_put_people_in_and_out() -> None:
    anna, boss = make_person(), manager_with("letters.*")
    allow(make(), SEND)
    join(anna, boss)
    leave(anna, boss)
    assert not Membership.objects.exists()


@pytest.mark.parametrize("resource", ["", "org:7"])
def test_nobody_joins_into_more_than_the_one_who_puts_them_there_holds(resource: str) -> None:
    boss = manager_with(READ, resource=resource)
    allow(make(), SEND, resource=resource)
    with pytest.raises(guards.BeyondReach):
        join(boss, boss)
    assert not boss.has_perm(SEND, resource or None)


def test_what_is_held_for_an_hour_puts_nobody_into_a_group() -> None:
    boss = manager_with()
    allow(make(), SEND)
    Grant.objects.filter(pk=allow(boss, SEND).pk).update(expires_at=utcnow() + HOUR)
    with pytest.raises(guards.BeyondReach):
        join(make_person(), boss)


def test_nobody_takes_people_out_of_a_group_that_has_more() -> None:
    anna, boss = make_person(), manager_with()
    allow(make_group("sales", anna), SEND)
    acts: list[Any] = [lambda: leave(anna, boss), lambda: delete(boss)]
    for act in acts:
        with pytest.raises(guards.BeyondReach):
            act()
    assert anna.has_perm(SEND)


def test_grant_of_a_group_that_has_ended_guards_nothing() -> None:
    group = make()
    Grant.objects.filter(pk=allow(group, SEND).pk).update(expires_at=utcnow() - HOUR)
    assert join(make_person(), manager_with()).created


def test_group_that_denies_is_entered_and_left_by_who_may_manage_the_person() -> None:
    anna, root, boss = make_person(), make_administrator(), manager_with(SEND)
    deny(make(), SEND)
    for person, stronger in ((anna, False), (root, True)):
        if stronger:
            with pytest.raises(guards.BeyondReach):
                join(person, boss)
        else:
            join(person, boss)
            leave(person, boss)
    assert root.has_perm(SEND)


def test_nobody_lifts_a_denial_by_leaving_a_group() -> None:
    boss = manager_with(SEND)
    deny(make_group("sales", boss), SEND)
    acts: list[Any] = [lambda: leave(boss, boss), lambda: delete(boss)]
    for act in acts:
        with pytest.raises(guards.BeyondReach):
            act()
    assert not boss.has_perm(SEND)


def test_deleting_a_group_ends_all_that_it_gave_and_denied() -> None:
    anna, root = make_person(), make_administrator()
    group = make_group("sales", anna)
    allow(group, SEND)
    deny(group, READ)
    assert anna.has_perm(SEND)
    delete(root)
    assert not anna.has_perm(SEND)
    assert (Group.objects.count(), Membership.objects.count(), Grant.objects.count()) == (0, 0, 0)
    assert the_entry(event_types.GROUP_DELETED).target == "sales"


def test_last_master_by_a_group_stays_in_it() -> None:
    root = make_person("root")
    give_role(make_group("sales", root), "administrator")
    acts: list[Any] = [lambda: leave(root), delete]
    for act in acts:
        with pytest.raises(guards.LastHolder):
            act()
    assert root.has_perm("*")


def test_last_master_enters_no_group_that_denies() -> None:
    root = make_administrator()
    deny(make(), SEND)
    with pytest.raises(guards.LastHolder):
        join(root)
    assert root.has_perm("*")
