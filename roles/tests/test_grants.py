import datetime as dt
from typing import Any

import pytest

from audit.testing import entries, the_entry
from kit.clock import utcnow
from kit.errors import Invalid, PermissionRefused
from kit.origin import Origin
from roles import event_types, grants, groups, guards
from roles.models import Grant, Group, Role
from roles.testing import allow, give_role, make_group, make_role
from roles.tests.people.making import make_administrator, make_person
from roles.tests.people.models import Person

pytestmark = pytest.mark.django_db

SEND = "letters.send_letter"
HOUR = dt.timedelta(hours=1)


def give(user: Person, role: str, actor: Person | None = None, **more: Any) -> grants.Given:
    return grants.give(holder=user, role=role, actor=actor, now=utcnow(), **more)


def take(user: Person, role: str, actor: Person | None = None, **more: Any) -> None:
    grants.take(holder=user, role=role, actor=actor, now=utcnow(), **more)


def test_grant_says_who_gave_it_why_and_until_when() -> None:
    anna, root, end = make_person(), make_administrator(), utcnow() + HOUR
    given = give(anna, "auditor", root, resource="org:7", expires_at=end, reason=" audit week ")
    grant = Grant.objects.get()
    assert (given.created, given.grant.pk) == (True, grant.pk)
    assert (grant.user_id, grant.role_id, grant.resource) == (anna.pk, "auditor", "org:7")
    assert (grant.given_by, grant.reason, grant.expires_at) == (root.pk, "audit week", end)


def test_giving_leaves_one_entry_in_the_audit_log() -> None:
    anna, root = make_person(), make_administrator()
    give(anna, "auditor", root, resource="org:7", origin=Origin(address="192.0.2.7", request_id="r1"))
    entry = the_entry(event_types.GRANT_GIVEN)
    assert (entry.actor, entry.target, entry.outcome) == (root.pk, str(anna.pk), "done")
    assert (entry.details, entry.request_id) == ({"role": "auditor", "resource": "org:7"}, "r1")


def test_command_line_is_the_actor_when_there_is_no_person() -> None:
    give(make_person(), "auditor")
    entry = the_entry(event_types.GRANT_GIVEN)
    assert (entry.actor, entry.actor_kind) == (None, "command")


def test_same_grant_twice_is_one_and_one_entry() -> None:
    anna = make_person()
    first, second = give(anna, "auditor"), give(anna, "auditor")
    assert (second.created, second.grant.pk) == (False, first.grant.pk)
    assert len(entries(event_types.GRANT_GIVEN)) == Grant.objects.count() == 1


def test_same_role_elsewhere_is_another_grant() -> None:
    anna = make_person()
    assert give(anna, "auditor").created
    assert give(anna, "auditor", resource="org:7").created


def test_given_again_with_another_end_that_end_counts() -> None:
    anna, now = make_person(), utcnow()
    give(anna, "auditor", expires_at=now + HOUR)
    assert not give(anna, "auditor", expires_at=now + 2 * HOUR).created
    assert Grant.objects.get().expires_at == now + 2 * HOUR
    assert the_entry(event_types.GRANT_CHANGED).details["expires_at"] == (now + 2 * HOUR).isoformat()


def test_taken_grant_is_gone_and_told() -> None:
    anna, root = make_person(), make_administrator()
    give(anna, "auditor")
    take(anna, "auditor", root)
    assert not anna.has_perm("audit.view_entry")
    assert the_entry(event_types.GRANT_TAKEN).actor == root.pk


