"""The last who may do everything, taken down by every road at once, on whichever database the suite runs."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from kit.clock import utcnow
from roles import editing, grants, groups, guards
from roles.models import Group
from roles.testing import allow, deny, give_role, make_group, make_role
from roles.tests.people.making import make_person
from roles.tests.people.models import Person
from roles.tests.test_races import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)

END = utcnow().replace(year=2999)


def stopping(user: Person) -> None:
    """Stop an account as `accounts` does."""
    with transaction.atomic(), guards.last_holder_kept(user=user, now=utcnow()):
        Person.objects.filter(pk=user.pk).update(is_active=False)


def roads(anna: Person, bert: Person, chiefs: Group) -> list[Callable[[], Any]]:
    """Return every way to take the house away from anna, who rules herself, and from bert, who does by a group."""
    act: dict[str, Any] = {"actor": None, "now": utcnow()}
    return [
        lambda: grants.take(holder=anna, role="administrator", **act),
        lambda: grants.give(holder=anna, role="administrator", expires_at=END, **act),
        lambda: grants.give(holder=anna, role="auditor", denies=True, **act),
        lambda: groups.join(name="banned", user=anna, **act),
        lambda: stopping(anna),
        lambda: grants.take(holder=chiefs, role="boss", **act),
        lambda: grants.give(holder=chiefs, role="notifier", denies=True, resource="org:7", **act),
        lambda: editing.change(role="boss", permissions=[], **act),
        lambda: groups.leave(name="chiefs", user=bert, **act),
        lambda: groups.delete(name="chiefs", **act),
        lambda: stopping(bert),
    ]


@pytest.mark.parametrize("attempt", range(4))
def test_somebody_rules_whatever_befalls_the_two_last_masters_at_once(attempt: int) -> None:
    anna, bert = make_person("anna"), make_person("bert")
    chiefs = make_group("chiefs", bert)
    give_role(anna, "administrator")
    give_role(chiefs, make_role("boss", "*"))
    deny(make_group("banned"), "letters.send_letter")
    allow(anna, "letters.*")
    ways = roads(anna, bert, chiefs)
    outcomes = all_at_once(*ways[attempt:], *ways[:attempt])
    assert guards.has_master(utcnow())
    assert any(isinstance(outcome, guards.LastHolder) for outcome in outcomes)
