from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from kit.ids import uuid7
from roles.testing import allow, deny, forget_sets, give_role, make_group, place
from roles.tests.people.making import client_of, make_administrator, make_person
from roles.tests.people.models import Person

pytestmark = pytest.mark.django_db

CHECK = "/api/v1/auth/permissions/check"
SEND, READ = "letters.send_letter", "letters.read_letter"


def ask(caller: Person, *checks: Any, **more: Any) -> Any:
    return client_of(caller).post(CHECK, {"checks": list(checks)} | more)


def refusal_of(answer: Any) -> tuple[int, str]:
    [error] = answer.json()["errors"]
    return answer.status_code, error["field"]


def test_several_questions_are_answered_in_order() -> None:
    anna = make_person()
    allow(anna, SEND, resource="org:7")
    allow(anna, READ)
    deny(anna, READ, resource="org:8")
    place("project:1", "org:7")
    asked = [(SEND, "org:7"), (SEND, "org:8"), (SEND, ""), (SEND, "project:1"), (READ, "org:7"), (READ, "org:8")]
    answer = ask(anna, *({"permission": name, "resource": resource} for name, resource in asked))
    assert answer.status_code == 200
    assert [each["allowed"] for each in answer.json()["results"]] == [True, False, False, True, True, False]


def test_auditor_asks_about_several_people_at_once() -> None:
    auditor, anna, bert, gone = (make_person(name) for name in ("auditor", "anna", "bert", "gone"))
    give_role(auditor, "auditor")
    allow(make_group("sales", anna), SEND)
    allow(gone, SEND)
    Person.objects.filter(pk=gone.pk).update(is_active=False)
    answer = ask(auditor, *({"permission": SEND, "user": str(each.pk)} for each in (anna, bert, gone, auditor)))
    assert [each["allowed"] for each in answer.json()["results"]] == [True, False, False, False]


def test_one_question_about_another_refuses_all_without_the_permission() -> None:
    anna, bert = make_person("anna"), make_person("bert")
    for other in (bert.pk, uuid7()):
        answer = ask(anna, {"permission": SEND}, {"permission": SEND, "user": str(other)})
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_unknown_person_is_told_by_the_place_of_the_question() -> None:
    answer = ask(make_administrator(), {"permission": SEND}, {"permission": SEND, "user": str(uuid7())})
    assert refusal_of(answer) == (400, "checks.1.user")


@pytest.mark.parametrize(
    ("checks", "field"),
    [
        ([], "checks"),
        ([{"permission": SEND}] * 101, "checks"),
        (None, "checks"),
        ("all", "checks"),
        ({"permission": SEND}, "checks"),
        ([SEND], "checks.0"),
        ([{"permission": SEND}, {}], "checks.1.permission"),
        ([{"permission": "letters.burn_letter"}], "checks.0.permission"),
        ([{"permission": SEND, "resource": "org"}], "checks.0.resource"),
        ([{"permission": SEND, "user": "anna"}], "checks.0.user"),
    ],
)
def test_wrong_questions_are_refused_by_field(checks: Any, field: str) -> None:
    assert refusal_of(client_of(make_person()).post(CHECK, {"checks": checks})) == (400, field)


def test_body_is_one_question_or_several() -> None:
    assert refusal_of(ask(make_person(), {"permission": SEND}, permission=READ)) == (400, "checks")


@pytest.mark.parametrize("number", [2, 25])
def test_questions_cost_a_few_statements_whatever_their_number(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    root, people = make_administrator(), [make_person(f"person-{each}") for each in range(number)]
    for index, person in enumerate(people):
        allow(person, SEND, resource=f"org:{index}")
    checks = [
        {"permission": SEND, "user": str(person.pk), "resource": f"org:{index}"} for index, person in enumerate(people)
    ]
    forget_sets()
    # The caller, her set, the others, their sets, what lies above the resources.
    with django_assert_num_queries(5):
        assert ask(root, *checks).json()["results"] == [{"allowed": True}] * number
    with django_assert_num_queries(2):
        ask(root, *checks)


@pytest.mark.parametrize("number", [1, 100])
def test_own_questions_are_one_statement_warm(number: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    anna = make_person()
    allow(anna, SEND, resource="org:7")
    checks = [{"permission": SEND, "resource": f"org:{each}"} for each in range(number)]
    forget_sets()
    with django_assert_num_queries(3):
        ask(anna, *checks)
    with django_assert_num_queries(1):
        ask(anna, *checks)
