"""What the service says about itself, and what every answer of the whole house carries."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from audit.testing import the_entry
from config import __version__, health, heartbeats
from kit.clock import utcnow
from notifications.testing import make_message
from vault import signing_keys
from vault.testing import forget_keys

pytestmark = pytest.mark.django_db(transaction=True)

API = ["/", "/health", "/nowhere", "/api/v1/auth/profile"]
EVERYWHERE = [*API, "/static/gatehouse/page.css", "/admin/login/", "/api/v1/docs"]


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_has_the_security_headers(client: Client, settings: Settings, path: str) -> None:
    answer = client.get(path)
    assert set(settings.SECURITY_HEADERS) <= set(answer.headers)
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Request-ID"]


STYLES = "/static/gatehouse/page.css"
OTHERS: dict[str, tuple[int, str, str, dict[str, Any]]] = {
    "a foreign host": (400, "get", "/admin/", {"headers": {"Host": "evil.example"}}),
    "a form without its token": (403, "post", "/admin/login/", {"data": {}}),
    "a page behind the sign-in": (302, "get", "/admin/nowhere/", {}),
    "no such style": (404, "get", "/static/nowhere.css", {}),
    "outside of the styles": (404, "get", "/static/..%2fconfig/settings.py", {}),
    "a method that a page lacks": (405, "delete", "/verify-email", {}),
    "a method that a style lacks": (405, "post", STYLES, {}),
    "a body too large": (413, "post", "/api/v1/auth/login", {"data": {"x": "x" * 300_000}}),
    "a part that is not there": (416, "get", STYLES, {"headers": {"Range": "bytes=9999999-"}}),
    "a part": (206, "get", STYLES, {"headers": {"Range": "bytes=0-9"}}),
    "nothing newer": (304, "get", STYLES, {"headers": {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}}),
}


@pytest.mark.parametrize("case", OTHERS)
def test_every_other_answer_has_the_security_headers_too(settings: Settings, case: str) -> None:
    status, method, path, options = OTHERS[case]
    answer = getattr(Client(enforce_csrf_checks=True), method)(path, **options)
    assert answer.status_code == status
    assert set(settings.SECURITY_HEADERS) <= set(answer.headers)
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/.well-known/jwks.json", "/admin/login/", "/verify-email"])
def test_an_answer_to_our_own_mistake_has_the_security_headers_too(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    for place in ("config.system.signing_keys.jwks", "accounts.admin_site.render", "accounts.pages.links.render"):
        monkeypatch.setattr(place, fail)
    answer = client.get(path)
    assert answer.status_code == 500
    assert set(settings.SECURITY_HEADERS) <= set(answer.headers)
    assert "no-store" in answer["Cache-Control"]


def test_the_key_set_is_sent_again_only_when_it_has_changed(client: Client) -> None:
    first = client.get("/.well-known/jwks.json")
    assert first["Cache-Control"] == "public, max-age=300"
    again = client.get("/.well-known/jwks.json", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert again["Cache-Control"] == first["Cache-Control"]
    signing_keys.rotate(now=utcnow())
    changed = client.get("/.well-known/jwks.json", headers={"If-None-Match": first["ETag"]})
    forget_keys()  # other tests have other keys
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]
    assert len(changed.json()["keys"]) == len(first.json()["keys"]) + 1


@pytest.mark.parametrize("path", API)
def test_the_api_sets_no_cookie_and_is_not_stored(client: Client, path: str) -> None:
    answer = client.get(path)
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"


def test_the_index_names_the_service_and_leads_on(client: Client) -> None:
    answer = client.get("/").json()
    assert (answer["service"], answer["version"]) == ("Gatehouse", __version__)
    assert all(client.get(path).status_code == 200 for path in answer["links"].values())


def test_the_keys_may_be_cached(client: Client) -> None:
    answer = client.get("/.well-known/jwks.json")
    assert answer["Cache-Control"] == "public, max-age=300"
    assert all("d" not in key for key in answer.json()["keys"])


def test_health_tells_states_and_nothing_else(client: Client) -> None:
    answer = client.get("/health")
    assert answer.status_code == 200
    assert set(answer.json()["checks"]) == {"database", "cache", "broker", "providers"}
    assert set(answer.json()["checks"].values()) <= {"ok", "down"}


@pytest.mark.parametrize(("broken", "status", "word"), [("database", 503, "down"), ("providers", 200, "degraded")])
def test_health_says_what_is_away(
    client: Client, monkeypatch: pytest.MonkeyPatch, broken: str, status: int, word: str
) -> None:
    monkeypatch.setitem(health.CHECKS, broken, lambda: 1 / 0)
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["status"], answer.json()["checks"][broken]) == (status, word, "down")


@pytest.mark.parametrize(("heard", "word"), [(False, "degraded"), (True, "ok")])
def test_health_says_that_nobody_sends_what_waits(client: Client, heard: bool, word: str) -> None:
    make_message(now=utcnow() - timedelta(minutes=1))
    if heard:
        heartbeats.renew(name="worker", now=utcnow())
    told = client.get("/health").json()
    assert (told["status"], told["checks"]["broker"]) == (word, "ok" if heard else "down")


def test_a_check_that_hangs_is_down_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    ended = threading.Event()
    monkeypatch.setattr(health, "SECONDS", 0.05)
    monkeypatch.setitem(health.CHECKS, "broker", ended.wait)
    assert health.run(("broker",)) == {"broker": "down"}
    ended.set()


@pytest.mark.parametrize("path", ["/api/v1/docs", "/api/v1/schema"])
def test_the_api_pages_can_be_closed(client: Client, settings: Settings, path: str) -> None:
    assert client.get(path).status_code == 200
    settings.DOCS_OPEN = False
    closed, nowhere = client.get(path), client.get("/api/v1/nowhere")
    assert closed.json()["code"] == "not_found"
    assert closed.headers.keys() == nowhere.headers.keys()


def test_the_api_pages_load_nothing_from_elsewhere(client: Client) -> None:
    page = client.get("/api/v1/docs").content.decode()
    assert "http://" not in page
    assert "https://" not in page
    assert "<script>" not in page
    for path in [part.split('"')[0] for part in page.split('src="')[1:]]:
        assert client.get(path).status_code == 200


def test_every_call_declares_how_it_fails(client: Client) -> None:
    schema: dict[str, Any] = json.loads(client.get("/api/v1/schema").content)
    assert schema["openapi"].startswith("3.1")
    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    assert all({"500", "503"} <= set(operation["responses"]) for operation in operations)
    send = schema["paths"]["/api/v1/notify/email"]["post"]
    assert send["x-permission"] == "notifications.send_message"
    assert {"400", "401", "403", "413", "415"} <= set(send["responses"])


@pytest.mark.parametrize(("origin", "allowed"), [("https://app.example", True), ("https://evil.example", False)])
def test_cors_is_for_listed_origins_alone(client: Client, origin: str, allowed: bool) -> None:
    answer = client.get("/health", headers={"Origin": origin})
    assert answer.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)
    assert "origin" in answer["Vary"].lower()


def test_a_preflight_allows_the_headers_of_the_contract(client: Client) -> None:
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    answer = client.options("/api/v1/auth/login", headers=asked)
    allowed = answer["Access-Control-Allow-Headers"]
    assert all(name in allowed for name in ("authorization", "idempotency-key", "x-token-delivery", "x-request-id"))


def test_the_admin_lives_at_its_path_with_and_without_slash(client: Client) -> None:
    assert client.get("/admin")["Location"] == "/admin/"
    assert client.get("/admin/")["Location"].startswith("/admin/login/")


def test_errors_of_the_admin_are_pages(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    answer = strict.post("/admin/login/", {"name": "a", "password": "b"})
    assert (answer.status_code, answer["Content-Type"]) == (403, "text/html; charset=utf-8")
    assert client.get("/admin/nope/").status_code in {302, 404}


def test_a_rotation_of_the_signing_keys_is_in_the_log() -> None:
    new = signing_keys.rotate(now=utcnow())
    assert new is not None
    assert the_entry("vault.signing_key.activated").target == new.kid
