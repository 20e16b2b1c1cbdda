"""The pages behind the links that set a password or undo a change, and the calls that do the same."""

import datetime as dt
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts import conf, hashing, password_changes, reversals
from accounts.models import Link, Session, User
from accounts.testing import ORIGIN, PASSWORD, client_of, make_person, new_address, newest_link, sign_in
from accounts.tests.calls import AUTH, code_of

pytestmark = pytest.mark.django_db
NEW = "purple elephants dance at midnight"


def reset_token(now: dt.datetime) -> str:
    user = make_person()
    password_changes.request_reset(email=user.email, now=now, origin=ORIGIN)
    return newest_link(user, Link.Purpose.RESET)


def undo_token(now: dt.datetime) -> str:
    user = make_person()
    before = reversals.state_of(user)
    reversals.notify(user=user, change="password", before=before, to=user.email, now=now, origin=ORIGIN)
    return newest_link(user, Link.Purpose.UNDO)


class Page(NamedTuple):
    """A page, how a token for it is made, what its form holds beside that, and what it says when it is done."""

    path: str
    make: Callable[[dt.datetime], str]
    form: dict[str, str]
    done: str


PAGES = [
    Page("/reset-password", reset_token, {"new_password": NEW}, "Your new password is set"),
    Page("/undo", undo_token, {}, "It is undone"),
]
each_page = pytest.mark.parametrize("link", PAGES, ids=[link.path for link in PAGES])


@each_page
def test_opening_a_link_changes_nothing_and_its_button_does(client: Client, now: dt.datetime, link: Page) -> None:
    token = link.make(now)
    for _ in range(3):
        page = client.get(link.path, {"token": token})
        assert (page.status_code, token in page.text) == (200, True)
    assert not Link.objects.exclude(used_at=None).exists()
    page = client.post(link.path, {"token": token, **link.form})
    assert (page.status_code, link.done in page.text) == (200, True)
    assert "has been used" in client.post(link.path, {"token": token, **link.form}).text


@each_page
def test_a_link_that_does_not_work_says_so(client: Client, now: dt.datetime, link: Page) -> None:
    link.make(now)
    page = client.post(link.path, {"token": "x" * 5000, **link.form})
    assert (page.status_code, "has expired" in page.text, link.done in page.text) == (400, True, False)


@pytest.mark.parametrize("path", ["/reset-password", "/undo"])
def test_a_page_gives_its_token_to_nobody_else(client: Client, path: str) -> None:
    page = client.get(path, {"token": '"><script>alert(1)</script>'})
    assert "<script>" not in page.text
    assert page["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page["Cache-Control"]
    assert not page.cookies


@pytest.mark.parametrize("path", ["/reset-password", "/undo"])
def test_pressing_too_often_is_told_to_wait(settings: Any, path: str) -> None:
    client = Client(REMOTE_ADDR=new_address())
    settings.RATE_LIMIT_SCALE = 1
    settings.LIMITS_BY_ADDRESS = {"password-reset": (1, 60), "undo": (1, 60)}
    client.post(path, {"token": "x"})
    page = client.post(path, {"token": "x"})
    assert (page.status_code, "Retry-After" in page.headers) == (429, True)


def test_a_refused_password_is_told_beside_its_field_and_can_be_chosen_again(client: Client, now: dt.datetime) -> None:
    token = reset_token(now)
    page = client.post("/reset-password", {"token": token, "new_password": "short"})
    assert (page.status_code, token in page.text, 'aria-invalid="true"' in page.text) == (400, True, True)
    assert "short" not in page.text.split("<form")[1].split("wrong")[0]
    assert client.post("/reset-password", {"token": token, "new_password": NEW}).status_code == 200


def test_a_house_too_busy_to_hash_says_when_to_come_back(client: Client, now: dt.datetime, settings: Any) -> None:
    token = reset_token(now)
    settings.ACCOUNTS_HASH_WAIT = 0.01
    with ExitStack() as held:
        for _ in range(conf.hashes_at_once()):
            held.enter_context(hashing.turn())
        page = client.post("/reset-password", {"token": token, "new_password": NEW})
    assert (page.status_code, page["Retry-After"]) == (503, "1")


def test_an_address_that_is_somebody_elses_now_is_told(client: Client, now: dt.datetime) -> None:
    token = undo_token(now)
    user = User.objects.get()
    old = user.email
    user.handles.all().delete()
    User.objects.update(email="moved@example.com")
    make_person(old)
    assert client.post("/undo", {"token": token}).status_code == 409


def test_over_http_a_password_is_changed(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    signed_in = sign_in()
    body = {"current_password": PASSWORD, "new_password": NEW}
    with django_assert_max_num_queries(30):
        assert client_of(signed_in).post(f"{AUTH}/password/change", body).status_code == 204
    assert Session.objects.get().ended_at is None
    body = {"email": signed_in.user.email, "password": NEW}
    assert client_of().post(f"{AUTH}/login", body).status_code == 200


def test_over_http_a_wrong_password_is_told_at_its_field() -> None:
    body = {"current_password": "wrong", "new_password": NEW}
    answer = client_of(sign_in()).post(f"{AUTH}/password/change", body)
    assert code_of(answer) == (400, "validation_error")
    assert [error["field"] for error in answer.json()["errors"]] == ["current_password"]
    assert client_of().post(f"{AUTH}/password/change", body).status_code == 401


def test_over_http_a_link_is_asked_for_and_used(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    client, user = APIClient(REMOTE_ADDR=new_address()), make_person()
    with django_assert_max_num_queries(12):
        known = client.post(f"{AUTH}/password/reset-request", {"email": user.email})
    unknown = client.post(f"{AUTH}/password/reset-request", {"email": "nobody@example.com"})
    assert (known.status_code, known.json()) == (202, unknown.json())
    body = {"token": newest_link(user, Link.Purpose.RESET), "new_password": NEW}
    with django_assert_max_num_queries(30):
        assert client.post(f"{AUTH}/password/reset", body).status_code == 204
    assert code_of(client.post(f"{AUTH}/password/reset", body)) == (400, "validation_error")


def test_over_http_a_change_is_undone(now: dt.datetime, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    client, token = APIClient(REMOTE_ADDR=new_address()), undo_token(now)
    with django_assert_max_num_queries(35):
        assert client.post(f"{AUTH}/undo", {"token": token}).status_code == 200
    assert code_of(client.post(f"{AUTH}/undo", {"token": token})) == (400, "validation_error")
