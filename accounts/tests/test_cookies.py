"""The refresh token as a cookie, for browsers (SECURITY W07, W09, W13), and what it takes for it to count."""

from http.cookies import Morsel
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Session
from accounts.testing import PASSWORD, SignedIn, client_of, make_person, new_address, sign_in
from accounts.tests.calls import AUTH, code_of

pytestmark = pytest.mark.django_db

NAME = "__Host-refresh"
APP = "https://app.example.com"
WANTED = {"X-Token-Delivery": "cookie"}


@pytest.fixture(autouse=True)
def _origins(settings: Any) -> None:
    settings.CORS_ORIGINS = [APP]


@pytest.fixture
def client() -> APIClient:
    return APIClient(REMOTE_ADDR=new_address())


def browser_of(signed_in: SignedIn) -> APIClient:
    client = APIClient(REMOTE_ADDR=new_address())
    client.cookies[NAME] = signed_in.refresh
    return client


def post(client: APIClient, path: str, body: Any = None, *, origin: str = APP, **headers: str) -> Any:
    return client.post(
        f"{AUTH}/{path}", body or {}, headers={**WANTED, **({"Origin": origin} if origin else {}), **headers}
    )


def cookie_of(response: Any) -> "Morsel[str]":
    cookie: Morsel[str] = response.cookies[NAME]
    return cookie


def test_a_browser_gets_its_refresh_token_out_of_reach_of_scripts(client: APIClient) -> None:
    response = post(client, "login", {"email": make_person().email, "password": PASSWORD})
    cookie, body = cookie_of(response), response.json()
    assert (response.status_code, "refresh" in body, body["refresh_expires_in"]) == (200, False, 604800)
    told = {name: value for name, value in cookie.items() if value}
    assert {name: told[name] for name in told if name != "expires"} == {
        "max-age": 604800,
        "path": "/",
        "secure": True,
        "httponly": True,
        "samesite": "Strict",
    }
    assert response["Cache-Control"] == "no-store"


def test_a_cookie_of_staff_is_kept_no_longer_than_their_session(client: APIClient) -> None:
    response = post(client, "login", {"email": make_person(is_staff=True).email, "password": PASSWORD})
    assert (cookie_of(response)["max-age"], response.json()["refresh_expires_in"]) == (3600, 3600)


def test_without_the_header_no_cookie_is_set_and_none_is_taken(client: APIClient) -> None:
    response = client.post(f"{AUTH}/login", {"email": make_person().email, "password": PASSWORD})
    assert (bool(response.cookies), "refresh" in response.json()) == (False, True)
    signed_in = sign_in()
    refused = browser_of(signed_in).post(f"{AUTH}/refresh", {}, headers={"Origin": APP})
    assert code_of(refused) == (400, "validation_error")
    assert code_of(browser_of(signed_in).post(f"{AUTH}/logout", {}, headers={"Origin": APP}))[0] == 401
    assert Session.objects.get(pk=signed_in.session.pk).ended_at is None


def test_the_cookie_is_renewed_as_a_token_in_the_body_is() -> None:
    client = browser_of(sign_in())
    response = post(client, "refresh")
    renewed = cookie_of(response).value
    assert (response.status_code, "refresh" in response.json(), renewed[:4]) == (200, False, "ghr_")
    again = client.post(f"{AUTH}/refresh", {"refresh": renewed})
    assert again.status_code == 200


def test_what_stands_in_the_body_beside_the_cookie_is_not_looked_at() -> None:
    hers, others = sign_in(), sign_in()
    response = post(browser_of(hers), "refresh", {"refresh": others.refresh})
    assert response.json()["session_id"] == str(hers.session.pk)


@pytest.mark.parametrize(
    "origin", ["", "null", "https://evil.example", f"{APP}.evil.example", f"{APP}:8443", f"{APP}/"]
)
@pytest.mark.parametrize("path", ["refresh", "logout"])
def test_a_foreign_page_cannot_use_the_cookie(path: str, origin: str) -> None:
    signed_in = sign_in()
    response = post(browser_of(signed_in), path, origin=origin)
    assert code_of(response) == (403, "permission_denied")
    assert Session.objects.get(pk=signed_in.session.pk).ended_at is None
    assert post(browser_of(signed_in), "refresh").status_code == 200


@pytest.mark.parametrize("path", ["refresh", "logout"])
def test_a_browser_without_a_cookie_is_asked_to_sign_in(client: APIClient, path: str) -> None:
    assert code_of(post(client, path)) == (401, "not_authenticated")
    assert code_of(post(client, path, {"refresh": sign_in().refresh})) == (401, "not_authenticated")


def test_a_cookie_that_is_no_token_is_refused_and_counted(client: APIClient, settings: Any) -> None:
    settings.RATE_LIMIT_SCALE = 1
    settings.LIMITS_BY_ADDRESS = {"refresh": (2, 60)}
    client.cookies[NAME] = "ghr_" + "x" * 43
    assert [post(client, "refresh").status_code for _ in range(3)] == [401, 401, 429]


def test_signing_out_ends_the_session_and_clears_the_browser() -> None:
    signed_in = sign_in()
    response = post(browser_of(signed_in), "logout")
    cookie = cookie_of(response)
    assert (response.status_code, cookie.value, cookie["max-age"], cookie["path"]) == (204, "", 0, "/")
    assert (cookie["secure"], cookie["httponly"], cookie["domain"]) == (True, True, "")
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert code_of(post(browser_of(signed_in), "refresh")) == (401, "invalid_token")
    assert client_of(signed_in).get(f"{AUTH}/me").status_code == 401
