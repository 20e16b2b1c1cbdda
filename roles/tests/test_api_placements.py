from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from roles.models import Placement
from roles.testing import allow, give_role, place
from roles.tests.people.making import client_of, make_administrator, make_person

pytestmark = pytest.mark.django_db

PLACEMENTS = "/api/v1/placements"
SEND = "letters.send_letter"
NEW = {"resource": "project:12", "parent": "org:7"}


def error_of(answer: Any) -> tuple[int, str]:
    [error] = answer.json()["errors"]
    return answer.status_code, error["field"]


def outcome_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_resource_is_put_below_another_and_taken_from_there() -> None:
    anna, client = make_person(), client_of(make_administrator())
    allow(anna, SEND, resource="org:7")
    first, second = client.post(PLACEMENTS, NEW), client.post(PLACEMENTS, NEW)
    assert (first.status_code, second.status_code, first.json()) == (201, 200, second.json())
    assert first.json().items() >= NEW.items()
    assert anna.has_perm(SEND, "project:12")
    assert client.delete(PLACEMENTS, NEW).status_code == 204
    assert not anna.has_perm(SEND, "project:12")
    assert outcome_of(client.delete(PLACEMENTS, NEW)) == (404, "not_found")


@pytest.mark.parametrize(
    ("query", "body", "status"),
    [
        ("resource=project:12&parent=org:7", {}, 204),
        ("resource=project:12&parent=org:7", NEW, 400),
        ("resource=project:12&parent=org:7", [], 400),
        ("resource=project:12", {}, 400),
    ],
)
def test_placement_is_taken_away_by_its_query_too(query: str, body: Any, status: int) -> None:
    place("project:12", "org:7")
    assert client_of(make_administrator()).delete(f"{PLACEMENTS}?{query}", body).status_code == status
    assert Placement.objects.exists() == (status == 400)


def test_placements_are_listed_by_each_end_newest_first() -> None:
    auditor = make_person("auditor")
    give_role(auditor, "auditor")
    for lower, upper in (("project:1", "org:7"), ("project:2", "org:7"), ("project:1", "org:8")):
        place(lower, upper)
    client = client_of(auditor)

    def listed(query: str) -> list[tuple[str, str]]:
        found = client.get(f"{PLACEMENTS}?{query}").json()["results"]
        return [(each["resource"], each["parent"]) for each in found]

    assert listed("") == [("project:1", "org:8"), ("project:2", "org:7"), ("project:1", "org:7")]
    assert listed("resource=project:1") == [("project:1", "org:8"), ("project:1", "org:7")]
    assert listed("parent=org:7") == [("project:2", "org:7"), ("project:1", "org:7")]
    assert listed("parent=org:70") == []


def test_list_goes_on() -> None:
    client = client_of(make_administrator())
    for number in range(3):
        place(f"project:{number}", "org:7")
    page = client.get(f"{PLACEMENTS}?parent=org:7&page_size=2").json()
    rest = client.get(page["next"]).json()
    assert [each["resource"] for each in page["results"] + rest["results"]] == ["project:2", "project:1", "project:0"]


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("resource", {"resource": ""}),
        ("resource", {"resource": "project"}),
        ("resource", {"resource": None}),
        ("parent", {"parent": ""}),
        ("parent", {"parent": "org:7 8"}),
        ("parent", {"parent": "org:" + "7" * 200}),
        ("parent", {"parent": "project:12"}),
    ],
)
def test_wrong_placement_is_refused_by_field(field: str, change: dict[str, Any]) -> None:
    client = client_of(make_administrator())
    assert error_of(client.post(PLACEMENTS, NEW | change)) == (400, field)
    assert not Placement.objects.exists()


@pytest.mark.parametrize("query", ["resource=", "resource=x", "parent=%00", "cursor=x", "page_size=0"])
def test_wrong_question_is_refused_by_field(query: str) -> None:
    answer = client_of(make_administrator()).get(f"{PLACEMENTS}?{query}")
    assert error_of(answer) == (400, query.partition("=")[0])


@pytest.mark.parametrize("held", [None, "auditor"])
def test_each_call_asks_for_its_permission(held: str | None) -> None:
    anna = make_person()
    if held:
        give_role(anna, held)
    client = client_of(anna)
    assert client.get(PLACEMENTS).status_code == (200 if held else 403)
    refused = [client.post(PLACEMENTS, NEW), client.delete(PLACEMENTS, NEW)]
    assert [outcome_of(answer) for answer in refused] == [(403, "permission_denied")] * 2


def test_nobody_gains_by_a_placement_of_her_own() -> None:
    anna = make_person()
    allow(anna, "roles.add_placement")
    allow(anna, SEND, resource="org:7")
    answer = client_of(anna).post(PLACEMENTS, NEW)
    assert (outcome_of(answer), anna.has_perm(SEND, "project:12")) == ((403, "permission_denied"), False)


def test_more_than_twenty_parents_are_a_conflict() -> None:
    for number in range(20):
        place("project:12", f"org:1{number}")
    assert outcome_of(client_of(make_administrator()).post(PLACEMENTS, NEW)) == (409, "conflict")


@pytest.mark.parametrize("number", [1, 30])
def test_calls_cost_the_same_whatever_lies_there(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(make_administrator())
    for each in range(number):
        place(f"project:1{each}", "org:7")
        place(f"org:{each + 7}", f"org:{each + 8}")
    client.get(PLACEMENTS)
    with django_assert_num_queries(2):
        client.get(f"{PLACEMENTS}?page_size=100")
    with django_assert_num_queries(24):
        assert client.post(PLACEMENTS, {"resource": "box:1", "parent": "org:7"}).status_code == 201
