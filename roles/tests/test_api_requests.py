"""Requests for a role over HTTP: who is answered what, and nothing more."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from kit.clock import utcnow
from kit.ids import uuid7
from roles import access_requests
from roles.models import AccessRequest, Grant
from roles.testing import allow, forget_sets, give_role
from roles.tests.asking import SEND
from roles.tests.people.making import client_of, make_administrator, make_person
from roles.tests.people.models import Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("courier")]

URL = "/api/v1/access-requests"
WISH = {"role": "courier", "minutes": 60, "reason": "Sending the invoices"}
CHECK = "/api/v1/auth/permissions/check"


def asked_by(user: Person, **other: Any) -> AccessRequest:
    return access_requests.ask(user=user, now=utcnow(), **{**WISH, **other}).request


def decide(user: Person, request: AccessRequest, verb: str, body: dict[str, Any] | None = None) -> Any:
    return client_of(user).post(f"{URL}/{request.pk}/{verb}", body or {})


def ids_of(answer: Any) -> list[str]:
    return [each["id"] for each in answer.json()["results"]]


def test_asking_answers_the_request(anna: Person) -> None:
    answer = client_of(anna).post(URL, {**WISH, "resource": "org:7"})
    told, row = answer.json(), AccessRequest.objects.get()
    assert answer.status_code == 201
    assert (told["id"], told["state"], told["asked_by"], told["user"]) == (str(row.pk), "pending", *[str(anna.pk)] * 2)
    assert (told["role"], told["resource"], told["minutes"], told["expires_at"]) == ("courier", "org:7", 60, None)


def test_asking_again_answers_the_same_request_and_in_other_words_a_conflict(anna: Person) -> None:
    client = client_of(anna)
    first, again, other = (client.post(URL, {**WISH, "minutes": minutes}) for minutes in (60, 60, 61))
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first.json()["id"] == again.json()["id"]
    assert other.json()["code"] == "conflict"


@pytest.mark.parametrize(
    ("field", "wish"),
    [
        ("role", {"role": "auditor"}),
        ("role", {"role": None}),
        ("role", {"role": ["courier"]}),
        ("role", {"role": "x" * 65}),
        ("role", {"role": ""}),
        ("minutes", {"minutes": 0}),
        ("minutes", {"minutes": 43_201}),
        ("minutes", {"minutes": "60"}),
        ("minutes", {"minutes": None}),
        ("reason", {"reason": ""}),
        ("reason", {"reason": "x" * 501}),
        ("reason", {"reason": "one\u2028two"}),
        ("resource", {"resource": "org"}),
    ],
)
def test_wrong_wish_is_refused_by_field(field: str, wish: dict[str, Any], anna: Person) -> None:
    answer = client_of(anna).post(URL, {**WISH, **wish})
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_who_asks_too_often_is_told_how_long_to_wait(anna: Person, settings: Any) -> None:
    settings.ROLES_REQUESTS_A_DAY = 1
    asked_by(anna)
    answer = client_of(anna).post(URL, {**WISH, "resource": "org:7"})
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert 0 < int(answer["Retry-After"]) <= 24 * 3600


def test_approved_role_is_in_force_on_the_next_request(anna: Person, bert: Person) -> None:
    client, request = client_of(anna), asked_by(anna)
    before = client.post(CHECK, {"permission": SEND}).json()
    answer = decide(bert, request, "approve", {"answer": "Until the evening"})
    assert (answer.status_code, answer.json()["state"]) == (200, "approved")
    assert (answer.json()["decided_by"], answer.json()["answer"]) == (str(bert.pk), "Until the evening")
    assert [before, client.post(CHECK, {"permission": SEND}).json()] == [{"allowed": False}, {"allowed": True}]


def test_refused_request_gives_nothing(anna: Person, bert: Person) -> None:
    answer = decide(bert, asked_by(anna), "refuse", {"answer": "Carl does that"})
    assert (answer.status_code, answer.json()["state"], answer.json()["answer"]) == (200, "refused", "Carl does that")
    assert not Grant.objects.filter(user=anna.pk).exists()


@pytest.mark.parametrize("answer", [None, 5, "x" * 501, "a\x00", "a\u2028b"])
@pytest.mark.parametrize("verb", ["approve", "refuse"])
def test_wrong_answer_is_refused_and_decides_nothing(verb: str, answer: Any, anna: Person, bert: Person) -> None:
    told = decide(bert, asked_by(anna), verb, {"answer": answer})
    assert (told.status_code, told.json()["errors"][0]["field"]) == (400, "answer")
    assert AccessRequest.objects.get().state == "pending"


@pytest.mark.parametrize("verb", ["approve", "refuse"])
def test_own_request_is_seen_and_not_decided(verb: str) -> None:
    root = make_administrator()
    answer = decide(root, asked_by(root), verb)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_decided_request_is_a_conflict(anna: Person, bert: Person) -> None:
    request = asked_by(anna)
    answers = [decide(bert, request, verb) for verb in ("refuse", "approve", "refuse")]
    assert [answer.status_code for answer in answers] == [200, 409, 409]


def test_asker_withdraws_and_whoever_decides_does_not(anna: Person, bert: Person) -> None:
    request = asked_by(anna)
    assert [decide(person, request, "withdraw").status_code for person in (bert, anna, anna)] == [403, 200, 409]


def test_one_request_is_read_by_who_asked_and_who_decides(anna: Person, bert: Person) -> None:
    request = asked_by(anna)
    answers = [client_of(person).get(f"{URL}/{request.pk}").json() for person in (anna, bert)]
    assert [answer["reason"] for answer in answers] == ["Sending the invoices"] * 2


@pytest.mark.parametrize("verb", ["", "/approve", "/refuse", "/withdraw"])
def test_request_of_another_is_not_found_and_looks_like_none(verb: str, anna: Person) -> None:
    client = client_of(make_person("carl"))
    call = client.post if verb else client.get
    answers = [call(f"{URL}/{each}{verb}") for each in (asked_by(anna).pk, uuid7())]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


NOBODYS = "01990000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", ""), ("post", ""), ("get", "/roles"), ("get", f"/{NOBODYS}"), ("post", f"/{NOBODYS}/approve")],
)
def test_stranger_is_asked_to_sign_in(method: str, path: str) -> None:
    assert getattr(APIClient(), method)(f"{URL}{path}").status_code == 401


def test_list_holds_what_the_caller_may_see_the_newest_first(anna: Person, bert: Person) -> None:
    first, second = asked_by(anna), asked_by(anna, resource="org:7")
    other = asked_by(make_person("carl"))
    auditor = make_person("auditor")
    give_role(auditor, "auditor")
    everything = [str(row.pk) for row in (other, second, first)]
    assert ids_of(client_of(anna).get(URL)) == everything[1:]
    assert ids_of(client_of(auditor).get(URL)) == ids_of(client_of(bert).get(URL)) == everything


def test_list_is_narrowed_by_state_and_person(anna: Person, bert: Person) -> None:
    waiting, refused = asked_by(anna), asked_by(anna, resource="org:7")
    decide(bert, refused, "refuse")
    client = client_of(make_administrator())
    asked_by(make_person("carl"))
    assert ids_of(client.get(URL, {"user": str(anna.pk), "state": "pending"})) == [str(waiting.pk)]
    assert ids_of(client.get(URL, {"state": "refused"})) == [str(refused.pk)]
    assert client.get(URL, {"state": "lost"}).json()["errors"][0]["field"] == "state"
    assert client.get(URL, {"user": "anna"}).json()["errors"][0]["field"] == "user"


def test_list_is_cut_into_pages(anna: Person) -> None:
    for number in range(3):
        asked_by(anna, resource=f"org:{number}")
    client = client_of(anna)
    page = client.get(URL, {"page_size": 2})
    rest = client.get(page.json()["next"])
    assert [len(ids_of(page)), len(ids_of(rest)), rest.json()["next"]] == [2, 1, None]
    assert client_of(make_person("carl")).get(page.json()["next"]).status_code == 400


def test_anybody_sees_which_roles_may_be_asked_for(anna: Person) -> None:
    answer = client_of(anna).get(f"{URL}/roles")
    assert answer.json()["results"] == [{"name": "courier", "description": "", "sensitive": False}]


@pytest.mark.parametrize("number", [1, 15])
def test_list_costs_the_same_however_long(
    number: int, anna: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for each in range(number):
        asked_by(anna, resource=f"org:{each}")
    client = client_of(anna)
    forget_sets()
    # The caller, her set, her own, those she made for others, and what waits where she gives roles: nowhere.
    with django_assert_num_queries(4):
        assert len(ids_of(client.get(URL))) == number


def test_list_of_who_gives_roles_on_resources_costs_nothing_more(
    anna: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for each in range(5):
        asked_by(anna, resource=f"org:{each}")
    carl = make_person("carl")
    for each in range(3):
        allow(carl, "roles.add_grant", resource=f"org:{each}")
    client = client_of(carl)
    forget_sets()
    with django_assert_num_queries(5):
        assert len(ids_of(client.get(URL))) == 3


@pytest.mark.parametrize("others", [0, 10])
def test_asking_and_deciding_cost_the_same_however_many_wait(
    others: int, anna: Person, bert: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for each in range(others):
        asked_by(make_person(f"p{each}"))
    asking, deciding = client_of(anna), client_of(bert)
    forget_sets()
    # Most of these look for who may decide, and ask of each what he holds at both ends of the while.
    with django_assert_num_queries(32):
        asking.post(URL, WISH)
    request = AccessRequest.objects.get(user=anna.pk)
    with django_assert_num_queries(39):
        deciding.post(f"{URL}/{request.pk}/approve", {})
