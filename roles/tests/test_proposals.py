"""A role that staff give and a second person must agree to."""

from typing import Any

import pytest

from audit.testing import the_entry
from audit.vocabulary import Outcome
from kit.errors import Invalid
from roles import access_requests, event_types, guards
from roles.access_requests import NotWaiting
from roles.deciders import NotADecider, ProposerUnentitled
from roles.models import AccessRequest, Grant, Role
from roles.testing import allow
from roles.tests.asking import HOUR, NOW, approving, just_before_the_lock, may_send, proposing
from roles.tests.people.making import make_administrator, make_person
from roles.tests.people.models import Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("courier")]


def test_proposal_of_a_colleague_is_given_when_a_second_person_agrees(anna: Person, bert: Person) -> None:
    root, end = make_administrator(), NOW + 48 * HOUR
    request = proposing(anna, bert, expires_at=end, reason="New in the post room")
    assert not may_send(anna, NOW)
    approving(request, root, NOW + HOUR)
    grant = Grant.objects.get(user=anna.pk)
    assert (grant.expires_at, grant.given_by) == (end, root.pk)


def test_sensitive_role_is_given_once_a_second_person_agrees(anna: Person, bert: Person) -> None:
    Role.objects.filter(pk="courier").update(sensitive=True)
    request = proposing(anna, bert)
    assert not Grant.objects.filter(user=anna.pk).exists()
    approving(request, make_administrator())
    assert Grant.objects.get(user=anna.pk).role_id == "courier"


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


def test_nothing_is_proposed_for_who_is_erased_meanwhile(anna: Person, bert: Person) -> None:
    with just_before_the_lock(Person.objects.filter(pk=anna.pk).delete), pytest.raises(Invalid) as refusal:
        proposing(anna, bert)
    assert refusal.value.field == "user"


@pytest.mark.parametrize(("field", "wish"), [("role", {"role": "nobody"}), ("expires_at", {"expires_at": NOW})])
def test_wrong_proposal_is_refused_by_field(field: str, wish: dict[str, Any], anna: Person, bert: Person) -> None:
    with pytest.raises(Invalid) as refusal:
        proposing(anna, bert, **wish)
    assert refusal.value.field == field


def test_proposal_lapses_when_its_grant_would_have_ended(anna: Person, bert: Person) -> None:
    request = proposing(anna, bert, expires_at=NOW + HOUR)
    with pytest.raises(NotWaiting):
        approving(request, make_administrator(), NOW + HOUR)
    assert access_requests.lapse(now=NOW + HOUR) == 1
