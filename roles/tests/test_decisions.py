"""Deciding about a request: who may, what it gives, and that it stands."""

from collections.abc import Callable

import pytest

from audit.testing import the_entry
from audit.vocabulary import Outcome
from kit.errors import NotFound, PermissionRefused
from kit.ids import uuid7
from roles import access_requests, event_types, guards
from roles.access_requests import AlreadyHeld, NotWaiting, Stopped
from roles.deciders import NotADecider
from roles.models import AccessRequest, Grant
from roles.testing import allow, deny, give_role
from roles.tests.asking import HOUR, NOW, SEND, approving, asking, just_before_the_lock, may_send
from roles.tests.people.making import make_administrator, make_person
from roles.tests.people.models import Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("courier")]


def test_role_that_is_asked_for_is_given_by_approval_for_that_while_and_no_longer(anna: Person, bert: Person) -> None:
    request = asking(anna)
    assert not may_send(anna, NOW)
    approving(request, bert, NOW + HOUR)
    grant = Grant.objects.get(user=anna.pk)
    assert (grant.given_by, grant.reason, grant.expires_at) == (bert.pk, "Sending the invoices", NOW + 2 * HOUR)
    assert may_send(anna, NOW + HOUR)
    assert not may_send(anna, NOW + 2 * HOUR)


def test_approval_never_shortens_what_she_was_given_meanwhile(anna: Person, bert: Person) -> None:
    request = asking(anna)
    give_role(anna, "courier")
    with pytest.raises(AlreadyHeld):
        approving(request, bert)
    assert Grant.objects.get(user=anna.pk).expires_at is None


def test_asker_does_not_decide_whatever_she_holds() -> None:
    root = make_administrator()
    with pytest.raises(NotADecider):
        approving(asking(root), root)
    assert not Grant.objects.filter(user=root.pk).exists()
    refused = the_entry(event_types.REQUEST_APPROVED)
    assert (refused.outcome, refused.details["reason"]) == (Outcome.REFUSED, "NotADecider")


@pytest.mark.parametrize("held", [(), ("roles.add_grant",), (SEND,)])
def test_who_could_not_give_the_role_does_not_decide(held: tuple[str, ...], anna: Person) -> None:
    request, carl = asking(anna), make_person("carl")
    allow(carl, "roles.view_accessrequest", *held)
    for decide in (access_requests.approve, access_requests.refuse):
        with pytest.raises(PermissionRefused):
            decide(request_id=request.pk, actor=carl, now=NOW)
    assert not may_send(anna, NOW)


def test_who_holds_the_role_for_a_shorter_time_does_not_approve_but_may_refuse(anna: Person) -> None:
    request, carl = asking(anna), make_person("carl")
    allow(carl, "roles.add_grant")
    give_role(carl, "courier", expires_at=NOW + HOUR / 2, now=NOW)
    with pytest.raises(guards.BeyondReach):
        approving(request, carl)
    assert access_requests.refuse(request_id=request.pk, actor=carl, now=NOW).state == "refused"


def test_who_gives_roles_on_one_resource_decides_there_and_nowhere_else(anna: Person) -> None:
    carl = make_person("carl")
    allow(carl, "roles.add_grant", SEND, resource="org:7")
    approving(asking(anna, resource="org:7"), carl)
    assert may_send(anna, NOW, "org:7")
    with pytest.raises(NotFound):
        approving(asking(anna, resource="org:8"), carl)
    assert not may_send(anna, NOW, "org:8")


def test_denial_keeps_a_decider_from_approving(anna: Person, bert: Person) -> None:
    request = asking(anna)
    deny(bert, SEND, resource="org:9")
    with pytest.raises(guards.BeyondReach):
        approving(request, bert)


def test_refusal_gives_nothing_and_keeps_its_answer(anna: Person, bert: Person) -> None:
    request = asking(anna)
    access_requests.refuse(request_id=request.pk, actor=bert, answer=" Not today ", now=NOW + HOUR)
    request.refresh_from_db()
    assert (request.state, request.answer, request.decided_by) == ("refused", "Not today", bert.pk)
    assert request.decided_at == NOW + HOUR
    assert not Grant.objects.filter(user=anna.pk).exists()


Decision = Callable[..., AccessRequest]


@pytest.mark.parametrize("again", [access_requests.approve, access_requests.refuse])
@pytest.mark.parametrize("first", [access_requests.approve, access_requests.refuse])
def test_decision_stands(first: Decision, again: Decision, anna: Person, bert: Person) -> None:
    request = first(request_id=asking(anna).pk, actor=bert, now=NOW)
    with pytest.raises(NotWaiting):
        again(request_id=request.pk, actor=bert, now=NOW)
    assert AccessRequest.objects.get().state == request.state


def test_asker_withdraws_and_nobody_approves_any_more(anna: Person, bert: Person) -> None:
    request = asking(anna)
    access_requests.withdraw(request_id=request.pk, actor=anna, now=NOW)
    assert the_entry(event_types.REQUEST_WITHDRAWN).actor == anna.pk
    with pytest.raises(NotWaiting):
        approving(request, bert)


def test_who_decides_does_not_withdraw(anna: Person, bert: Person) -> None:
    with pytest.raises(PermissionRefused):
        access_requests.withdraw(request_id=asking(anna).pk, actor=bert, now=NOW)
    assert AccessRequest.objects.get().state == "pending"


def test_request_of_a_stopped_account_is_not_approved(anna: Person, bert: Person) -> None:
    request = asking(anna)
    Person.objects.filter(pk=anna.pk).update(is_active=False)
    with pytest.raises(Stopped):
        approving(request, bert)


def test_stranger_to_a_request_does_not_learn_that_it_is_there(anna: Person) -> None:
    request, carl = asking(anna), make_person("carl")
    for decide in (access_requests.approve, access_requests.refuse, access_requests.withdraw):
        for request_id in (request.pk, uuid7()):
            with pytest.raises(NotFound):
                decide(request_id=request_id, actor=carl, now=NOW)


def test_request_that_is_gone_when_it_is_locked_is_not_found(anna: Person, bert: Person) -> None:
    request = asking(anna)
    with just_before_the_lock(AccessRequest.objects.all().delete), pytest.raises(NotFound):
        approving(request, bert)
    assert not may_send(anna, NOW)
