"""Asking for a role for a while, and what becomes of that."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from audit.testing import entries, the_entry
from audit.vocabulary import ActorKind, Outcome
from kit.errors import Invalid, NotFound, PermissionRefused, Throttled
from kit.ids import uuid7
from roles import access_requests, effective, event_types, guards
from roles.access_requests import AlreadyAsked, AlreadyHeld, NotWaiting, ProposerUnentitled, Stopped
from roles.deciders import NotADecider
from roles.models import AccessRequest, Grant, Role
from roles.testing import allow, deny, give_role, make_role
from roles.tests.people.making import make_administrator, make_person
from roles.tests.people.models import Person

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC)
SEND = "letters.send_letter"
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def anna() -> Person:
    return make_person("anna")


@pytest.fixture
def bert() -> Person:
    """Somebody who may give what the role `courier` holds."""
    bert = make_person("bert")
    allow(bert, "roles.add_grant", SEND)
    return bert


@pytest.fixture(autouse=True)
def courier() -> Role:
    role = make_role("courier", SEND)
    Role.objects.filter(name="courier").update(requestable=True)
    return role


def asking(user: Person, **other: Any) -> AccessRequest:
    wish = {"role": "courier", "minutes": 60, "reason": "Sending the invoices", "now": NOW, **other}
    return access_requests.ask(user=user, **wish).request


def proposing(user: Person, actor: Person, **other: Any) -> AccessRequest:
    return access_requests.propose(**{"user": user, "role": "courier", "actor": actor, "now": NOW, **other}).request


def approving(request: AccessRequest, actor: Person, now: dt.datetime = NOW) -> AccessRequest:
    return access_requests.approve(request_id=request.pk, actor=actor, now=now)


def may_send(user: Person, now: dt.datetime, resource: str = "") -> bool:
    return effective.allows(user, SEND, resource=resource, now=now)


def test_role_that_is_asked_for_is_given_by_approval_for_that_while_and_no_longer(anna: Person, bert: Person) -> None:
    request = asking(anna)
    assert not may_send(anna, NOW)
    approving(request, bert, NOW + HOUR)
    grant = Grant.objects.get(user=anna.pk)
    assert (grant.given_by, grant.reason, grant.expires_at) == (bert.pk, "Sending the invoices", NOW + 2 * HOUR)
    assert may_send(anna, NOW + HOUR)
    assert not may_send(anna, NOW + 2 * HOUR)


def test_every_step_is_recorded(anna: Person, bert: Person) -> None:
    request = asking(anna)
    approving(request, bert)
    asked, approved = the_entry(event_types.REQUEST_ASKED), the_entry(event_types.REQUEST_APPROVED)
    assert (asked.actor, asked.target) == (anna.pk, str(anna.pk))
    assert (approved.actor, approved.target) == (bert.pk, str(anna.pk))
    expected = {"request": str(request.pk), "role": "courier", "minutes": 60}
    assert asked.details == approved.details == expected


def test_same_wish_twice_is_one_request(anna: Person) -> None:
    first = asking(anna)
    again = access_requests.ask(user=anna, role="courier", minutes=60, reason="Sending the invoices", now=NOW + HOUR)
    assert (again.request, again.created) == (first, False)
    assert AccessRequest.objects.count() == len(entries(event_types.REQUEST_ASKED)) == 1


def test_same_role_in_other_words_waits_for_the_first_decision(anna: Person) -> None:
    asking(anna)
    with pytest.raises(AlreadyAsked):
        asking(anna, minutes=61)
    assert asking(anna, minutes=61, resource="org:7").resource == "org:7"


@pytest.mark.parametrize(
    ("field", "wish"),
    [
        ("role", {"role": "nobody"}),
        ("role", {"role": "auditor"}),
        ("role", {"role": "Courier\x00"}),
        ("minutes", {"minutes": 0}),
        ("minutes", {"minutes": 43_201}),
        ("reason", {"reason": " "}),
        ("reason", {"reason": "two\nlines"}),
        ("reason", {"reason": "x" * 501}),
        ("resource", {"resource": "org"}),
    ],
)
def test_wrong_wish_is_refused_by_field(field: str, wish: dict[str, Any], anna: Person) -> None:
    with pytest.raises(Invalid) as refusal:
        asking(anna, **wish)
    assert refusal.value.field == field
    assert not AccessRequest.objects.exists()


def test_longest_while_is_thirty_days(anna: Person) -> None:
    assert asking(anna, minutes=43_200).minutes == 43_200


def test_role_that_nobody_may_ask_for_looks_like_none(anna: Person) -> None:
    refusals = []
    for role in ("auditor", "no-such-role"):
        with pytest.raises(Invalid) as refusal:
            asking(anna, role=role)
        refusals.append((refusal.value.reason, refusal.value.detail))
    assert refusals[0] == refusals[1]


def test_who_has_the_role_for_as_long_asks_in_vain(anna: Person) -> None:
    give_role(anna, "courier", expires_at=NOW + HOUR, now=NOW)
    with pytest.raises(AlreadyHeld):
        asking(anna, minutes=60)
    assert asking(anna, minutes=61).minutes == 61


def test_approval_never_shortens_what_she_was_given_meanwhile(anna: Person, bert: Person) -> None:
    request = asking(anna)
    give_role(anna, "courier")
    with pytest.raises(AlreadyHeld):
        approving(request, bert)
    assert Grant.objects.get(user=anna.pk).expires_at is None


def test_who_asks_too_often_must_wait(anna: Person, settings: Any) -> None:
    settings.ROLES_REQUESTS_A_DAY = 2
    for number in range(2):
        asking(anna, resource=f"org:{number}", now=NOW + number * HOUR)
    with pytest.raises(Throttled) as refusal:
        asking(anna, resource="org:2", now=NOW + 2 * HOUR)
    assert refusal.value.retry_after == 22 * 3600
    assert asking(anna, resource="org:2", now=NOW + 24 * HOUR).state == "pending"


def test_withdrawn_requests_count_among_the_many(anna: Person, settings: Any) -> None:
    settings.ROLES_REQUESTS_A_DAY = 1
    access_requests.withdraw(request_id=asking(anna).pk, actor=anna, now=NOW)
    with pytest.raises(Throttled):
        asking(anna)


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


def test_proposal_of_a_colleague_is_given_when_a_second_person_agrees(anna: Person, bert: Person) -> None:
    root, end = make_administrator(), NOW + 48 * HOUR
    request = proposing(anna, bert, expires_at=end, reason="New in the post room")
    assert not may_send(anna, NOW)
    approving(request, root, NOW + HOUR)
    grant = Grant.objects.get(user=anna.pk)
    assert (grant.expires_at, grant.given_by) == (end, root.pk)


def test_proposal_without_an_end_is_for_good(anna: Person, bert: Person) -> None:
    approving(proposing(anna, bert), make_administrator())
    assert Grant.objects.get(user=anna.pk).expires_at is None


def test_proposer_and_who_gets_the_role_do_not_approve(bert: Person) -> None:
    root = make_administrator()
    request = proposing(root, bert)
    for person in (bert, root):
        with pytest.raises(NotADecider):
            approving(request, person)


def test_nobody_proposes_what_they_could_not_give(anna: Person) -> None:
    carl = make_person("carl")
    allow(carl, "roles.add_grant")
    with pytest.raises(guards.BeyondReach):
        proposing(anna, carl)
    assert not AccessRequest.objects.exists()
    assert the_entry(event_types.REQUEST_ASKED).outcome == Outcome.REFUSED


@pytest.mark.parametrize("fate", ["lost the permission", "stopped", "gone"])
def test_proposal_of_who_may_not_give_the_role_any_more_is_not_approved(fate: str, anna: Person, bert: Person) -> None:
    request = proposing(anna, bert)
    if fate == "lost the permission":
        Grant.objects.filter(user=bert.pk).delete()
    elif fate == "stopped":
        Person.objects.filter(pk=bert.pk).update(is_active=False)
    else:
        bert.delete()
    with pytest.raises(ProposerUnentitled):
        approving(request, make_administrator())
    assert not may_send(anna, NOW)


@pytest.mark.parametrize(("field", "wish"), [("role", {"role": "nobody"}), ("expires_at", {"expires_at": NOW})])
def test_wrong_proposal_is_refused_by_field(field: str, wish: dict[str, Any], anna: Person, bert: Person) -> None:
    with pytest.raises(Invalid) as refusal:
        proposing(anna, bert, **wish)
    assert refusal.value.field == field


def test_request_that_has_waited_too_long_lapses_by_itself(anna: Person, bert: Person) -> None:
    old, new = asking(anna, now=NOW - 24 * HOUR * 7), asking(anna, resource="org:7")
    with pytest.raises(NotWaiting):
        approving(old, bert)
    assert [access_requests.lapse(now=NOW), access_requests.lapse(now=NOW)] == [1, 0]
    assert dict(AccessRequest.objects.values_list("pk", "state")) == {old.pk: "lapsed", new.pk: "pending"}
    assert the_entry(event_types.REQUEST_LAPSED).actor_kind == ActorKind.SYSTEM


def test_proposal_lapses_when_its_grant_would_have_ended(anna: Person, bert: Person) -> None:
    request = proposing(anna, bert, expires_at=NOW + HOUR)
    with pytest.raises(NotWaiting):
        approving(request, make_administrator(), NOW + HOUR)
    assert access_requests.lapse(now=NOW + HOUR) == 1


def test_lapsed_request_that_was_not_cleared_yet_keeps_nobody_from_asking_again(anna: Person) -> None:
    old = asking(anna, now=NOW - 24 * HOUR * 7)
    assert asking(anna) != old
    old.refresh_from_db()
    assert old.state == "lapsed"


def test_many_lapse_in_several_transactions(anna: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_requests, "MOST_AT_ONCE", 2)
    for number in range(5):
        asking(anna, resource=f"org:{number}")
    assert access_requests.lapse(now=NOW + 24 * HOUR * 7) == 5


def test_request_that_is_gone_when_it_is_locked_is_not_found(anna: Person, bert: Person) -> None:
    request = asking(anna)

    def gone_at_the_lock(execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        if "locked_at" in sql:
            AccessRequest.objects.all().delete()
        return execute(sql, *more)

    with connection.execute_wrapper(gone_at_the_lock), pytest.raises(NotFound):
        approving(request, bert)
    assert not may_send(anna, NOW)


def seen_by(user: Person) -> set[Any]:
    return {row.pk for rows in access_requests.visible(user, now=NOW) for row in rows}


def test_everybody_sees_her_own_and_who_has_the_permission_all(anna: Person, bert: Person) -> None:
    own, other = asking(anna), proposing(make_person("carl"), bert)
    auditor = make_person("auditor")
    give_role(auditor, "auditor")
    assert seen_by(anna) == {own.pk}
    assert seen_by(Person.objects.get(email="carl@example.com")) == {other.pk}
    assert seen_by(auditor) == {own.pk, other.pk}
    assert seen_by(make_person("dora")) == set()


def test_who_gives_roles_sees_what_waits_there(anna: Person, bert: Person) -> None:
    everywhere, there, elsewhere = asking(anna), asking(anna, resource="org:7"), asking(anna, resource="org:8")
    carl = make_person("carl")
    allow(carl, "roles.add_grant", resource="org:7")
    assert seen_by(carl) == {there.pk}
    assert seen_by(bert) == {everywhere.pk, there.pk, elsewhere.pk}
    access_requests.withdraw(request_id=there.pk, actor=anna, now=NOW)
    assert seen_by(carl) == set()
