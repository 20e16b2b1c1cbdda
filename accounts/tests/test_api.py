"""The account calls over HTTP, as a client makes them."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Registration, User
from accounts.testing import PASSWORD, client_of, make_person, new_address, register, sign_in
from accounts.tests.calls import AUTH, code_of
from audit.testing import entries
from limits.guesses import FREE_TRIES
from notifications.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> APIClient:
    return APIClient(REMOTE_ADDR=new_address())


def test_registering_answers_the_same_for_a_free_and_a_taken_address(client: APIClient) -> None:
    make_person("anna@example.com")
    answers = [
        client.post(f"{AUTH}/register", {"email": email, "password": PASSWORD})
        for email in ("anna@example.com", "new@example.com")
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].content == answers[1].content
    assert Message.objects.count() == 2


def test_resending_answers_the_same_for_every_address(client: APIClient) -> None:
    register("pending@example.com")
    make_person("taken@example.com")
    answers = [
        client.post(f"{AUTH}/resend-verification", {"email": f"{who}@example.com"})
        for who in ("pending", "taken", "unknown")
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, answers[0].content)}


def test_a_registration_cannot_set_what_is_not_its_own(client: APIClient) -> None:
    body = {"email": "eve@example.com", "password": PASSWORD, "is_staff": True, "is_superuser": True, "roles": ["x"]}
    assert client.post(f"{AUTH}/register", body).status_code == 202
    row = Registration.objects.get()
    _row, token = register("eve@example.com")
    assert client.post(f"{AUTH}/verify-email", {"token": token}).status_code == 200
    user = User.objects.get()
    assert (user.is_staff, user.is_superuser, row.address) == (False, False, user.email)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("email", 'quoted"@example.com'),
        ("email", "a@b\ncc:x"),
        ("email", "a@[127.0.0.1]"),
        ("email", None),
        ("email", 7),
        ("email", "x" * 300 + "@example.com"),
        ("password", "short"),
        ("password", "x" * 1025),
        ("password", ["x"]),
        ("username", "аdmin"),
        ("username", "admin\u200b"),
        ("username", "a@b"),
        ("phone", "030 123"),
        ("phone", "+0123456789"),
        ("first_name", "x" * 151),
    ],
)
def test_a_mistake_is_told_at_its_field_and_changes_nothing(client: APIClient, field: str, value: Any) -> None:
    body = {"email": "anna@example.com", "password": PASSWORD, field: value}
    response = client.post(f"{AUTH}/register", body)
    assert code_of(response) == (400, "validation_error")
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert not Registration.objects.exists()


def test_signing_in_answers_tokens(client: APIClient) -> None:
    user = make_person("anna@example.com", username="anna")
    by_address = client.post(f"{AUTH}/login", {"email": user.email, "password": PASSWORD, "device_name": "Laptop"})
    by_name = client.post(f"{AUTH}/login", {"username": "anna", "password": PASSWORD})
    assert (by_address.status_code, by_name.status_code) == (200, 200)
    body = by_address.json()
    assert set(body) == {
        *("access", "refresh", "token_type", "expires_in", "refresh_expires_in", "session_id", "device_token"),
    }
    assert (body["token_type"], body["expires_in"], body["refresh_expires_in"]) == ("Bearer", 1800, 604800)


def test_refused_sign_ins_are_alike_to_the_byte(client: APIClient) -> None:
    make_person("anna@example.com")
    make_person("stopped@example.com", is_active=False)
    register("pending@example.com")
    bodies = []
    for email in ("anna@example.com", "stopped@example.com", "pending@example.com", "nobody@example.com"):
        password = PASSWORD if email != "anna@example.com" else "wrong"
        response = client.post(f"{AUTH}/login", {"email": email, "password": password}, HTTP_X_REQUEST_ID="same")
        assert code_of(response) == (401, "invalid_credentials")
        bodies.append((response.content, sorted(response.headers)))
    assert all(body == bodies[0] for body in bodies)


@pytest.mark.parametrize("email", ["anna@example.com", "nobody@example.com"])
def test_a_locked_account_says_when_to_come_back(client: APIClient, email: str) -> None:
    make_person("anna@example.com")
    for _ in range(FREE_TRIES):
        client.post(f"{AUTH}/login", {"email": email, "password": "wrong"})
    response = client.post(f"{AUTH}/login", {"email": email, "password": PASSWORD})
    assert code_of(response) == (429, "account_locked")
    assert int(response["Retry-After"]) <= 30


@pytest.mark.parametrize("body", [{}, {"email": "a@example.com", "username": "a"}, {"email": ""}, {"email": None}])
def test_a_sign_in_needs_one_name(client: APIClient, body: dict[str, Any]) -> None:
    assert code_of(client.post(f"{AUTH}/login", {"password": PASSWORD, **body})) == (400, "validation_error")


def test_a_further_step_is_told_with_its_challenge(client: APIClient, settings: Any) -> None:
    settings.ACCOUNTS_LOGIN_STEPS = ("accounts.tests.house.AlwaysDue",)
    response = client.post(f"{AUTH}/login", {"email": make_person().email, "password": PASSWORD})
    assert code_of(response) == (401, "mfa_required")
    body = response.json()
    assert (body["methods"], body["expires_in"]) == (["totp", "recovery"], 300)
    assert body["challenge"].startswith("ghc_")


def test_limits_by_network_address_hold(client: APIClient, settings: Any) -> None:
    settings.RATE_LIMIT_SCALE = 1
    settings.LIMITS_BY_ADDRESS = {"login": (2, 60)}
    body = {"email": "nobody@example.com", "password": "wrong"}
    statuses = [
        client.post(f"{AUTH}/login", body, HTTP_X_FORWARDED_FOR=f"198.51.100.{n}").status_code for n in range(3)
    ]
    assert statuses == [401, 401, 429]


def test_the_profile_is_read_with_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    signed_in = sign_in()
    client = client_of(signed_in)
    for path in ("profile", "me", "profile/"):
        with django_assert_num_queries(1):
            response = client.get(f"{AUTH}/{path}")
        assert response.json()["email"] == signed_in.user.email


def test_a_person_changes_her_own_names_and_nothing_else() -> None:
    signed_in = sign_in()
    body = {
        "first_name": "Änne",
        "username": "aenne",
        "time_zone": "Europe/Berlin",
        "email": "x@y.zz",
        "is_staff": True,
    }
    response = client_of(signed_in).patch(f"{AUTH}/profile", body)
    assert response.status_code == 200
    user = User.objects.get(pk=signed_in.user.pk)
    assert (user.first_name, user.username, user.email, user.is_staff) == ("Änne", "aenne", signed_in.user.email, False)
    assert [entry.details for entry in entries("accounts.profile.changed")] == [
        {"fields": "first_name,time_zone,username"}
    ]


@pytest.mark.parametrize(
    ("field", "value"), [("username", "taken"), ("time_zone", "Mars/Base"), ("locale", "!"), ("phone", "1")]
)
def test_a_wrong_profile_field_is_told(field: str, value: str) -> None:
    make_person(username="taken")
    response = client_of(sign_in()).patch(f"{AUTH}/profile", {field: value})
    assert code_of(response) == (400, "validation_error")
    assert response.json()["errors"][0]["field"] == field


@pytest.mark.parametrize("phone", ["+4915112345678", "+390612345678"])
def test_a_number_in_e_164_form_is_taken(phone: str) -> None:
    assert client_of(sign_in()).patch(f"{AUTH}/profile", {"phone": phone}).json()["phone"] == phone


def test_a_user_name_given_up_is_kept_from_others_and_hers_to_take_back() -> None:
    client = client_of(sign_in())
    client.patch(f"{AUTH}/profile", {"username": "anna"})
    assert client.patch(f"{AUTH}/profile", {"username": None}).json()["username"] is None
    assert client_of(sign_in()).patch(f"{AUTH}/profile", {"username": "anna"}).status_code == 400
    assert client.patch(f"{AUTH}/profile", {"username": "anna"}).status_code == 200


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer  x", "Bearer x y", "Bearer x,Bearer x", "Basic eDp5", "Token x", "x"]
)
def test_any_other_authorization_header_is_refused(client: APIClient, header: str) -> None:
    response = client.get(f"{AUTH}/profile", headers={"authorization": header})
    assert code_of(response) == (401, "invalid_token")


def test_without_a_credential_nobody_is_signed_in(client: APIClient) -> None:
    signed_in = sign_in()
    assert code_of(client.get(f"{AUTH}/profile")) == (401, "not_authenticated")
    for query in (f"access_token={signed_in.access}", f"token={signed_in.access}"):
        assert code_of(client.get(f"{AUTH}/profile?{query}")) == (401, "not_authenticated")
