import datetime as dt
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from kit.clock import utcnow
from kit.ids import uuid7
from roles.models import AccessRequest, Grant, Role
from roles.testing import allow, deny, forget_sets, give_role, make_group, make_role
from roles.tests.people.making import client_of, make_administrator, make_person
from roles.tests.people.models import Person

pytestmark = pytest.mark.django_db

ASSIGN, REVOKE, GRANTS = (f"/api/v1/roles/{verb}" for verb in ("assign", "revoke", "grants"))
SEND = "letters.send_letter"


def error_of(answer: Any) -> tuple[int, str]:
    [error] = answer.json()["errors"]
    return answer.status_code, error["field"]


def outcome_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def body_of(holder: Any, role: str = "notifier", **more: Any) -> dict[str, Any]:
    kind = "user" if isinstance(holder, Person) else "group"
    return {kind: str(holder.pk), "role": role, **more}


def test_role_is_given_and_the_answer_is_the_grant() -> None:
    anna, root = make_person(), make_administrator()
    wanted = body_of(anna, resource="org:7", expires_at="2098-01-01T00:00:00Z", reason="newsletter")
    answer = client_of(root).post(ASSIGN, wanted)
    told = answer.json()
    assert (answer.status_code, told["given_by"], told["group"], told["denies"]) == (201, str(root.pk), None, False)
    assert {name: told[name] for name in wanted} == wanted
    assert anna.has_perm("notifications.send_message", "org:7")


def test_same_again_is_the_same_grant() -> None:
    anna, client = make_person(), client_of(make_administrator())
    first, second = (client.post(ASSIGN, body_of(anna)) for _ in range(2))
    assert (first.status_code, second.status_code, second.json()) == (201, 200, first.json())


def test_group_is_given_a_role_and_denied_one() -> None:
    anna, client = make_person(), client_of(make_administrator())
    group = make_group("sales", anna)
    assert client.post(ASSIGN, body_of(group)).json()["group"] == "sales"
    assert anna.has_perm("notifications.send_message")
    assert client.post(ASSIGN, body_of(group, denies=True)).status_code == 201
    assert not anna.has_perm("notifications.send_message")


@pytest.mark.parametrize("by", ["body", "query"])
def test_role_and_denial_are_taken_back_by_body_or_query(by: str) -> None:
    anna, client = make_person(), client_of(make_administrator())
    for denies in (False, True):
        give_role(anna, "notifier", resource="org:7", denies=denies)
        named = body_of(anna, resource="org:7", denies=denies)
        query = "&".join(f"{name}={str(value).lower()}" for name, value in named.items())
        answer = client.delete(REVOKE, named) if by == "body" else client.delete(f"{REVOKE}?{query}")
        assert (answer.status_code, Grant.objects.count()) == (204, 0)


def test_what_was_not_given_is_not_found() -> None:
    answer = client_of(make_administrator()).delete(REVOKE, body_of(make_person()))
    assert outcome_of(answer) == (404, "not_found")


def test_body_and_query_that_both_name_something_are_refused() -> None:
    anna, bert = make_person("anna"), make_person("bert")
    give_role(anna, "notifier")
    answer = client_of(make_administrator()).delete(f"{REVOKE}?user={bert.pk}", body_of(anna))
    assert error_of(answer) == (400, "user")
    assert Grant.objects.count() == 1


@pytest.mark.parametrize("body", [17, "role", [], [{}]])
def test_body_that_is_no_object_is_refused_whatever_the_query_names(body: Any) -> None:
    anna = make_person("anna")
    give_role(anna, "notifier")
    answer = client_of(make_administrator()).delete(f"{REVOKE}?user={anna.pk}&role=notifier", body)
    assert (answer.status_code, Grant.objects.count()) == (400, 1)


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("user", {"role": "notifier"}),
        ("user", {"user": str(uuid7()), "group": "sales", "role": "notifier"}),
        ("user", {"user": "anna", "role": "notifier"}),
        ("user", {"user": str(uuid7()), "role": "notifier"}),
        ("group", {"group": "nobody", "role": "notifier"}),
        ("group", {"group": 7, "role": "notifier"}),
        ("role", {"group": "sales"}),
        ("role", {"group": "sales", "role": "x" * 65}),
        ("resource", {"group": "sales", "role": "notifier", "resource": "org"}),
        ("resource", {"group": "sales", "role": "notifier", "resource": None}),
        ("denies", {"group": "sales", "role": "notifier", "denies": "yes"}),
    ],
)
def test_wrong_input_is_refused_by_field(field: str, body: dict[str, Any]) -> None:
    make_group("sales")
    client = client_of(make_administrator())
    assert error_of(client.post(ASSIGN, body)) == (400, field)
    assert error_of(client.delete(REVOKE, body)) == (400, field)


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("role", {"role": "nothing"}),
        ("expires_at", {"expires_at": "2001-01-01T00:00:00Z"}),
        ("expires_at", {"expires_at": "tomorrow"}),
        ("reason", {"reason": "x" * 501}),
    ],
)
def test_what_cannot_be_given_is_refused_by_field(field: str, more: dict[str, Any]) -> None:
    answer = client_of(make_administrator()).post(ASSIGN, body_of(make_person(), **more))
    assert error_of(answer) == (400, field)


