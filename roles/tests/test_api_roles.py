from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from audit.testing import entries
from roles import event_types
from roles.models import Role
from roles.testing import allow, forget_sets, give_role, make_role
from roles.tests.people.making import client_of, make_administrator, make_person

pytestmark = pytest.mark.django_db

ROLES = "/api/v1/roles"
SEND, READ = "letters.send_letter", "letters.read_letter"
CLERK = {
    "name": "clerk",
    "description": "Writes letters",
    "permissions": [SEND],
    "inherits": ["reader"],
    "sensitive": False,
    "requestable": True,
}


def path_of(name: str) -> str:
    return f"{ROLES}/{name}"


def errors_of(answer: Any) -> tuple[int, set[tuple[str, str]]]:
    return answer.status_code, {(error["field"], error["code"]) for error in answer.json()["errors"]}


def test_role_is_made_and_read() -> None:
    make_role("reader", READ)
    client = client_of(make_administrator())
    made = client.post(ROLES, CLERK)
    told = {**CLERK, "built_in": False, "effective_permissions": [READ, SEND]}
    assert (made.status_code, made.json()) == (201, told)
    assert client.get(path_of("clerk")).json() == told


def test_name_alone_makes_an_empty_role() -> None:
    made = client_of(make_administrator()).post(ROLES, {"name": "clerk"})
    assert (made.json()["permissions"], made.json()["requestable"]) == ([], False)


def test_change_of_one_thing_leaves_the_rest() -> None:
    make_role("reader", READ)
    client = client_of(make_administrator())
    client.post(ROLES, CLERK)
    changed = client.patch(path_of("clerk"), {"permissions": ["letters.*", "letters.*"]})
    assert changed.status_code == 200
    assert changed.json() == {
        **CLERK,
        "permissions": ["letters.*"],
        "built_in": False,
        "effective_permissions": ["letters.*", READ],
    }


def test_deleted_role_is_gone() -> None:
    make_role("clerk", SEND)
    client = client_of(make_administrator())
    assert client.delete(path_of("clerk")).status_code == 204
    answers = [client.get(path_of("clerk")), client.delete(path_of("clerk")), client.patch(path_of("clerk"), {})]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "not_found")] * 3


def test_roles_are_listed_by_name_page_by_page() -> None:
    make_role("reader", READ)
    client = client_of(make_administrator())
    first = client.get(ROLES, {"page_size": 5}).json()
    second = client.get(first["next"]).json()
    names = [role["name"] for page in (first, second) for role in page["results"]]
    assert names == sorted(Role.objects.values_list("name", flat=True))
    assert (second["next"], first["previous"]) == (None, None)


