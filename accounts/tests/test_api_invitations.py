"""The calls about invitations, sign-up and robots, as a client makes them."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.message_kinds.invitations import INVITATION_PURPOSE
from accounts.models import Invitation, Registration, User
from accounts.testing import PASSWORD, client_of, make_person, new_address, register, sign_in, solve
from accounts.tests.calls import AUTH, code_of
from vault import derived

pytestmark = pytest.mark.django_db

PATH = "/api/v1/invitations"
ANNA = "anna@example.com"
BODY = {"email": ANNA, "first_name": "Anna"}


@pytest.fixture(autouse=True)
def _promises(settings: Any) -> None:
    settings.ACCOUNTS_INVITATION_GRANTS = "accounts.tests.promises"


@pytest.fixture
def client() -> APIClient:
    """Return a client of somebody who may invite."""
    return client_of(sign_in(make_person(is_superuser=True, is_staff=True)))


@pytest.fixture
def stranger() -> APIClient:
    return APIClient(REMOTE_ADDR=new_address())


def newest_token() -> str:
    row = Invitation.objects.latest("pk")
    return derived.again(INVITATION_PURPOSE, row.pk, row.key_id)


def test_an_invitation_is_given_listed_sent_again_and_withdrawn(client: APIClient) -> None:
    given = client.post(PATH, BODY)
    identity = given.json()["id"]
    assert (given.status_code, given.json()["email"], given.json()["roles"]) == (201, ANNA, [])
    assert [item["id"] for item in client.get(PATH).json()["results"]] == [identity]
    assert client.post(f"{PATH}/{identity}/resend").status_code == 200
    assert client.delete(f"{PATH}/{identity}").status_code == 204
    assert client.get(PATH).json()["results"] == []
    assert code_of(client.delete(f"{PATH}/{identity}")) == (409, "conflict")


def test_the_list_is_paged(client: APIClient) -> None:
    for number in range(3):
        client.post(PATH, {"email": f"{number}@example.com"})
    first = client.get(f"{PATH}?page_size=2").json()
    second = client.get(first["next"]).json()
    assert [item["email"][0] for item in (*first["results"], *second["results"])] == ["2", "1", "0"]


def test_the_invited_accepts_with_a_password_of_her_own(client: APIClient, stranger: APIClient) -> None:
    client.post(PATH, BODY)
    assert (
        stranger.post(f"{AUTH}/invitations/accept", {"token": newest_token(), "password": PASSWORD}).status_code == 200
    )
    assert stranger.post(f"{AUTH}/login", {"email": ANNA, "password": PASSWORD}).status_code == 200


def test_the_invited_gets_what_was_promised_whatever_she_asks_for(client: APIClient, stranger: APIClient) -> None:
    client.post(PATH, BODY)
    asked = {
        "email": "eve@example.com",
        "roles": [{"role": "superuser"}],
        "is_staff": True,
        "staff": True,
        "grants": [],
    }
    stranger.post(f"{AUTH}/invitations/accept", {"token": newest_token(), "password": PASSWORD, **asked})
    user = User.objects.latest("pk")
    assert (user.email, user.is_staff, user.is_superuser) == (ANNA, False, False)


def test_a_promised_role_is_shown_as_it_was_given(client: APIClient) -> None:
    roles = [{"role": "superuser"}]
    shown = client.post(PATH, {**BODY, "roles": roles}).json()["roles"]
    assert shown == [{"role": "superuser", "resource": "", "expires_at": None}]
    refused = client.post(PATH, {"email": "b@example.com", "roles": [{"role": "king"}]})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "roles")


@pytest.mark.parametrize(("method", "path"), [("get", ""), ("post", ""), ("delete", "/{}"), ("post", "/{}/resend")])
def test_nobody_invites_without_the_permission(method: str, path: str, client: APIClient, stranger: APIClient) -> None:
    path = PATH + path.format(client.post(PATH, BODY).json()["id"])
    ordinary = client_of(sign_in())
    assert code_of(getattr(stranger, method)(path)) == (401, "not_authenticated")
    assert code_of(getattr(ordinary, method)(path)) == (403, "permission_denied")


@pytest.mark.parametrize("mode", ["invitation", "closed"])
def test_closed_sign_up_is_told_on_every_path(mode: str, stranger: APIClient, settings: Any) -> None:
    _row, token = register()
    settings.ACCOUNTS_SIGN_UP = mode
    calls = {
        "register": {"email": "new@example.com", "password": PASSWORD},
        "resend-verification": {"email": "new@example.com"},
        "verify-email": {"token": token},
    }
    for path, body in calls.items():
        assert code_of(stranger.post(f"{AUTH}/{path}", body)) == (403, "permission_denied")
    assert (User.objects.exists(), Registration.objects.count()) == (False, 1)


def test_closed_sign_up_takes_no_invitation_either(client: APIClient, stranger: APIClient, settings: Any) -> None:
    client.post(PATH, BODY)
    settings.ACCOUNTS_SIGN_UP = "closed"
    answer = stranger.post(f"{AUTH}/invitations/accept", {"token": newest_token(), "password": PASSWORD})
    assert code_of(answer) == (403, "permission_denied")
    assert code_of(client.post(PATH, {"email": "b@example.com"})) == (403, "permission_denied")


def test_registering_brings_the_proof_of_work(stranger: APIClient, settings: Any) -> None:
    settings.ACCOUNTS_ROBOT_CHALLENGE, settings.ACCOUNTS_ROBOT_DIFFICULTY = "proof-of-work", 8
    wish = {"email": ANNA, "password": PASSWORD}
    refused = stranger.post(f"{AUTH}/register", wish)
    assert refused.json()["errors"][0]["code"] == "robot_proof_required"
    issued = stranger.get(f"{AUTH}/robot-challenge?purpose=register").json()
    proof = solve(issued["challenge"], issued["difficulty"])
    assert stranger.post(f"{AUTH}/register", {**wish, "robot_proof": proof}).status_code == 202
    assert stranger.post(f"{AUTH}/register", {**wish, "robot_proof": proof}).status_code == 400


def test_without_a_challenge_it_says_so(stranger: APIClient) -> None:
    assert stranger.get(f"{AUTH}/robot-challenge").json()["kind"] == "off"
    answer = stranger.get(f"{AUTH}/robot-challenge?purpose=everything")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "purpose")


def test_inviting_costs_a_known_number_of_statements(
    client: APIClient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(10):
        client.post(PATH, BODY)
    with django_assert_max_num_queries(2):
        client.get(PATH)


def test_an_invitation_with_far_too_many_roles_is_refused_before_any_is_looked_at(client: APIClient) -> None:
    answer = client.post(PATH, BODY | {"roles": [{"role": 1}] * 51})
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["field"], error["code"]) == (400, "roles", "max_length")
    assert not Invitation.objects.exists()
