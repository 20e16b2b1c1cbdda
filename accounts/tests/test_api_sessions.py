"""The calls of a signed-in client over HTTP: renewing, signing out, introspection, the list of sessions."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts import refresh
from accounts.models import RefreshToken, Session
from accounts.testing import ORIGIN, client_of, new_address, sign_in
from accounts.tests.calls import AUTH, code_of
from audit.testing import entries
from kit.clock import utcnow
from kit.ids import uuid7

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> APIClient:
    return APIClient(REMOTE_ADDR=new_address())


def test_refreshing_takes_five_statements_at_most(
    client: APIClient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    signed_in = sign_in()
    with django_assert_max_num_queries(5 + 2):  # and SAVEPOINT, RELEASE
        response = client.post(f"{AUTH}/refresh", {"refresh": signed_in.refresh})
    body = response.json()
    assert (response.status_code, body["session_id"]) == (200, str(signed_in.session.pk))
    assert client.get(f"{AUTH}/me", headers={"authorization": f"Bearer {body['access']}"}).status_code == 200


def test_a_refresh_token_opens_nothing_else(client: APIClient) -> None:
    signed_in = sign_in()
    headers = {"authorization": f"Bearer {signed_in.refresh}"}
    assert code_of(client.get(f"{AUTH}/me", headers=headers)) == (401, "invalid_token")
    assert code_of(client.post(f"{AUTH}/refresh", {"refresh": signed_in.access})) == (401, "invalid_token")


def test_guessing_refresh_tokens_is_limited_by_address(client: APIClient, settings: Any) -> None:
    settings.RATE_LIMIT_SCALE = 1
    settings.LIMITS_BY_ADDRESS = {"refresh": (2, 60)}
    guesses = [client.post(f"{AUTH}/refresh", {"refresh": f"ghr_{n:043}"}).status_code for n in range(3)]
    assert guesses == [401, 401, 429]


@pytest.mark.parametrize("by", ["access", "refresh", "both"])
def test_signing_out_ends_the_session_at_once(client: APIClient, by: str) -> None:
    signed_in = sign_in()
    if by != "refresh":
        client = client_of(signed_in)
    response = client.post(f"{AUTH}/logout", {"refresh": signed_in.refresh} if by != "access" else {})
    assert (response.status_code, "Clear-Site-Data" in response.headers) == (204, True)
    assert code_of(client_of(signed_in).get(f"{AUTH}/me")) == (401, "invalid_token")
    assert code_of(APIClient().post(f"{AUTH}/refresh", {"refresh": signed_in.refresh})) == (401, "invalid_token")


def test_signing_out_everywhere_ends_every_session() -> None:
    first = sign_in()
    second = sign_in(first.user)
    assert client_of(first).post(f"{AUTH}/logout", {"all": True}).status_code == 204
    assert client_of(second).get(f"{AUTH}/me").status_code == 401


def test_signing_out_needs_one_of_the_tokens(client: APIClient) -> None:
    assert code_of(client.post(f"{AUTH}/logout", {})) == (401, "not_authenticated")
    assert code_of(client.post(f"{AUTH}/logout", {"refresh": "x"})) == (401, "invalid_token")
    bad = {"authorization": "Bearer x"}
    assert code_of(client.post(f"{AUTH}/logout", {}, headers=bad)) == (401, "invalid_token")
    signed_in = sign_in()
    assert client.post(f"{AUTH}/logout", {"refresh": signed_in.refresh}, headers=bad).status_code == 204


def test_introspection_tells_what_a_live_token_says_and_nothing_of_others(client: APIClient) -> None:
    signed_in = sign_in()
    body = client.post(f"{AUTH}/verify", {"token": signed_in.access}).json()
    assert (body["active"], body["sub"], body["token_type"]) == (True, str(signed_in.user.pk), "Bearer")
    client_of(signed_in).post(f"{AUTH}/logout", {})
    for token in (signed_in.access, signed_in.refresh, "x", "x" * 8000):
        response = client.post(f"{AUTH}/verify", {"token": token})
        assert (response.status_code, response.json()) == (200, {"active": False})


def test_sessions_are_listed_with_the_current_one_marked() -> None:
    first = sign_in(device_name="Laptop")
    sign_in(first.user, device_name="Phone")
    body = client_of(first).get(f"{AUTH}/sessions").json()
    assert body["count"] == 2
    assert [(item["device_name"], item["current"]) for item in body["results"]] == [("Phone", False), ("Laptop", True)]
    assert set(body["results"][0]) == {
        *("id", "device_name", "device_type", "ip_address", "user_agent", "created_at", "last_seen_at", "current"),
        *("place", "verdict", "evidence", "by_staff"),
    }


def test_ended_sessions_are_listed_with_why_and_by_which_evidence() -> None:
    first = sign_in()
    past = utcnow() - dt.timedelta(minutes=5)
    stolen = sign_in(first.user, now=past, device_name="Laptop")
    refresh.renew(token=stolen.refresh, now=past, origin=ORIGIN)
    thief = APIClient(REMOTE_ADDR=new_address(), HTTP_USER_AGENT="thief")
    assert thief.post(f"{AUTH}/refresh", {"refresh": stolen.refresh}).status_code == 401
    sign_in()
    (item,) = client_of(first).get(f"{AUTH}/sessions/ended").json()["results"]
    assert (item["device_name"], item["end_reason"], item["verdict"]) == ("Laptop", "refresh_reuse", "theft")
    assert (item["evidence"]["again"]["user_agent"], item["evidence"]["first"]["ip_address"]) == (
        "thief",
        ORIGIN.address,
    )
    (live,) = client_of(first).get(f"{AUTH}/sessions").json()["results"]
    assert (live["verdict"], live["evidence"]) == ("", None)


@pytest.mark.parametrize(
    ("method", "path", "statements"),
    [
        ("get", "sessions", 2),
        ("get", "sessions/ended", 2),
        ("delete", "sessions", 1 + 4),
        ("delete", "sessions/{other}", 1 + 4),
        ("post", "logout", 1 + 3),
        ("post", "verify", 2),
    ],
)
def test_each_call_keeps_to_its_number_of_statements(method: str, path: str, statements: int) -> None:
    signed_in = sign_in()
    others = [sign_in(signed_in.user) for _ in range(5)]
    client = client_of(signed_in)
    url = f"{AUTH}/{path.format(other=others[0].session.pk)}"
    body = {"token": signed_in.access} if path == "verify" else {}
    with CaptureQueriesContext(connection) as captured:
        assert getattr(client, method)(url, body if method == "post" else None).status_code < 300
    run = [query["sql"] for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(run) <= statements, "\n".join(run)


def test_a_person_ends_one_of_her_sessions_or_all_others() -> None:
    first = sign_in()
    second, third = sign_in(first.user), sign_in(first.user)
    client = client_of(first)
    assert client.delete(f"{AUTH}/sessions/{second.session.pk}").status_code == 204
    assert client.delete(f"{AUTH}/sessions").status_code == 204
    assert [client_of(one).get(f"{AUTH}/me").status_code for one in (first, second, third)] == [200, 401, 401]


def test_another_persons_session_answers_as_an_unknown_one() -> None:
    hers = sign_in().session.pk
    client = client_of(sign_in())
    bodies = [client.delete(f"{AUTH}/sessions/{pk}", HTTP_X_REQUEST_ID="same") for pk in (hers, uuid7())]
    assert [code_of(body) for body in bodies] == [(404, "not_found")] * 2
    assert bodies[0].content == bodies[1].content
    assert Session.objects.get(pk=hers).ended_at is None


def test_reading_changes_nothing(client: APIClient) -> None:
    signed_in = sign_in()
    before = list(RefreshToken.objects.values_list()), list(Session.objects.values_list()), len(entries())
    for path in ("me", "profile", "sessions"):
        client_of(signed_in).get(f"{AUTH}/{path}")
    assert before == (list(RefreshToken.objects.values_list()), list(Session.objects.values_list()), len(entries()))
