from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from roles.models import Permission
from roles.testing import allow, make_role
from roles.tests.people.making import client_of, make_administrator, make_person

pytestmark = pytest.mark.django_db

PERMISSIONS = "/api/v1/permissions"
REFUND = {"name": "shop.refund_order", "description": "Pay an order back"}
PATH = f"{PERMISSIONS}/shop.refund_order"


def error_of(answer: Any) -> tuple[int, str, str]:
    [error] = answer.json()["errors"]
    return answer.status_code, error["field"], error["code"]


def test_declared_permission_may_be_held_and_asked_for_at_once() -> None:
    client = client_of(make_administrator())
    made = client.post(PERMISSIONS, REFUND)
    assert (made.status_code, made.json()) == (201, {**REFUND, "built_in": False})
    assert client.post("/api/v1/roles", {"name": "cashier", "permissions": ["shop.*"]}).status_code == 201
    asked = client.post("/api/v1/auth/permissions/check", {"permission": REFUND["name"]})
    assert asked.json() == {"allowed": True}


def test_the_same_again_is_answered_with_200() -> None:
    client = client_of(make_administrator())
    answers = [client.post(PERMISSIONS, body) for body in (REFUND, REFUND, {"name": REFUND["name"]})]
    assert [(answer.status_code, answer.json()["description"]) for answer in answers] == [
        (201, "Pay an order back"),
        (200, "Pay an order back"),
        (200, ""),
    ]
    assert Permission.objects.count() == 1


def test_vocabulary_holds_what_apps_and_clients_declare_by_name() -> None:
    client = client_of(make_administrator())
    client.post(PERMISSIONS, REFUND)
    listed = client.get(PERMISSIONS, {"page_size": 100}).json()
    names = [item["name"] for item in listed["results"]]
    assert names == sorted(names)
    assert {"letters.send_letter", "roles.add_grant", REFUND["name"]} <= set(names)
    assert listed["count"] == len(names)


def test_one_namespace_of_the_vocabulary() -> None:
    client = client_of(make_administrator())
    client.post(PERMISSIONS, REFUND)
    for namespace, built_in in (("shop", False), ("stamps", True)):
        listed = client.get(PERMISSIONS, {"namespace": namespace}).json()["results"]
        assert {(item["name"].partition(".")[0], item["built_in"]) for item in listed} == {(namespace, built_in)}


def test_list_costs_one_statement_where_the_vocabulary_is_known(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = client_of(make_administrator())
    client.post(PERMISSIONS, REFUND)
    client.get(PERMISSIONS)
    with django_assert_num_queries(1):
        client.get(PERMISSIONS)


def test_withdrawn_permission_is_gone() -> None:
    client = client_of(make_administrator())
    client.post(PERMISSIONS, REFUND)
    assert client.delete(PATH).status_code == 204
    assert client.delete(PATH).status_code == 404
    assert client.get(PERMISSIONS, {"namespace": "shop"}).json()["results"] == []


def test_permission_that_a_role_holds_is_a_conflict() -> None:
    client = client_of(make_administrator())
    client.post(PERMISSIONS, REFUND)
    make_role("cashier", REFUND["name"])
    answer = client.delete(PATH)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("field", "code", "body"),
    [
        ("name", "required", {}),
        ("name", "invalid", {"name": 17}),
        ("name", "invalid_permission", {"name": "Shop.Refund"}),
        ("name", "invalid_permission", {"name": "shop.*"}),
        ("name", "reserved", {"name": "roles.rule_house"}),
        ("name", "max_length", {"name": "s." + "a" * 99}),
        ("description", "max_length", {"name": "shop.refund", "description": "x" * 256}),
    ],
)
def test_wrong_permission_is_refused_by_field(field: str, code: str, body: dict[str, Any]) -> None:
    assert error_of(client_of(make_administrator()).post(PERMISSIONS, body)) == (400, field, code)


@pytest.mark.parametrize(
    ("method", "path", "permission"),
    [
        ("get", PERMISSIONS, "roles.view_permission"),
        ("post", PERMISSIONS, "roles.add_permission"),
        ("delete", PATH, "roles.delete_permission"),
    ],
)
def test_each_call_needs_its_permission(method: str, path: str, permission: str) -> None:
    anna, other = make_person("anna"), make_person("other")
    allow(other, permission)
    answers = [getattr(client_of(person), method)(path) for person in (anna, other)]
    assert answers[0].status_code == 403
    assert answers[1].status_code in {200, 400, 404}
