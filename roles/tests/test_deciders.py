"""Who is told of a request, and who of the many that give roles could fulfil it."""

import datetime as dt
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kit.errors import Throttled
from roles import access_requests, deciders
from roles.models import AccessRequest, Role
from roles.testing import allow, deny, give_role, make_group, make_role, place
from roles.tests.people.making import make_administrator, make_person
from roles.tests.people.models import Person

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC)
SEND = "letters.send_letter"
TOLD: list[tuple[str, Any, Any]] = []


def tell(*, news: str, people: Any, reference: Any, now: dt.datetime) -> None:
    TOLD.append((str(news), {person.email.partition("@")[0] for person in people}, reference))


@pytest.fixture(autouse=True)
def told(settings: Any) -> list[tuple[str, Any, Any]]:
    settings.ROLES_NOTICES = "roles.tests.test_deciders.tell"
    TOLD.clear()
    make_role("courier", SEND)
    Role.objects.filter(name="courier").update(requestable=True)
    return TOLD


def asking(user: Person, resource: str = "") -> AccessRequest:
    wish: dict[str, Any] = {"role": "courier", "resource": resource, "minutes": 60, "reason": "Post", "now": NOW}
    return access_requests.ask(user=user, **wish).request


def names_told(request: AccessRequest) -> set[str]:
    return {person.email.partition("@")[0] for person in deciders.to_tell(request, now=NOW)}


def test_those_are_told_who_may_decide_however_they_came_by_it(told: list[Any]) -> None:
    make_administrator("superuser")
    give_role(make_person("administrator"), "administrator")
    allow(make_person("giver"), "roles.add_grant", SEND)
    allow(make_person("namespace"), "roles.*", SEND)
    allow(make_group("givers", make_person("member")), "roles.add_grant", SEND)
    request = asking(make_person("anna"))
    assert told == [
        ("request_asked", {"superuser", "administrator", "giver", "namespace", "member"}, request.pk),
    ]


def test_who_may_decide_in_several_ways_is_told_once() -> None:
    root = make_administrator()
    give_role(root, "administrator")
    allow(root, "roles.add_grant", SEND)
    assert deciders.to_tell(asking(make_person("anna")), now=NOW) == [root]


def test_those_are_not_told_who_may_not_decide() -> None:
    anna = make_administrator("anna")
    allow(make_person("short"), "roles.add_grant")
    allow(make_person("elsewhere"), "roles.add_grant", SEND, resource="org:8")
    make_person("stopped", is_superuser=True, is_active=False)
    deny(make_administrator("denied"), SEND)
    ended = make_person("ended")
    allow(ended, SEND)
    give_role(ended, make_role("giver", "roles.add_grant"), expires_at=NOW, now=NOW - dt.timedelta(hours=1))
    assert names_told(asking(anna, "org:7")) == set()


def test_who_gives_roles_on_a_resource_above_is_told() -> None:
    place("project:12", "org:7")
    allow(make_person("giver"), "roles.add_grant", SEND, resource="org:7")
    assert names_told(asking(make_person("anna"), "project:12")) == {"giver"}
    assert names_told(asking(make_person("bert"), "project:13")) == set()


def test_proposer_is_not_told_of_her_own_proposal() -> None:
    root, other = make_administrator(), make_administrator("other")
    request = access_requests.propose(user=make_person("anna"), role="courier", actor=root, now=NOW).request
    assert deciders.to_tell(request, now=NOW) == [other]


def test_at_most_twenty_are_told() -> None:
    group = make_group("givers", *[make_person(f"giver{number}") for number in range(deciders.MOST_TOLD + 5)])
    allow(group, "roles.add_grant", SEND)
    assert len(deciders.to_tell(asking(make_person("anna")), now=NOW)) == deciders.MOST_TOLD


@pytest.mark.parametrize(("most", "expected"), [(2, set()), (3, {"late"})])
def test_at_most_so_many_are_considered(most: int, expected: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciders, "MOST_CONSIDERED", most)
    allow(make_group("unable", make_person("one"), make_person("two")), "roles.*")
    allow(make_person("late"), "roles.add_grant", SEND)
    assert names_told(asking(make_person("anna"))) == expected


def test_decision_is_told_to_who_gets_the_role_and_who_asked(told: list[Any]) -> None:
    anna, root = make_person("anna"), make_administrator("root")
    own = asking(anna)
    access_requests.refuse(request_id=own.pk, actor=root, now=NOW)
    proposed = access_requests.propose(user=anna, role="courier", actor=root, now=NOW).request
    access_requests.approve(request_id=proposed.pk, actor=make_administrator("other"), now=NOW)
    decided = [(people, reference) for news, people, reference in told if news == "request_decided"]
    assert decided == [({"anna"}, own.pk), ({"anna", "root"}, proposed.pk)]
    assert [news for news, _, _ in told if news.startswith("grant")] == []


def test_who_asked_is_told_that_nobody_decided(told: list[Any]) -> None:
    request = asking(make_person("anna"))
    access_requests.lapse(now=NOW + dt.timedelta(days=7))
    assert told[1:] == [("request_decided", {"anna"}, request.pk)]


@pytest.mark.parametrize("again", ["the same", "too many", "what she has"])
def test_nobody_has_the_house_searched_again_and_again(again: str, settings: Any) -> None:
    anna = make_person("anna")
    for number in range(10):
        allow(make_person(f"giver-{number}"), "roles.add_grant", SEND)
    settings.ROLES_REQUESTS_A_DAY = 1 if again == "too many" else 20
    asking(anna)
    if again == "what she has":
        give_role(anna, "courier", resource="org:7")
    with CaptureQueriesContext(connection) as seen, suppress(Throttled, access_requests.AlreadyHeld):
        asking(anna, "" if again == "the same" else "org:7")
    assert len(seen) < 15


@pytest.mark.parametrize(
    ("where", "denied", "seen"),
    [
        (None, None, set()),
        ("", None, {"", "org:1", "org:2", "box:1"}),
        ("org:1", None, {"org:1", "box:1"}),
        ("", "org:1", {"", "org:2"}),
        ("org:1", "box:1", {"org:1"}),
        ("org:1", "", set()),
    ],
)
def test_what_waits_is_seen_where_one_gives_roles(where: str | None, denied: str | None, seen: set[str]) -> None:
    anna, bert = make_person("anna"), make_person("bert")
    place("box:1", "org:1")
    for resource in ("", "org:1", "org:2", "box:1"):
        asking(anna, resource)
    allow(bert, SEND, resource="org:2")
    if where is not None:
        allow(bert, "roles.add_grant", resource=where)
    if denied is not None:
        deny(bert, "roles.*", resource=denied)
    assert {row.resource for row in deciders.places(bert, now=NOW)} == seen


@pytest.mark.parametrize(("permission", "statements"), [(SEND, 2), ("roles.add_grant", 3)])
def test_what_waits_is_one_query_whatever_waits_where(permission: str, statements: int) -> None:
    anna, bert = make_person("anna"), make_person("bert")
    for number in range(5):
        asking(anna, f"org:{number}")
    allow(bert, permission, resource="org:7")
    with CaptureQueriesContext(connection) as seen:
        assert list(deciders.places(bert, now=NOW)) == []
    assert len(seen) == statements  # her stamp, her set, and the query