@pytest.mark.parametrize("method", ["post", "delete"])
def test_without_the_permission_nobody_learns_who_there_is(method: str) -> None:
    anna, path = make_person(), ASSIGN if method == "post" else REVOKE
    holders = [{"user": str(each)} for each in (make_person("bert").pk, uuid7())] + [{"group": "nobody"}]
    answers = [getattr(client_of(anna), method)(path, {**each, "role": "notifier"}) for each in holders]
    assert [outcome_of(answer) for answer in answers] == [(403, "permission_denied")] * 3
    assert len({str(answer.json()) for answer in answers}) == 1


def test_who_may_give_on_one_resource_gives_there_alone() -> None:
    anna, boss = make_person(), make_person("boss")
    allow(boss, "roles.*", "notifications.*", resource="org:7")
    client = client_of(boss)
    answers = [client.post(ASSIGN, body_of(anna, resource=place)) for place in ("org:7", "org:8", "")]
    assert [answer.status_code for answer in answers] == [201, 403, 403]
    assert client.delete(REVOKE, body_of(anna, resource="org:7")).status_code == 204


def test_nobody_gives_more_than_they_hold() -> None:
    boss = make_person("boss")
    allow(boss, "roles.*")
    assert outcome_of(client_of(boss).post(ASSIGN, body_of(boss, "administrator"))) == (403, "permission_denied")


def test_last_holder_of_everything_stays() -> None:
    root = make_person("root")
    give_role(root, "administrator")
    assert outcome_of(client_of(root).delete(REVOKE, body_of(root, "administrator"))) == (409, "conflict")


def test_sensitive_role_waits_for_a_second_person() -> None:
    anna, root = make_person(), make_administrator()
    make_role("vault-opener", SEND)
    Role.objects.filter(pk="vault-opener").update(sensitive=True)
    answer = client_of(root).post(ASSIGN, body_of(anna, "vault-opener", reason="she moves there"))
    asked = AccessRequest.objects.get()
    assert (answer.status_code, answer.json()["id"], answer.json()["state"]) == (202, str(asked.pk), "pending")
    assert (asked.user_id, asked.asked_by, Grant.objects.filter(user=anna.pk).count()) == (anna.pk, root.pk, 0)


def test_grants_are_listed_newest_first_by_each_filter() -> None:
    anna, auditor = make_person(), make_person("auditor")
    group = make_group("sales", anna)
    give_role(auditor, "auditor")
    own, theirs = give_role(anna, "notifier", resource="org:7"), give_role(group, "notifier")
    denied = deny(anna, SEND)
    client = client_of(auditor)

    def listed(query: str) -> list[str]:
        return [each["id"] for each in client.get(f"{GRANTS}?{query}").json()["results"]]

    assert listed("")[:3] == [str(each.pk) for each in (denied, theirs, own)]
    assert listed(f"user={anna.pk}") == [str(denied.pk), str(own.pk)]
    assert listed("group=sales") == [str(theirs.pk)]
    assert listed("role=notifier") == [str(theirs.pk), str(own.pk)]
    assert listed("resource=org:7") == [str(own.pk)]
    assert listed("role=notifier&resource=") == [str(theirs.pk)]
    assert listed(f"user={uuid7()}") == listed("role=nobody") == []


def test_grant_that_has_ended_is_not_listed() -> None:
    anna = make_person()
    give_role(anna, "notifier", expires_at=utcnow() + dt.timedelta(hours=1))
    Grant.objects.update(expires_at=utcnow())
    assert client_of(make_administrator()).get(GRANTS).json()["results"] == []


def test_list_is_for_who_may_see_grants_and_goes_on() -> None:
    anna, root = make_person(), make_administrator()
    for number in range(3):
        give_role(anna, "notifier", resource=f"org:{number}")
    assert outcome_of(client_of(anna).get(GRANTS)) == (403, "permission_denied")
    page = client_of(root).get(f"{GRANTS}?role=notifier&page_size=2").json()
    rest = client_of(root).get(page["next"]).json()
    assert [each["resource"] for each in page["results"] + rest["results"]] == ["org:2", "org:1", "org:0"]


@pytest.mark.parametrize("query", ["user=anna", "user=", "role=", "group=%00", "resource=org", "cursor=x"])
def test_wrong_question_is_refused_by_field(query: str) -> None:
    assert error_of(client_of(make_administrator()).get(f"{GRANTS}?{query}")) == (400, query.partition("=")[0])


@pytest.mark.parametrize("number", [1, 30])
def test_list_is_two_statements_whatever_its_length(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    anna, client = make_person(), client_of(make_administrator())
    for place in range(number):
        give_role(anna, "notifier", resource=f"org:{place}")
    client.get(GRANTS)
    with django_assert_num_queries(2):
        client.get(f"{GRANTS}?page_size=100")


@pytest.mark.parametrize("others", [0, 30])
def test_giving_and_taking_cost_the_same_whatever_else_was_given(
    others: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    anna, client = make_person(), client_of(make_administrator())
    for place in range(others):
        give_role(anna, "notifier", resource=f"org:{place}")
    forget_sets()
    with django_assert_max_num_queries(24):
        assert client.post(ASSIGN, body_of(anna)).status_code == 201
    with django_assert_max_num_queries(24):
        assert client.delete(REVOKE, body_of(anna)).status_code == 204


def test_taken_role_is_refused_on_the_next_request() -> None:
    boss, client = make_person("boss"), client_of(make_administrator())
    give_role(boss, "administrator")
    theirs = client_of(boss)
    assert theirs.get(GRANTS).status_code == 200
    assert client.delete(REVOKE, body_of(boss, "administrator")).status_code == 204
    assert theirs.get(GRANTS).status_code == 403
    assert not Grant.objects.exists()
