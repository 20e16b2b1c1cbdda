from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from kit.ids import uuid7
from roles.models import Group, Membership
from roles.testing import allow, give_role, make_group
from roles.tests.people.making import client_of, make_administrator, make_person

pytestmark = pytest.mark.django_db

GROUPS, SALES = "/api/v1/groups", "/api/v1/groups/sales"
MEMBERS = f"{SALES}/members"
SEND = "letters.send_letter"
NEW = {"name": "sales", "description": "Those who sell"}


def error_of(answer: Any) -> tuple[int, str]:
    [error] = answer.json()["errors"]
    return answer.status_code, error["field"]


def outcome_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_group_is_made_read_changed_and_deleted() -> None:
    client = client_of(make_administrator())
    made = client.post(GROUPS, NEW)
    assert (made.status_code, made.json()["description"]) == (201, "Those who sell")
    assert client.get(SALES).json() == made.json()
    changed = client.patch(SALES, {"description": "Those who sold"})
    assert (changed.status_code, changed.json()["description"]) == (200, "Those who sold")
    assert client.delete(SALES).status_code == 204
    assert outcome_of(client.get(SALES)) == (404, "not_found")


def test_groups_are_listed_by_name_page_by_page() -> None:
    client = client_of(make_administrator())
    for name in ("sales", "cooks", "porters"):
        make_group(name)
    first = client.get(f"{GROUPS}?page_size=2").json()
    rest = client.get(first["next"]).json()
    assert [each["name"] for each in first["results"] + rest["results"]] == ["cooks", "porters", "sales"]


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("name", {}),
        ("name", {"name": None}),
        ("name", {"name": "Sales"}),
        ("name", {"name": "taken"}),
        ("name", {"name": "x" * 65}),
        ("description", {"name": "sales", "description": "x" * 256}),
        ("description", {"name": "sales", "description": 7}),
    ],
)
def test_wrong_group_is_refused_by_field(field: str, body: dict[str, Any]) -> None:
    make_group("taken")
    assert error_of(client_of(make_administrator()).post(GROUPS, body)) == (400, field)
    assert Group.objects.count() == 1


def test_description_must_be_said() -> None:
    make_group("sales")
    assert error_of(client_of(make_administrator()).patch(SALES, {})) == (400, "description")


def test_person_is_put_in_listed_and_taken_out() -> None:
    anna, root = make_person(), make_administrator()
    allow(make_group("sales"), SEND)
    client, body = client_of(root), {"user": str(anna.pk)}
    first, second = client.post(MEMBERS, body), client.post(MEMBERS, body)
    assert (first.status_code, second.status_code, first.json()) == (201, 200, second.json())
    assert (first.json()["user"], first.json()["added_by"]) == (str(anna.pk), str(root.pk))
    assert client.get(MEMBERS).json()["results"] == [first.json()]
    assert anna.has_perm(SEND)
    assert client.delete(f"{MEMBERS}/{anna.pk}").status_code == 204
    assert not anna.has_perm(SEND)


@pytest.mark.parametrize("user", [None, "anna", "01990000-0000-7000-8000-000000000000", 7])
def test_wrong_member_is_refused_by_field(user: Any) -> None:
    make_group("sales")
    assert error_of(client_of(make_administrator()).post(MEMBERS, {"user": user})) == (400, "user")


def test_who_is_not_in_a_group_cannot_be_taken_out() -> None:
    make_group("sales")
    client = client_of(make_administrator())
    for user in (make_person().pk, uuid7()):
        assert outcome_of(client.delete(f"{MEMBERS}/{user}")) == (404, "not_found")


@pytest.mark.parametrize("group", ["nobody", "Sales", "sales%00", "%2e%2e"])
def test_group_that_is_not_there_is_not_found(group: str) -> None:
    make_group("sales")
    client, path, user = client_of(make_administrator()), f"{GROUPS}/{group}", make_person().pk
    answers = [
        client.get(path),
        client.patch(path, {"description": ""}),
        client.delete(path),
        client.get(f"{path}/members"),
        client.post(f"{path}/members", {"user": str(user)}),
        client.delete(f"{path}/members/{user}"),
    ]
    assert [outcome_of(answer) for answer in answers] == [(404, "not_found")] * 6


@pytest.mark.parametrize("held", [None, "user-manager"])
def test_each_call_asks_for_its_permission(held: str | None) -> None:
    anna = make_person()
    make_group("sales", anna)
    if held:
        give_role(anna, held)
    client, readable = client_of(anna), 200 if held else 403
    assert [client.get(path).status_code for path in (GROUPS, SALES, MEMBERS)] == [readable] * 3
    refused = [
        client.post(GROUPS, NEW),
        client.patch(SALES, {"description": ""}),
        client.delete(SALES),
        client.post(MEMBERS, {"user": str(anna.pk)}),
        client.delete(f"{MEMBERS}/{anna.pk}"),
    ]
    assert [outcome_of(answer) for answer in refused] == [(403, "permission_denied")] * 5


def test_nobody_joins_into_more_than_they_hold() -> None:
    boss = make_person("boss")
    allow(boss, "roles.add_membership")
    allow(make_group("sales"), SEND)
    answer = client_of(boss).post(MEMBERS, {"user": str(boss.pk)})
    assert (outcome_of(answer), Membership.objects.count()) == ((403, "permission_denied"), 0)


def test_last_master_by_a_group_stays_in_it() -> None:
    root = make_person("root")
    give_role(make_group("sales", root), "administrator")
    for path in (f"{MEMBERS}/{root.pk}", SALES):
        assert outcome_of(client_of(root).delete(path)) == (409, "conflict")


@pytest.mark.parametrize("number", [1, 30])
def test_lists_cost_the_same_whatever_their_length(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(make_administrator())
    make_group("sales", *[make_person(f"person-{each}") for each in range(number)])
    client.get(GROUPS)
    for path, statements in ((GROUPS, 2), (SALES, 2), (MEMBERS, 3)):
        with django_assert_num_queries(statements):
            client.get(f"{path}?page_size=100")


@pytest.mark.parametrize("number", [1, 30])
def test_joining_costs_the_same_whatever_the_group_was_given(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    anna, client = make_person(), client_of(make_administrator())
    group = make_group("sales")
    for each in range(number):
        give_role(group, "notifier", resource=f"org:{each}")
    client.get(GROUPS)
    with django_assert_num_queries(20):
        assert client.post(MEMBERS, {"user": str(anna.pk)}).status_code == 201
