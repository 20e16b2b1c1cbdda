"""The calls about addresses and the telephone number, as a client makes them."""

import datetime as dt
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts import codes, links
from accounts.models import Handle, Link, SentCode, Session, User
from accounts.testing import PASSWORD, client_of, make_person, new_address, sign_in
from accounts.tests.calls import AUTH, code_of
from kit.clock import utcnow
from notifications.models import Message

pytestmark = pytest.mark.django_db

OLD, NEW, NUMBER = "anna@example.com", "anna@example.org", "+4915112345678"


@pytest.fixture
def client() -> APIClient:
    """Return a client of somebody who has just signed in."""
    return client_of(sign_in(make_person(OLD)))


@pytest.fixture
def stranger() -> APIClient:
    return APIClient(REMOTE_ADDR=new_address())


def long_ago() -> None:
    """Let the sign-in of every session be long ago."""
    Session.objects.update(auth_time=utcnow() - dt.timedelta(hours=1))


def newest_token() -> str:
    return links.text_of(Link.objects.exclude(purpose=Link.Purpose.UNDO).latest("pk"))


def confirmed(client: APIClient, email: str = NEW) -> str:
    """Add a further address; return its id."""
    assert client.post(f"{AUTH}/addresses", {"email": email}).status_code == 202
    assert APIClient().post(f"{AUTH}/addresses/confirm", {"token": newest_token()}).status_code == 200
    return str(Handle.objects.get(canonical=email).pk)


def test_a_further_address_is_added_listed_and_removed(client: APIClient) -> None:
    identity = confirmed(client)
    listed = client.get(f"{AUTH}/addresses").json()
    assert [(item["email"], item["primary"]) for item in listed["results"]] == [(OLD, True), (NEW, False)]
    assert client.delete(f"{AUTH}/addresses/{identity}").status_code == 204
    assert client.get(f"{AUTH}/addresses").json()["count"] == 1


def test_the_primary_address_is_changed_by_the_link_to_the_new_one(client: APIClient, stranger: APIClient) -> None:
    assert client.post(f"{AUTH}/email/change", {"email": NEW, "password": PASSWORD}).status_code == 202
    assert client.get(f"{AUTH}/me").json()["email"] == OLD
    assert stranger.post(f"{AUTH}/addresses/confirm", {"token": newest_token()}).status_code == 200
    assert client.get(f"{AUTH}/me").json()["email"] == NEW
    assert stranger.post(f"{AUTH}/login", {"email": NEW, "password": PASSWORD}).status_code == 200
    assert code_of(stranger.post(f"{AUTH}/login", {"email": OLD, "password": PASSWORD})) == (401, "invalid_credentials")


def test_another_address_is_made_the_primary_one(client: APIClient) -> None:
    identity = confirmed(client)
    answer = client.post(f"{AUTH}/addresses/{identity}/primary")
    assert (answer.status_code, answer.json()["primary"]) == (200, True)
    assert User.objects.get().email == NEW
    old = Handle.objects.get(canonical=OLD)
    assert client.delete(f"{AUTH}/addresses/{old.pk}").status_code == 204


def test_the_primary_address_cannot_be_removed(client: APIClient) -> None:
    handle = Handle.objects.get()
    assert code_of(client.delete(f"{AUTH}/addresses/{handle.pk}")) == (409, "conflict")


@pytest.mark.parametrize("path", ["email/change", "addresses"])
def test_a_taken_address_is_answered_as_a_free_one(client: APIClient, path: str) -> None:
    make_person("taken@example.com")
    answers = [client.post(f"{AUTH}/{path}", {"email": email}) for email in ("taken@example.com", "free@example.com")]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, answers[0].content)}
    assert Message.objects.filter(kind="accounts.confirm_address").count() == 2


@pytest.mark.parametrize(
    ("method", "path"), [("post", "email/change"), ("post", "addresses"), ("delete", "{}"), ("post", "{}/primary")]
)
def test_what_weakens_the_account_asks_for_proof(client: APIClient, method: str, path: str) -> None:
    path = path.format(f"addresses/{confirmed(client)}")
    long_ago()
    before = list(Handle.objects.values()), Link.objects.count()
    call = getattr(client, method)
    assert code_of(call(f"{AUTH}/{path}", {"email": "a@example.net"})) == (403, "reauthentication_required")
    wrong = call(f"{AUTH}/{path}", {"email": "a@example.net", "password": "wrong"})
    assert wrong.json()["errors"][0]["field"] == "password"
    assert (list(Handle.objects.values()), Link.objects.count()) == before
    assert call(f"{AUTH}/{path}", {"email": "a@example.net", "password": PASSWORD}).status_code < 300


