"""Limits by network address, as callers of the API and the log see them."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts import devices, fences, tokens
from accounts.models import LoginAttempt
from accounts.testing import PASSWORD, make_person, new_address, sign_in
from accounts.tests.calls import AUTH, code_of
from audit.testing import entries, the_entry
from kit.clock import utcnow
from kit.origin import Origin
from limits import addresses

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)
WRONG = "not her password"
HEADERS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Policy")  # the fourth tells the time
LIMITS = {
    "login": (3, 600),
    "login-by-device": (2, 600),
    "bearer": (3, 60),
    "refresh": (3, 60),
    "verify": (3, 60),
    "verify-by-sign-in": (2, 60),
    "anything": (100, 60),
}


@pytest.fixture(autouse=True)
def _limits() -> Iterator[None]:
    with override_settings(LIMITS_BY_ADDRESS=LIMITS, RATE_LIMIT_SCALE=1):
        yield


@pytest.fixture
def client() -> APIClient:
    """Return a client at a network address that nobody has called from."""
    return APIClient(REMOTE_ADDR=new_address())


def login(client: APIClient, name: str, password: str = WRONG, **more: Any) -> Any:
    return client.post(f"{AUTH}/login", {"email": name, "password": password, **more})


def profile(client: APIClient, token: str) -> Any:
    return client.get(f"{AUTH}/profile", headers={"authorization": f"Bearer {token}"})


def told(response: Any) -> list[str]:
    return [response[name] for name in HEADERS]


def test_answers_of_a_limited_route_say_how_many_calls_are_left(client: APIClient) -> None:
    user = make_person()
    assert told(login(client, user.email, PASSWORD)) == ["3", "2", "3;w=600, 100;w=60"]
    assert told(login(client, user.email)) == ["3", "1", "3;w=600, 100;w=60"]


def test_a_call_beyond_the_limit_says_when_to_come_back(client: APIClient) -> None:
    for _ in range(3):
        login(client, "nobody@example.com")
    refused = login(client, "nobody@example.com")
    assert code_of(refused) == (429, "throttled")
    assert told(refused)[:2] == ["3", "0"]
    assert 500 < int(refused["Retry-After"]) == int(refused["RateLimit-Reset"]) <= 600


def test_the_headers_are_the_same_for_known_and_unknown_names() -> None:
    user = make_person()
    clients = [APIClient(REMOTE_ADDR=new_address()) for _ in range(2)]
    known, unknown = (
        [login(one, name) for _ in range(4)] for one, name in zip(clients, (user.email, "no@body.example"), strict=True)
    )
    assert [told(one) for one in known] == [told(one) for one in unknown]
    assert [one.status_code for one in known] == [one.status_code for one in unknown] == [401, 401, 401, 429]


def test_malformed_sign_ins_are_counted_too(client: APIClient) -> None:
    for body in ("{", "[1]", '{"email": 7, "device_token": []}'):
        client.post(f"{AUTH}/login", body, content_type="application/json")
    for body in ("{", "[1]", '{"email": 7, "device_token": []}'):
        refused = client.post(f"{AUTH}/login", body, content_type="application/json")
        assert code_of(refused) == (429, "throttled")


def test_a_device_that_the_account_knows_gets_past_what_others_have_used_up(client: APIClient) -> None:
    signed_in = sign_in()
    device_token = devices.token_of(signed_in.session.device)
    for _ in range(3):
        login(client, "nobody@example.com")
    email = signed_in.user.email
    answers = [login(client, email, PASSWORD, device_token=device_token) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert told(answers[0])[:2] == ["2", "1"]
    assert login(client, make_person().email, PASSWORD, device_token=device_token).status_code == 429
    assert login(client, email, PASSWORD).status_code == 429


def test_the_first_refusal_of_an_address_and_each_tenfold_is_recorded(client: APIClient) -> None:
    for _ in range(3 + 12):
        login(client, "nobody@example.com")
    first, tenth = entries("accounts.address.throttled")
    assert first.details == {"route": "login", "limit": 3, "refused": 1}
    assert tenth.details["refused"] == 10
    assert first.personal.address.startswith("2001:db8:")


def test_bad_access_tokens_are_limited_and_good_ones_are_not_counted(client: APIClient) -> None:
    signed_in = sign_in()
    assert [profile(client, "not.a.token").status_code for _ in range(5)] == [401] * 3 + [429] * 2
    assert the_entry("accounts.address.throttled").details["route"] == "bearer"
    good = profile(client, signed_in.access)
    assert good.status_code == 200
    assert "RateLimit-Limit" not in good


def test_a_good_access_token_costs_one_statement_as_ever(client: APIClient) -> None:
    signed_in = sign_in()
    profile(client, signed_in.access)
    with CaptureQueriesContext(connection) as queries:
        profile(client, signed_in.access)
    assert len(queries) == 1


def test_signing_out_with_bad_tokens_is_limited(client: APIClient) -> None:
    answers = [client.post(f"{AUTH}/logout", {"refresh": "ghr_bad"}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401] * 3 + [429]


def test_a_good_refresh_token_signs_out_although_the_address_has_shown_many_bad_ones(client: APIClient) -> None:
    signed_in = sign_in()
    for _ in range(5):
        profile(client, "not.a.token")
    headers = {"authorization": "Bearer not.a.token"}
    assert client.post(f"{AUTH}/logout", {}, headers=headers).status_code == 429
    assert client.post(f"{AUTH}/logout", {"refresh": signed_in.refresh}, headers=headers).status_code == 204


def test_bad_refresh_tokens_are_limited_and_good_ones_are_not_counted(client: APIClient) -> None:
    signed_in = sign_in()
    answers = [client.post(f"{AUTH}/refresh", {"refresh": "ghr_bad"}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401] * 3 + [429]
    assert client.post(f"{AUTH}/refresh", {"refresh": signed_in.refresh}).status_code == 200


def test_a_sign_in_under_way_has_a_fence_of_its_own() -> None:
    now, origin, user = utcnow(), Origin(address=new_address()), make_person()
    challenge, digest = tokens.mint(tokens.Kind.CHALLENGE)
    LoginAttempt.objects.create(
        user=user, digest=digest, door="api", step="x", proofs={}, created_at=now, expires_at=now + HOUR
    )

    def may(text: str) -> bool:
        try:
            fences.hit_step(route="verify", challenge=lambda: text, origin=origin, now=now)
        except addresses.TooMany:
            return False
        return True

    assert [may("ghc_bad") for _ in range(4)] == [True] * 3 + [False]
    assert [may(challenge) for _ in range(3)] == [True] * 2 + [False]


@pytest.mark.parametrize("path", ["refresh", "logout"])
def test_made_up_refresh_tokens_are_never_looked_up(client: APIClient, path: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        answers = [client.post(f"{AUTH}/{path}", {"refresh": f"ghr_{n:043}{n:016x}"}) for n in range(5)]
    assert [answer.status_code for answer in answers] == [401] * 3 + [429] * 2
    assert not [query["sql"] for query in queries if "accounts_refreshtoken" in query["sql"]]


def test_calls_of_strangers_are_limited_all_together() -> None:
    client = APIClient(REMOTE_ADDR=new_address())
    with override_settings(LIMITS_BY_ADDRESS={**LIMITS, "anything": (4, 60)}):
        for _ in range(2):
            login(client, "nobody@example.com")
            client.post(f"{AUTH}/verify", {"token": "x"})
        assert client.post(f"{AUTH}/verify", {"token": "x"}).status_code == 429
        assert profile(client, sign_in().access).status_code == 200
