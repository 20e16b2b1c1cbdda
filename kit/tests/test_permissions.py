"""Every view says who may call it."""

from types import SimpleNamespace

import pytest
from rest_framework.test import APIClient

from kit.permissions import NotForAnother, hidden, require_harmless, requires
from kit.tests import callers


@pytest.mark.parametrize(
    ("path", "caller", "status"),
    [
        ("/where", None, 200),
        ("/members", None, 401),
        ("/members", "", 200),
        ("/senders", None, 401),
        ("/senders", "mail.read", 403),
        ("/senders", "mail.send", 200),
        ("/undeclared", None, 401),
        ("/undeclared", "mail.send", 403),
    ],
)
def test_a_view_answers_whom_it_names(client: APIClient, path: str, caller: str | None, status: int) -> None:
    headers = {} if caller is None else {"X-Caller": caller}
    assert client.get(path, headers=headers).status_code == status


def test_a_refused_permission_is_reported(client: APIClient) -> None:
    callers.REFUSED.clear()
    client.get("/senders", headers={"X-Caller": "mail.read"})
    client.get("/senders")
    assert callers.REFUSED == ["mail.send"]


def test_one_permission_has_one_class() -> None:
    assert requires("a.b") is requires("a.b")
    assert requires("a.b") is not requires("a.c")


@pytest.mark.parametrize(
    ("method", "caller", "status"),
    [
        ("get", None, 401),
        ("get", "mail.send", 404),
        ("get", "mail.read", 200),
        ("head", "mail.send", 404),
        ("head", "mail.read", 200),
        ("post", None, 401),
        ("post", "mail.read", 403),
        ("post", "mail.send", 200),
        ("delete", None, 401),
        ("delete", "mail.read mail.send", 403),
        ("put", None, 401),
        ("put", "", 405),
        ("options", "", 405),
    ],
)
def test_each_method_asks_for_its_own_permission(
    client: APIClient, method: str, caller: str | None, status: int
) -> None:
    headers = {} if caller is None else {"X-Caller": caller}
    assert client.generic(method.upper(), "/letters", headers=headers).status_code == status


def test_what_is_hidden_is_not_found_and_the_refusal_reported(client: APIClient) -> None:
    callers.REFUSED.clear()
    answer = client.get("/letters", headers={"X-Caller": "mail.send"})
    assert (answer.json()["code"], callers.REFUSED) == ("not_found", ["mail.read"])


def test_one_hidden_permission_has_one_class() -> None:
    assert hidden("a.b") is hidden("a.b")


@pytest.mark.parametrize(
    ("method", "declared", "passes"),
    [
        ("GET", {}, True),
        ("HEAD", {}, True),
        ("OPTIONS", {}, True),
        ("POST", {}, False),
        ("DELETE", {}, False),
        ("PROPFIND", {}, False),
        ("POST", {"for_impersonators": True}, True),
        ("GET", {"for_impersonators": False}, False),
        ("POST", {"for_impersonators": "yes"}, False),
    ],
)
def test_who_acts_for_another_only_looks_unless_the_view_says_so(
    method: str, declared: dict[str, object], passes: bool
) -> None:
    request = SimpleNamespace(method=method, parser_context={"view": SimpleNamespace(**declared)})
    if passes:
        require_harmless(request)
        return
    with pytest.raises(NotForAnother):
        require_harmless(request)


def test_who_acts_for_another_only_looks_where_no_view_says_anything() -> None:
    require_harmless(SimpleNamespace(method="GET", parser_context=None))
    with pytest.raises(NotForAnother):
        require_harmless(SimpleNamespace(method="POST"))
