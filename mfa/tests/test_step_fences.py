"""Calls of a sign-in under way, where others behind her network address have used up what it may."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, override_settings
from rest_framework.test import APIClient

from accounts.models import LoginAttempt, User
from accounts.testing import make_person, new_address
from kit.clock import utcnow
from mfa.testing import challenge_of, code_of, make_contact, make_totp
from mfa.tests.browsing import SEND, STEP, enter

pytestmark = pytest.mark.django_db

API = "/api/v1/auth/mfa"
LIMITS = {
    "mfa-challenge": (3, 600),
    "mfa-challenge-send": (3, 600),
    "mfa-challenge-by-sign-in": (2, 600),
    "mfa-challenge-send-by-sign-in": (2, 600),
}
JUNK: tuple[Any, ...] = ("", 7, [], "ghc_", "ghc_" + "a" * 43)


@pytest.fixture(autouse=True)
def _limits() -> Iterator[None]:
    with override_settings(LIMITS_BY_ADDRESS=LIMITS, RATE_LIMIT_SCALE=1):
        yield


@pytest.fixture
def address() -> str:
    """Return a network address from which others have called as often as it may."""
    address = new_address()
    client = APIClient(REMOTE_ADDR=address)
    for path in ("challenge", "challenge/send"):
        assert [client.post(f"{API}/{path}", {}).status_code for _ in range(4)] == [400] * 3 + [429]
    return address


def answered(address: str, body: Any, path: str = "challenge", **more: Any) -> int:
    return int(APIClient(REMOTE_ADDR=address).post(f"{API}/{path}", body, **more).status_code)


def test_who_gave_the_right_password_goes_on(address: str) -> None:
    user = make_person()
    device = make_totp(user)
    body = {"challenge": challenge_of(user), "method": "totp", "code": code_of(device, utcnow())}
    assert answered(address, body) == 200


def test_and_is_sent_a_code(address: str) -> None:
    user = make_person()
    make_contact(user)
    assert answered(address, {"challenge": challenge_of(user), "method": "email"}, "challenge/send") == 202


def test_as_often_as_a_sign_in_may(address: str) -> None:
    user = make_person()
    make_totp(user)
    body = {"challenge": challenge_of(user), "method": "totp", "code": "1" * 8}
    assert [answered(address, body) for _ in range(3)] == [401, 401, 429]


@pytest.mark.parametrize("challenge", JUNK)
def test_what_is_no_sign_in_under_way_waits(address: str, challenge: Any) -> None:
    assert answered(address, {"challenge": challenge, "method": "totp", "code": "1" * 8}) == 429


def test_nor_does_one_go_on_that_is_over(address: str) -> None:
    user = make_person()
    make_totp(user)
    body = {"challenge": challenge_of(user), "method": "totp", "code": "1" * 8}
    LoginAttempt.objects.update(expires_at=utcnow())
    assert answered(address, body) == 429


def test_nor_what_cannot_be_read(address: str) -> None:
    assert answered(address, "{", content_type="application/json") == 429


def test_in_the_admin_it_is_the_same(address: str, anna: User) -> None:
    browser = Client(REMOTE_ADDR=address)
    device = make_totp(anna)
    make_contact(anna)
    enter(browser)
    assert browser.post(SEND, {"method": "email"}).status_code == 302
    assert browser.post(STEP, {"method": "totp", "code": code_of(device, utcnow())})["Location"] == "/admin/"