@pytest.mark.parametrize(("role", "resource"), [("auditor", "org:7"), ("notifier", ""), ("nobody", ""), ("a\x00b", "")])
def test_grant_that_is_not_there_cannot_be_taken(role: str, resource: str) -> None:
    anna = make_person()
    give(anna, "auditor")
    with pytest.raises(grants.GrantNotFound):
        take(anna, role, resource=resource)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("role", {"role": "nobody"}),
        ("role", {"role": "a\x00b"}),
        ("role", {"role": ""}),
        ("resource", {"resource": "org"}),
        ("reason", {"reason": "x" * 501}),
        ("reason", {"reason": "nul \x00"}),
        ("expires_at", {"expires_at": utcnow()}),
    ],
)
def test_wrong_input_is_refused_by_field_and_changes_nothing(field: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as caught:
        give(make_person(), **({"role": "auditor"} | wrong))
    assert (caught.value.field, Grant.objects.count()) == (field, 0)


def test_who_holds_all_of_a_role_may_give_it() -> None:
    anna, boss = make_person(), make_person("boss")
    make_role("writer", SEND)
    allow(boss, "roles.add_grant", "letters.*")
    assert give(anna, "writer", boss).created


@pytest.mark.parametrize("held", [(SEND,), ("roles.add_grant",), ("roles.add_grant", "letters.read_letter"), ()])
def test_who_lacks_the_right_or_the_role_cannot_give_it(held: tuple[str, ...]) -> None:
    anna, boss = make_person(), make_person("boss")
    make_role("inner", SEND)
    make_role("writer", inherits=["inner"])
    allow(boss, *held)
    with pytest.raises(PermissionRefused):
        give(anna, "writer", boss)
    assert not anna.has_perm(SEND)


def test_refusal_leaves_an_entry_that_says_why() -> None:
    anna, boss = make_person(), make_person("boss")
    allow(boss, "roles.add_grant")
    with pytest.raises(guards.BeyondReach):
        give(anna, "administrator", boss)
    entry = entries(event_types.GRANT_GIVEN)[-1]
    assert (entry.outcome, entry.actor) == ("refused", boss.pk)
    assert entry.details == {"role": "administrator", "reason": "BeyondReach"}


@pytest.mark.parametrize("role", ["administrator", "everything-in-letters"])
def test_nobody_gives_a_wildcard_they_do_not_hold(role: str) -> None:
    make_role("everything-in-letters", "letters.*")
    boss = make_person("boss")
    allow(boss, "roles.*", SEND, "letters.read_letter")
    with pytest.raises(guards.BeyondReach):
        give(boss, role, boss)


def test_reach_on_one_resource_is_reach_there_alone() -> None:
    anna, boss = make_person(), make_person("boss")
    make_role("writer", SEND)
    allow(boss, "roles.add_grant", SEND, resource="org:7")
    assert give(anna, "writer", boss, resource="org:7").created
    for elsewhere in ("org:8", ""):
        with pytest.raises(PermissionRefused):
            give(anna, "writer", boss, resource=elsewhere)


def test_role_held_for_an_hour_cannot_be_given_for_longer() -> None:
    anna, boss, now = make_person(), make_person("boss"), utcnow()
    give_role(boss, "administrator", expires_at=now + HOUR)
    assert give(anna, "auditor", boss, expires_at=now + HOUR / 2).created
    for end in (None, now + 2 * HOUR):
        with pytest.raises(guards.BeyondReach):
            give(boss, "administrator", boss, expires_at=end)


def test_nobody_takes_a_role_stronger_than_their_own() -> None:
    boss, root = make_person("boss"), make_person("root")
    give_role(root, "administrator")
    allow(boss, "roles.delete_grant")
    with pytest.raises(guards.BeyondReach):
        take(root, "administrator", boss)
    assert root.has_perm("*")


def test_actor_who_was_deactivated_meanwhile_is_refused() -> None:
    anna, root = make_person(), make_administrator()
    Person.objects.filter(pk=root.pk).update(is_active=False)
    with pytest.raises(PermissionRefused):
        give(anna, "auditor", root)


def test_person_who_was_erased_meanwhile_is_given_nothing() -> None:
    anna = make_person()
    Person.objects.filter(pk=anna.pk).delete()
    with pytest.raises(Invalid) as caught:
        give(anna, "auditor")
    assert caught.value.field == "user"


def test_group_that_was_deleted_meanwhile_is_given_nothing() -> None:
    group = make_group("sales")
    Group.objects.all().delete()
    with pytest.raises(groups.GroupNotFound):
        give_role(group, "auditor")


def test_earlier_end_takes_something_and_asks_for_it() -> None:
    anna, boss, now = make_person(), make_person("boss"), utcnow()
    make_role("writer", SEND)
    give(anna, "writer")
    allow(boss, "roles.add_grant", SEND)
    with pytest.raises(PermissionRefused):
        give(anna, "writer", boss, expires_at=now + HOUR)
    allow(boss, "roles.delete_grant")
    assert not give(anna, "writer", boss, expires_at=now + HOUR).created


def test_denial_is_not_ended_by_who_holds_the_thing_for_a_while() -> None:
    anna, boss, now = make_person(), make_person("boss"), utcnow()
    make_role("writer", SEND)
    give(anna, "writer", denies=True)
    allow(boss, "roles.*")
    give(boss, "writer", expires_at=now + 2 * HOUR)
    with pytest.raises(guards.BeyondReach):
        give(anna, "writer", boss, denies=True, expires_at=now + HOUR)


@pytest.mark.parametrize("actor", [None, "root"])
def test_sensitive_role_is_never_a_groups(actor: str | None) -> None:
    root, group = make_administrator(), make_group("sales")
    make_role("heir", inherits=[make_role("opener", SEND).name])
    Role.objects.filter(pk="opener").update(sensitive=True)
    with pytest.raises(Invalid) as caught:
        grants.give(holder=group, role="heir", actor=root if actor else None, now=utcnow())
    assert (caught.value.field, caught.value.reason) == ("role", "sensitive_role")
    assert not Grant.objects.exists()