def test_anothers_address_is_not_found(client: APIClient) -> None:
    other = make_person("bert@example.com").handles.get()
    assert code_of(client.delete(f"{AUTH}/addresses/{other.pk}")) == (404, "not_found")
    assert code_of(client.post(f"{AUTH}/addresses/{other.pk}/primary")) == (404, "not_found")


def test_a_link_leads_to_the_clients_own_page_where_the_operator_allows_it(client: APIClient, settings: Any) -> None:
    settings.ACCOUNTS_LINK_URLS = ["https://app.example.com/account"]
    evil = client.post(f"{AUTH}/email/change", {"email": NEW, "link_url": "https://evil.example/account"})
    assert (evil.status_code, evil.json()["errors"][0]["field"]) == (400, "link_url")
    own = client.post(f"{AUTH}/email/change", {"email": NEW, "link_url": "https://app.example.com/account/confirm"})
    assert (own.status_code, Link.objects.get(address=NEW).landing) == (202, "https://app.example.com/account/confirm")


def test_a_number_is_confirmed_by_its_code(client: APIClient) -> None:
    client.patch(f"{AUTH}/me", {"phone": NUMBER})
    assert client.post(f"{AUTH}/phone/send", {}).status_code == 202
    code = codes.text_of(SentCode.objects.get())
    answer = client.post(f"{AUTH}/phone/confirm", {"code": code})
    assert (answer.status_code, answer.json()["phone_confirmed"]) == (200, True)
    assert client.patch(f"{AUTH}/me", {"phone": "+4915112345679"}).json()["phone_confirmed"] is False


def test_a_wrong_code_is_told_at_its_field_and_five_are_enough(client: APIClient) -> None:
    client.post(f"{AUTH}/phone/send", {"phone": NUMBER})
    wrong = "000000" if codes.text_of(SentCode.objects.get()) != "000000" else "000001"
    answers = [client.post(f"{AUTH}/phone/confirm", {"code": wrong}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [400] * 5 + [429]
    assert (answers[0].json()["errors"][0]["field"], "Retry-After" in answers[5].headers) == ("code", True)


def test_where_nobody_carries_sms_the_answer_says_so(client: APIClient, settings: Any) -> None:
    settings.NOTIFICATIONS_SMS_PROVIDERS = []
    answer = client.post(f"{AUTH}/phone/send", {"phone": NUMBER})
    assert (code_of(answer), "Retry-After" in answer.headers) == ((503, "unavailable"), True)


@pytest.mark.parametrize("number", ["015112345678", "+49", "+0151", "+49 151 12345678", "phone", "+" + "1" * 40])
def test_a_number_that_is_not_one_is_refused(client: APIClient, number: str) -> None:
    answer = client.post(f"{AUTH}/phone/send", {"phone": number})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "phone")


@pytest.mark.parametrize("name", ["email", "email_verified", "phone_confirmed", "phone_verified", "phone_confirmed_at"])
def test_the_profile_takes_no_word_for_what_must_be_confirmed(client: APIClient, name: str) -> None:
    before = User.objects.values().get()
    answer = client.patch(f"{AUTH}/me", {name: NEW if name == "email" else True})
    assert (answer.status_code, User.objects.values().get()) == (200, before)


@pytest.mark.parametrize(
    ("path", "body", "most"),
    [
        ("addresses", None, 3),
        ("email/change", {"email": NEW}, 15),
        ("phone/send", {"phone": NUMBER}, 19),  # four of them are the guard of short messages
    ],
)
def test_calls_cost_a_known_number_of_statements(
    client: APIClient,
    path: str,
    body: dict[str, str] | None,
    most: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_max_num_queries(most):
        call = client.get(f"{AUTH}/{path}") if body is None else client.post(f"{AUTH}/{path}", body)
    assert call.status_code in (200, 202)