@pytest.mark.parametrize("number", [1, 30])
def test_list_costs_the_same_however_many_roles_there_are(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for each in range(number):
        make_role(f"role-{each}", SEND, READ, inherits=["notifier"])
    client = client_of(make_administrator())
    client.get(ROLES)
    # The caller, the roles, what they hold, what they inherit.
    with django_assert_num_queries(4):
        client.get(ROLES, {"page_size": 100})


def test_one_role_costs_five_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = client_of(make_administrator())
    client.get(ROLES)
    with django_assert_num_queries(5):
        client.get(path_of("auditor"))


@pytest.mark.parametrize(
    ("method", "path", "permission"),
    [
        ("get", ROLES, "roles.view_role"),
        ("post", ROLES, "roles.add_role"),
        ("get", path_of("auditor"), "roles.view_role"),
        ("patch", path_of("auditor"), "roles.change_role"),
        ("delete", path_of("auditor"), "roles.delete_role"),
    ],
)
def test_each_call_needs_its_permission(method: str, path: str, permission: str) -> None:
    anna, other = make_person("anna"), make_person("other")
    allow(other, permission)
    refused, let_in = (getattr(client_of(person), method)(path, {}) for person in (anna, other))
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert let_in.status_code in {200, 400, 403}
    assert let_in.status_code != 403 or "more than you do" in let_in.json()["detail"]


@pytest.mark.parametrize(
    ("field", "code", "body"),
    [
        ("name", "required", {"name": None}),
        ("name", "null", {"name": None}),
        ("name", "invalid_name", {"name": "Clerk"}),
        ("name", "reserved", {"name": "grants"}),
        ("name", "taken", {"name": "auditor"}),
        ("description", "max_length", {"description": "x" * 256}),
        ("permissions", "not_a_list", {"permissions": SEND}),
        ("permissions.0", "invalid", {"permissions": [17]}),
        ("permissions", "unknown_permission", {"permissions": ["letters.burn_letter"]}),
        ("permissions", "max_length", {"permissions": [SEND] * 501}),
        ("inherits.1", "null", {"inherits": ["reader", None]}),
        ("inherits", "unknown_role", {"inherits": ["nobody"]}),
        ("inherits", "unknown_role", {"inherits": ["Nobody"]}),
        ("sensitive", "invalid", {"sensitive": "yes"}),
        ("requestable", "null", {"requestable": None}),
    ],
)
def test_wrong_role_is_refused_by_field(field: str, code: str, body: dict[str, Any]) -> None:
    make_role("reader", READ)
    whole = {key: value for key, value in (CLERK | body).items() if (code, key) != ("required", "name")}
    assert errors_of(client_of(make_administrator()).post(ROLES, whole)) == (400, {(field, code)})


def test_circle_is_a_mistake_of_the_field() -> None:
    make_role("reader", READ)
    make_role("clerk", inherits=["reader"])
    answer = client_of(make_administrator()).patch(path_of("reader"), {"inherits": ["clerk"]})
    assert errors_of(answer) == (400, {("inherits", "circle")})


@pytest.mark.parametrize(
    ("method", "name"), [("delete", "auditor"), ("patch", "auditor"), ("delete", "held"), ("patch", "owner")]
)
def test_what_must_stay_is_a_conflict(method: str, name: str) -> None:
    root = make_person("root")
    make_role("held", SEND)
    make_role("owner", "*")
    for role in ("held", "owner"):
        give_role(root, role)
    answer = getattr(client_of(root), method)(path_of(name), {"permissions": []} if method == "patch" else {})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_who_holds_less_than_a_role_is_refused_with_an_entry() -> None:
    make_role("clerk", SEND)
    anna = make_person()
    allow(anna, "roles.*", READ)
    client = client_of(anna)
    attempts = [
        client.post(ROLES, {"name": "mine", "permissions": [SEND]}),
        client.post(ROLES, {"name": "mine", "inherits": ["clerk"]}),
        client.patch(path_of("clerk"), {"permissions": [READ]}),
        client.delete(path_of("clerk")),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in attempts} == {(403, "permission_denied")}
    refused = [entry for event in _EVENTS for entry in entries(event)]
    assert [(entry.outcome, entry.actor) for entry in refused] == [("refused", anna.pk)] * 4


_EVENTS = (event_types.ROLE_CREATED, event_types.ROLE_CHANGED, event_types.ROLE_DELETED)


@pytest.mark.parametrize("name", ["nobody", "%00", "Auditor", "auditor%2F", "..%2fauditor", "a" * 5000])
def test_name_that_no_role_has_is_not_found(name: str) -> None:
    answer = client_of(make_administrator()).get(path_of(name))
    assert answer.status_code == 404


def test_changed_role_is_in_force_on_the_next_request() -> None:
    make_role("reader", "roles.view_role")
    anna = make_person()
    give_role(anna, "reader")
    mine, roots = client_of(anna), client_of(make_administrator())
    assert mine.get(ROLES).status_code == 200
    roots.patch(path_of("reader"), {"permissions": []})
    assert mine.get(ROLES).status_code == 403
    forget_sets()
    assert mine.get(ROLES).status_code == 403


@pytest.mark.parametrize(("field", "most"), [("permissions", 500), ("inherits", 50)])
def test_list_that_is_too_long_is_refused_before_anything_in_it_is_looked_at(field: str, most: int) -> None:
    answer = client_of(make_administrator()).post(ROLES, {"name": "clerk", field: [{}] * (most + 1)})
    assert errors_of(answer) == (400, {(field, "max_length")})
