"""The page behind the link of a registration."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.testing import new_address, register

pytestmark = pytest.mark.django_db


def test_opening_the_link_changes_nothing_and_its_button_confirms(client: Client) -> None:
    _row, token = register("anna@example.com")
    for _ in range(3):
        page = client.get("/verify-email", {"token": token})
        assert (page.status_code, token in page.text) == (200, True)
    assert not User.objects.exists()
    assert "You can sign in now" in client.post("/verify-email", {"token": token}).text
    assert User.objects.get().email == "anna@example.com"


def test_a_link_that_does_not_work_says_so(client: Client) -> None:
    page = client.post("/verify-email", {"token": "x"})
    assert (page.status_code, "has expired" in page.text) == (400, True)


def test_a_token_is_shown_escaped(client: Client) -> None:
    assert "<script>" not in client.get("/verify-email", {"token": '"><script>alert(1)</script>'}).text


def test_pressing_too_often_is_told_to_wait(settings: Any) -> None:
    client = Client(REMOTE_ADDR=new_address())
    settings.RATE_LIMIT_SCALE = 1
    settings.LIMITS_BY_ADDRESS = {"verify-email": (1, 60)}
    client.post("/verify-email", {"token": "x"})
    page = client.post("/verify-email", {"token": "x"})
    assert (page.status_code, "Retry-After" in page.headers) == (429, True)


def test_only_reading_and_the_button_are_possible(client: Client) -> None:
    assert client.put("/verify-email").status_code == 405
