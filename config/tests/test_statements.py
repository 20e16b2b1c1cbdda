"""How many statements a request costs, whatever the number of rows: the path that every client walks all day."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.testing import SignedIn, client_of, make_person, sign_in
from audit.testing import entries
from kit.clock import utcnow
from roles.testing import allow, forget_sets, make_role

pytestmark = pytest.mark.django_db

BOUNDARIES = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def statements(call: Callable[[], Any], *, status: int) -> int:
    """Make a request and return how many statements it cost, transaction boundaries apart."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = call()
    assert response.status_code == status, response.content
    return sum(not query["sql"].startswith(BOUNDARIES) for query in captured.captured_queries)


@pytest.fixture(params=[1, 30], ids=["few rows", "many rows"])
def caller(request: pytest.FixtureRequest) -> SignedIn:
    """A sender with sessions, roles and grants: one of each, or many."""
    person = sign_in()
    for number in range(request.param):
        sign_in(person.user)
        make_person()
        make_role(f"filler-{number}", "accounts.view_user")
        allow(person.user, "notifications.send_message", resource=f"org:{number}")
    allow(person.user, "notifications.send_message")
    forget_sets()
    return person


def test_the_profile_costs_one(caller: SignedIn) -> None:
    client = client_of(caller)
    assert statements(lambda: client.get("/api/v1/auth/profile"), status=200) == 1


def test_a_permission_check_costs_two_cold_and_one_warm(caller: SignedIn) -> None:
    client, body = client_of(caller), {"permission": "accounts.view_user", "resource": "org:1"}

    def check() -> Any:
        return client.post("/api/v1/auth/permissions/check", body)

    assert [statements(check, status=200) for _ in range(2)] == [2, 1]


def test_a_refresh_costs_five(caller: SignedIn) -> None:
    client = client_of()
    assert statements(lambda: client.post("/api/v1/auth/refresh", {"refresh": caller.refresh}), status=200) <= 5


def test_accepting_an_email_costs_six_with_a_cold_permission_set(caller: SignedIn) -> None:
    client = client_of(caller)
    body = {"to": "berta@example.com", "subject": "Hello", "text": "Greetings."}
    headers = {"Idempotency-Key": "once"}
    assert statements(lambda: client.post("/api/v1/notify/email", body, headers=headers), status=202) <= 6
    assert entries("notifications.message.accepted")[0].at <= utcnow()
