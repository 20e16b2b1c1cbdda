"""`/metrics`: closed to strangers, open to those whom the operator named, and the same few statements at any size."""

import ipaddress
import re
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from accounts.testing import PASSWORD, make_person, sign_in
from audit import recording
from audit.vocabulary import EventType, Outcome
from config import heartbeats, metrics
from kit.clock import utcnow
from kit.metrics import PREFIX, list_declared
from kit.origin import Origin
from kit.testing.metrics import Values, parse
from notifications.testing import make_message

pytestmark = pytest.mark.django_db

TOKEN = "a token for tests alone, of some length"
KNOCKED = EventType("tests.metrics.knocked", "Somebody knocked")


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def scrape(client: Client, settings: Settings) -> str:
    settings.METRICS_TOKEN = TOKEN
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.0.0.1", "203.0.113.7"])
def test_without_a_setting_nobody_is_let_in(client: Client, address: str) -> None:
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer"}, {"Authorization": "Bearer x"}):
        answer = client.get("/metrics", headers=headers, REMOTE_ADDR=address)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("header", ["Via", "Forwarded"])
def test_a_listed_proxy_opens_it_to_nobody_behind_it(client: Client, settings: Settings, header: str) -> None:
    settings.METRICS_ADDRESSES = [ipaddress.ip_network("127.0.0.1")]
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", headers={header: "1.1 proxy"}).status_code == 404


@pytest.mark.parametrize("method", ["get", "head", "post", "options", "delete", "patch"])
def test_a_stranger_is_answered_as_on_an_unknown_path(client: Client, settings: Settings, method: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    here, nowhere = (getattr(client, method)(path) for path in ("/metrics", "/nowhere"))
    assert here.status_code == nowhere.status_code == 404
    assert here.headers.keys() == nowhere.headers.keys()


@pytest.mark.parametrize(
    "header",
    [
        TOKEN,
        f"Basic {TOKEN}",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN.upper()}",
        "Bearer",
        "Bearer \u00e9",
        f"Token {TOKEN}",
    ],
)
def test_a_wrong_token_is_refused(client: Client, settings: Settings, header: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics", headers={"Authorization": header}).status_code == 404


def test_nobodys_sign_in_opens_it(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    staff = sign_in(make_person(is_staff=True, is_superuser=True))
    assert client.get("/metrics", headers=staff.headers).status_code == 404


def test_the_right_token_is_answered_in_prometheus_own_format(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    answer = client.get("/metrics", headers={"Authorization": f"bearer {TOKEN}"})
    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer["Cache-Control"] == "no-store"
    names = {family.name for family in text_string_to_metric_families(answer.content.decode())}
    assert {f"{PREFIX}outbox_messages", f"{PREFIX}workers", f"{PREFIX}database_up"} <= names


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "status"),
    [
        (0, "10.1.2.3", "", 200),
        (0, "::ffff:10.1.2.3", "", 200),
        (0, "2001:db8::1", "", 200),
        (0, "2001:db8::2", "", 404),
        (0, "192.0.2.1", "10.1.2.3", 404),
        (1, "192.0.2.1", "10.1.2.3", 200),
        (1, "192.0.2.1", "10.1.2.3, 203.0.113.7", 404),
        (1, "10.1.2.3", "203.0.113.7", 404),
        (1, "10.1.2.3", "", 200),
        # Passed on by a proxy that is listed itself, for somebody whom it does not name, or whom we do not believe.
        (0, "10.1.2.3", "203.0.113.7", 404),
        (1, "10.1.2.3", "203.0.113.7:4711", 404),
        (2, "10.1.2.3", "10.1.2.3", 404),
        (0, "", "", 404),
    ],
)
def test_a_listed_address_is_let_in_as_far_as_proxies_are_believed(
    client: Client, settings: Settings, *, proxies: int, peer: str, forwarded: str, status: int
) -> None:
    settings.TRUSTED_PROXIES = proxies
    settings.METRICS_ADDRESSES = [ipaddress.ip_network("10.1.0.0/16"), ipaddress.ip_network("2001:db8::1")]
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert client.get("/metrics", headers=headers, REMOTE_ADDR=peer).status_code == status


@pytest.mark.parametrize("rows", [1, 40])
def test_a_scrape_costs_six_statements(client: Client, settings: Settings, rows: int) -> None:
    now = utcnow()
    for number in range(rows):
        make_message(now=now)
        heartbeats.renew(name=f"host:{number}", now=now)
        origin = Origin(address="203.0.113.7")
        recording.record(KNOCKED, now=now, outcome=Outcome.REFUSED, origin=origin)
    with CaptureQueriesContext(connection) as captured:
        text = scrape(client, settings)
    assert len(captured) == 6
    assert parse(text, "outbox_messages")[("normal", "queued")] == rows


def test_without_the_database_the_rest_is_still_told(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(now: Any) -> list[Any]:
        raise DatabaseError

    assert parse(scrape(client, settings), "database_up") == {(): 1}
    monkeypatch.setattr(metrics, "READERS", (fail,))
    text = scrape(client, settings)
    assert parse(text, "database_up") == {(): 0}
    assert parse(text, "http_requests_total")


def test_a_sign_in_and_its_request_are_seen_at_the_next_scrape(client: Client, settings: Settings) -> None:
    def growth(name: str) -> Values:
        return {key: value - before[name].get(key, 0) for key, value in parse(scrape(client, settings), name).items()}

    person = make_person()
    text = scrape(client, settings)
    before = {name: parse(text, name) for name in ("sign_ins_total", "http_requests_total")}
    body = {"email": person.email, "password": PASSWORD}
    client.post("/api/v1/auth/login", body, content_type="application/json")
    assert growth("sign_ins_total")[("api", "succeeded")] == 1
    assert growth("http_requests_total")[("POST", "/api/v1/auth/login", "200")] == 1


def test_nothing_that_a_client_writes_becomes_a_label(client: Client, settings: Settings) -> None:
    evil = 'zzz"} 1\nzzz'
    for name in (evil, "zzz@example.com"):
        body = {"email": name, "password": "zzz", "device_token": "zzz", "device_name": "zzz"}
        client.post("/api/v1/auth/login", body, content_type="application/json", headers={"User-Agent": "zzz"})
        client.post("/api/v1/auth/refresh", {"refresh": "zzz"}, content_type="application/json")
    for path in ("/zzz", "/admin/zzz/", "/api/v1/auth/zzz", "/static/zzz", "/api/v1/notify/messages/zzz"):
        client.generic("ZZZ", path, headers={"Host": "zzz"})
        client.get(path, {"zzz": "zzz"}, headers={"X-Request-ID": "zzz", "X-Forwarded-For": "zzz"})
    assert "zzz" not in scrape(client, settings).lower()


def test_every_figure_says_what_it_means_and_counters_are_named_as_such() -> None:
    figures = [figure for figure in list_declared() if not figure.name.startswith(f"{PREFIX}tested_")]
    assert [figure.name for figure in figures if not figure.meaning.endswith(".")] == []
    assert [figure.name for figure in figures if (figure.kind == "counter") != figure.name.endswith("_total")] == []
    assert [figure.name for figure in figures if not re.fullmatch(r"[a-z_]+", figure.name)] == []
