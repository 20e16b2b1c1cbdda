from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from kit.clock import utcnow
from kit.ids import uuid7
from roles import grants
from roles.testing import allow, forget_sets, give_role
from roles.tests.people.making import client_of, make_administrator, make_person

ROLES = ("accessrequest", "grant", "group", "membership", "permission", "placement", "role")
READ = ["accounts.view_user", "audit.view_entry", *(f"roles.view_{noun}" for noun in ROLES)]
pytestmark = pytest.mark.django_db

OWN = "/api/v1/auth/permissions"
CHECK = "/api/v1/auth/permissions/check"
SEND = "letters.send_letter"


def error_of(answer: Any) -> tuple[int, str, str]:
    [error] = answer.json()["errors"]
    return answer.status_code, answer.json()["code"], error["field"]


def test_caller_sees_their_own_permissions_and_roles() -> None:
    anna = make_person()
    give_role(anna, "auditor")
    allow(anna, SEND, resource="org:7")
    answer = client_of(anna).get(OWN)
    assert answer.json() == {
        "permissions": ["accounts.view_session", *READ],
        "roles": ["auditor", "member"],
    }


def test_wildcards_are_told_with_the_names_they_cover() -> None:
    told = client_of(make_administrator()).get(OWN).json()["permissions"]
    assert {"*", SEND, "roles.add_grant"} <= set(told)


@pytest.mark.parametrize("method", ["get", "post"])
def test_stranger_is_asked_to_sign_in(method: str) -> None:
    path = OWN if method == "get" else CHECK
    answer = getattr(APIClient(), method)(path)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_check_answers_yes_or_no() -> None:
    anna = make_person()
    allow(anna, SEND)
    client = client_of(anna)
    answers = [client.post(CHECK, {"permission": name}) for name in (SEND, "letters.read_letter")]
    assert [(answer.status_code, answer.json()) for answer in answers] == [
        (200, {"allowed": True}),
        (200, {"allowed": False}),
    ]


def test_check_on_a_resource() -> None:
    anna = make_person()
    allow(anna, SEND, resource="org:7")
    client = client_of(anna)
    answers = [client.post(CHECK, {"permission": SEND, "resource": place}) for place in ("org:7", "org:70", "")]
    assert [answer.json()["allowed"] for answer in answers] == [True, False, False]


def test_role_taken_back_is_refused_on_the_next_request() -> None:
    anna = make_person()
    give_role(anna, "auditor")
    client = client_of(anna)
    assert client.post(CHECK, {"permission": "audit.view_entry"}).json()["allowed"]
    grants.take(holder=anna, role="auditor", actor=None, now=utcnow())
    assert not client.post(CHECK, {"permission": "audit.view_entry"}).json()["allowed"]


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("permission", {}),
        ("permission", {"permission": None}),
        ("permission", {"permission": ""}),
        ("permission", {"permission": "letters.burn_letter"}),
        ("permission", {"permission": ["letters.send_letter"]}),
        ("permission", {"permission": "x" * 5000}),
        ("permission", {"permission": "letters.send\x00"}),
        ("resource", {"permission": SEND, "resource": "org"}),
        ("resource", {"permission": SEND, "resource": None}),
        ("resource", {"permission": SEND, "resource": {"org": 7}}),
        ("resource", {"permission": SEND, "resource": "org:" + "7" * 197}),
        ("resource", {"permission": SEND, "resource": "org:\x00"}),
        ("user", {"permission": SEND, "user": "anna"}),
        ("user", {"permission": SEND, "user": None}),
        ("user", {"permission": SEND, "user": [1]}),
    ],
)
def test_wrong_question_is_refused_by_field(field: str, body: dict[str, Any]) -> None:
    assert error_of(client_of(make_administrator()).post(CHECK, body)) == (400, "validation_error", field)


def test_another_person_needs_view_grant_and_no_id_tells_more_than_another() -> None:
    anna, bert = make_person("anna"), make_person("bert")
    answers = [client_of(anna).post(CHECK, {"permission": SEND, "user": str(each)}) for each in (bert.pk, uuid7())]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert answers[0].json() == answers[1].json()


def test_auditor_may_ask_about_another_person() -> None:
    auditor, bert = make_person("auditor"), make_person("bert")
    give_role(auditor, "auditor")
    allow(bert, SEND)
    answer = client_of(auditor).post(CHECK, {"permission": SEND, "user": str(bert.pk)})
    assert answer.json() == {"allowed": True}


def test_unknown_person_is_a_mistake_of_the_field() -> None:
    answer = client_of(make_administrator()).post(CHECK, {"permission": SEND, "user": str(uuid7())})
    assert error_of(answer) == (400, "validation_error", "user")


def test_own_id_is_asking_about_oneself() -> None:
    anna = make_person()
    assert client_of(anna).post(CHECK, {"permission": SEND, "user": str(anna.pk)}).json() == {"allowed": False}


@pytest.mark.parametrize("number_of_grants", [0, 40])
def test_check_is_three_statements_cold_at_most_and_one_warm(
    number_of_grants: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    anna = make_person()
    for number in range(number_of_grants):
        allow(anna, SEND, resource=f"org:{number}")
    client = client_of(anna)
    forget_sets()
    # The person, her set, and, where she holds anything on single resources, what lies above this one.
    with django_assert_num_queries(3 if number_of_grants else 2):
        client.post(CHECK, {"permission": SEND, "resource": "org:7"})
    with django_assert_num_queries(1):
        client.post(CHECK, {"permission": SEND, "resource": "org:7"})
