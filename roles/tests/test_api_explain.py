from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from kit.clock import utcnow
from kit.ids import uuid7
from roles import grants
from roles.models import Grant, Role
from roles.testing import allow, give_role, make_role, place
from roles.tests.people.making import client_of, make_administrator, make_person
from roles.tests.people.models import Person

pytestmark = pytest.mark.django_db

EXPLAIN = "/api/v1/roles/explain"
SEND = "letters.send_letter"


def asked(caller: Person, **body: Any) -> dict[str, Any]:
    answer = client_of(caller).post(EXPLAIN, {"permission": SEND, **body})
    assert answer.status_code == 200, answer.json()
    found: dict[str, Any] = answer.json()
    return found


def give(person: Person, giver: Person) -> None:
    make_role("sender", SEND)
    grants.give(holder=person, role="sender", resource="org:7", reason="For the mail", actor=giver, now=utcnow())


def test_answer_tells_the_whole_way() -> None:
    anna, giver = make_person("anna"), make_administrator()
    give(anna, giver)
    place("project:12", "org:7")
    answer = asked(giver, user=str(anna.pk), resource="project:12")
    [reason] = answer["because"]
    assert (answer["allowed"], answer["needed"]) == (True, [])
    assert reason.pop("grant") == str(Grant.objects.get(role="sender").pk)
    assert reason == {
        "kind": "grant",
        "detail": f"The role sender was given on org:7 (project:12 lies below org:7). It holds {SEND}.",
        "roles": ["sender"],
        "permission": SEND,
        "resource": "org:7",
        "line": ["project:12", "org:7"],
        "group": "",
        "expires_at": None,
        "given_by": str(giver.pk),
        "reason": "For the mail",
    }


def test_anybody_may_ask_about_herself_and_is_not_told_who_gave_it() -> None:
    anna = make_person("anna")
    give(anna, make_administrator())
    [reason] = asked(anna, resource="org:7")["because"]
    assert (reason["kind"], reason["given_by"], reason["reason"]) == ("grant", None, "For the mail")


def test_roles_that_would_do_are_told_as_far_as_the_caller_may_see_roles() -> None:
    anna, bert = make_person("anna"), make_person("bert")
    make_role("sender", SEND)
    Role.objects.filter(pk=make_role("guest", SEND).pk).update(requestable=True)
    give_role(bert, "auditor")
    needed = [[role["name"] for role in asked(caller)["needed"]] for caller in (anna, bert)]
    assert needed == [["guest"], ["guest", "administrator", "sender"]]


def test_another_person_needs_view_grant_and_no_id_tells_more_than_another() -> None:
    anna, bert = make_person("anna"), make_person("bert")
    client = client_of(anna)
    answers = [client.post(EXPLAIN, {"permission": SEND, "user": str(each)}) for each in (bert.pk, uuid7())]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, "permission_denied")] * 2
    assert answers[0].json() == answers[1].json()


def test_auditor_may_ask_about_another_person() -> None:
    auditor, bert = make_person("auditor"), make_person("bert")
    give_role(auditor, "auditor")
    allow(bert, SEND)
    assert asked(auditor, user=str(bert.pk))["allowed"]


def test_stranger_is_asked_to_sign_in() -> None:
    answer = APIClient().post(EXPLAIN, {"permission": SEND})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("permission", {"permission": "letters.burn_letter"}),
        ("permission", {"permission": None}),
        ("resource", {"resource": "org"}),
        ("resource", {"resource": ["org:7"]}),
        ("user", {"user": "anna"}),
        ("user", {"user": str(uuid7())}),
    ],
)
def test_wrong_question_is_refused_by_field(field: str, more: dict[str, Any]) -> None:
    answer = client_of(make_administrator()).post(EXPLAIN, {"permission": SEND, **more})
    [error] = answer.json()["errors"]
    assert (answer.status_code, answer.json()["code"], error["field"]) == (400, "validation_error", field)


@pytest.mark.parametrize("number", [1, 30])
def test_answer_is_few_statements_whatever_the_number_of_grants(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    auditor, bert = make_person("auditor"), make_person("bert")
    give_role(auditor, "auditor")
    for each in range(number):
        give_role(bert, make_role(f"reader-{each}", "letters.read_letter"), resource="org:7")
    asked(auditor, user=str(bert.pk))
    # The caller, whom she asks about, and what explaining reads: resources, grants, roles, and which would do (two).
    with django_assert_num_queries(7):
        asked(auditor, user=str(bert.pk), resource="org:7")
