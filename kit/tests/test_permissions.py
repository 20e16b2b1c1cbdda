"""Every view says who may call it."""

import pytest
from rest_framework.test import APIClient

from kit.permissions import requires
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
