"""Requests decided, made and cleared by many at once, on whichever database the suite runs."""

import datetime as dt

import pytest

from audit.testing import entries
from kit.clock import utcnow
from kit.testing import races
from roles import access_requests, endings, event_types
from roles.access_requests import Asked, NotWaiting
from roles.models import AccessRequest, Grant, Role
from roles.testing import give_role, make_role
from roles.tests.people.making import make_administrator, make_person
from roles.tests.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = dt.timedelta(hours=1)


def asking(user: Person) -> Asked:
    return access_requests.ask(user=user, role="courier", minutes=60, reason="Post", now=utcnow())


@pytest.fixture(autouse=True)
def courier() -> None:
    make_role("courier", "letters.send_letter")
    Role.objects.filter(name="courier").update(requestable=True)


def test_same_wish_from_many_at_once_is_one() -> None:
    anna = make_person()
    outcomes = races.run(8, lambda: asking(anna))
    assert sorted(outcome.created for outcome in outcomes if isinstance(outcome, Asked)) == [False] * 7 + [True]
    assert AccessRequest.objects.count() == len(entries(event_types.REQUEST_ASKED)) == 1


def test_of_many_decisions_at_once_one_counts() -> None:
    request, root = asking(make_person()).request, make_administrator()
    decisions = iter([access_requests.approve, access_requests.refuse] * 4)
    outcomes = races.run(8, lambda: next(decisions)(request_id=request.pk, actor=root, now=utcnow()))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AccessRequest"] + [NotWaiting.__name__] * 7
    request.refresh_from_db()
    assert Grant.objects.count() == (request.state == "approved")


def test_withdrawal_and_approval_at_once_do_not_both_happen() -> None:
    anna, root = make_person(), make_administrator()
    request = asking(anna).request
    steps = iter([(access_requests.withdraw, anna), (access_requests.approve, root)])

    def step() -> AccessRequest:
        change, actor = next(steps)
        return change(request_id=request.pk, actor=actor, now=utcnow())

    outcomes = races.run(2, step)
    assert [type(outcome) for outcome in outcomes].count(NotWaiting) == 1
    assert Grant.objects.exists() == (AccessRequest.objects.get().state == "approved")


def test_what_has_ended_is_cleared_and_recorded_once_by_many_at_once() -> None:
    now = utcnow()
    for number in range(5):
        give_role(make_person(f"p{number}"), "auditor", expires_at=now + HOUR, now=now)
    outcomes = races.run(4, lambda: endings.clear(now=now + HOUR))
    assert sum(outcome for outcome in outcomes if isinstance(outcome, int)) == 5
    assert len(entries(event_types.GRANT_ENDED)) == 5
