"""Real threads with connections of their own, on whichever database the suite runs."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from audit.testing import entries
from kit.clock import utcnow
from kit.errors import PermissionRefused, Refusal
from roles import event_types, grants, guards
from roles.models import Grant
from roles.testing import give_role
from roles.tests.people.making import make_person
from roles.tests.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)


def all_at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Start every call at the same moment in a thread of its own; return results, refusals among them."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            barrier.wait(timeout=20)
            return call()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def taking(user: Person, actor: Person | None) -> Callable[[], None]:
    return lambda: grants.take(holder=user, role="administrator", actor=actor, now=utcnow())


def make_two_masters() -> tuple[Person, Person]:
    pair = make_person("first"), make_person("second")
    for person in pair:
        give_role(person, "administrator")
    return pair


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_last_administrators_taken_down_at_once_one_stays(attempt: int) -> None:
    first, second = make_two_masters()
    outcomes = all_at_once(taking(first, None), taking(second, None))
    assert sorted(map(type, outcomes), key=str) == sorted([type(None), guards.LastHolder], key=str)
    assert Grant.objects.filter(role="administrator").count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_administrators_who_demote_each_other_one_stays(attempt: int) -> None:
    first, second = make_two_masters()
    outcomes = all_at_once(taking(first, second), taking(second, first))
    assert [type(outcome) for outcome in outcomes if outcome] == [PermissionRefused]
    assert Grant.objects.filter(role="administrator").count() == 1


def test_same_grant_from_many_at_once_is_one() -> None:
    anna = make_person()
    outcomes = all_at_once(
        *[lambda: grants.give(holder=anna, role="auditor", actor=None, now=utcnow()) for _ in range(8)]
    )
    assert sum(given.created for given in outcomes) == Grant.objects.count() == 1
    assert len(entries(event_types.GRANT_GIVEN)) == 1


def test_grant_is_taken_once_by_many_at_once() -> None:
    first, _ = make_two_masters()
    outcomes = all_at_once(*[taking(first, None) for _ in range(4)])
    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, grants.GrantNotFound) for outcome in outcomes) == 3
