"""The roles that an invitation promises."""

import datetime as dt
from typing import Any

import pytest

from kit.clock import utcnow
from kit.errors import Invalid, PermissionRefused
from kit.origin import NOWHERE
from roles import grants, guards, invitations
from roles.models import Grant, Role
from roles.testing import allow, give_role, make_role
from roles.tests.people.making import make_administrator, make_person
from roles.tests.people.models import Person

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


def check(inviter: Person | None, *promised: dict[str, Any]) -> list[dict[str, Any]]:
    return invitations.check(inviter=inviter, grants=promised, now=utcnow())


def give(user: Person, promised: list[dict[str, Any]], inviter: Person | None, now: dt.datetime | None = None) -> None:
    invitations.give(user=user, grants=promised, inviter=inviter, now=now or utcnow(), origin=NOWHERE)


def test_a_promise_is_kept_in_one_form() -> None:
    end = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)
    promised = check(None, {"role": "auditor"}, {"role": "notifier", "resource": "org:7", "expires_at": end})
    assert promised == [
        {"role": "auditor", "resource": "", "expires_at": None},
        {"role": "notifier", "resource": "org:7", "expires_at": "2999-01-01T00:00:00Z"},
    ]
    assert check(None, *promised) == promised


def test_what_was_promised_is_given_in_the_inviters_name() -> None:
    anna, root = make_person(), make_administrator()
    give(anna, check(root, {"role": "auditor", "resource": "org:7", "expires_at": utcnow() + HOUR}), root)
    grant = Grant.objects.get(user_id=anna.pk)
    assert (grant.role_id, grant.resource, grant.given_by) == ("auditor", "org:7", root.pk)
    assert grant.expires_at is not None


def test_the_operator_may_promise_everything() -> None:
    anna = make_person()
    give(anna, check(None, {"role": "administrator"}), None)
    assert Grant.objects.get(user_id=anna.pk).role_id == "administrator"


def test_nobody_promises_what_she_may_not_give() -> None:
    inviter = make_person()
    with pytest.raises(PermissionRefused):
        check(inviter, {"role": "auditor"})
    allow(inviter, "roles.add_grant")
    with pytest.raises(guards.BeyondReach):
        check(inviter, {"role": "administrator"})


def test_an_inviter_who_lost_her_role_has_promised_nothing() -> None:
    anna, inviter = make_person(), make_person("bert")
    make_administrator()  # somebody stays
    give_role(inviter, "administrator")
    promised = check(inviter, {"role": "auditor"})
    grants.take(holder=inviter, role="administrator", actor=None, now=utcnow())
    with pytest.raises(PermissionRefused):
        give(anna, promised, inviter)
    assert not Grant.objects.filter(user_id=anna.pk).exists()


def test_a_role_whose_time_is_over_is_left_out() -> None:
    anna = make_person()
    promised = check(None, {"role": "auditor", "expires_at": utcnow() + HOUR}, {"role": "notifier"})
    give(anna, promised, None, utcnow() + 2 * HOUR)
    assert [grant.role_id for grant in Grant.objects.filter(user_id=anna.pk)] == ["notifier"]


@pytest.mark.parametrize(
    "promise",
    [
        {"role": "king"},
        {"role": ""},
        {},
        {"role": "auditor", "resource": "no resource"},
        {"role": "auditor", "expires_at": "2001-01-01T00:00:00Z"},
    ],
)
def test_a_promise_that_cannot_be_kept_is_told_at_its_field(promise: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        check(None, promise)
    assert refused.value.field == "roles"


def test_an_invitation_promises_twenty_roles_at_most() -> None:
    with pytest.raises(Invalid):
        check(None, *[{"role": "auditor"}] * 21)


@pytest.mark.django_db
def test_every_role_is_offered_but_the_one_that_everybody_has() -> None:
    offered = dict(invitations.choices())
    assert "notifier" in offered
    assert "member" not in offered
    assert offered["notifier"].startswith("notifier: ")


@pytest.mark.parametrize("role", ["opener", "heir"])
def test_sensitive_role_is_neither_offered_nor_promised_by_anybody(role: str) -> None:
    Role.objects.create(name="opener", sensitive=True)
    make_role("heir", inherits=["opener"])
    assert not {"opener", "heir"} & {name for name, _ in invitations.choices()}
    for inviter in (None, make_administrator()):
        with pytest.raises(Invalid) as caught:
            check(inviter, {"role": role})
        assert (caught.value.field, caught.value.reason) == ("roles", "sensitive_role")


def test_role_that_became_sensitive_meanwhile_is_not_given() -> None:
    anna, root = make_person(), make_administrator()
    make_role("opener")
    promised = check(root, {"role": "opener"})
    Role.objects.filter(pk="opener").update(sensitive=True)
    with pytest.raises(grants.ApprovalNeeded):
        give(anna, promised, root)
    assert not Grant.objects.filter(user_id=anna.pk).exists()
