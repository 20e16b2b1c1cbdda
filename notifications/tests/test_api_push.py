"""The calls about push targets and providers."""

from typing import Any

import pytest

from kit.ids import uuid7
from notifications import provider_accounts, push_targets
from notifications.models import ProviderState, PushTarget
from notifications.tests.callers import CallerClient
from notifications.tests.test_push import AUTH, KEY, P256DH

pytestmark = pytest.mark.django_db

TARGETS = "/api/v1/push-targets"
BROWSER = {"endpoint": "https://push.example/x", "keys": {"p256dh": P256DH, "auth": AUTH}, "label": "Firefox"}


@pytest.fixture(autouse=True)
def _listed(settings: Any) -> None:
    settings.WEB_PUSH_HOSTS = ["push.example"]
    settings.WEB_PUSH_PRIVATE_KEY = KEY
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = ["smtp", "faulty"]
    settings.NOTIFICATIONS_SMS_PROVIDERS = []


def test_target_is_kept_listed_and_removed_and_never_shown() -> None:
    client = CallerClient()
    made = client.post(TARGETS, BROWSER, format="json")
    again = client.post(TARGETS, BROWSER, format="json")
    assert (made.status_code, again.status_code, made.json()["driver"]) == (201, 200, "web")
    assert "push.example" not in made.content.decode()
    assert client.get(TARGETS).json()["targets"] == [made.json()]
    assert client.delete(f"{TARGETS}/{made.json()['id']}").status_code == 204
    assert client.get(TARGETS).json() == {"targets": []}


def test_anothers_target_is_not_found() -> None:
    made = CallerClient().post(TARGETS, {"token": "phone:1"}, format="json").json()
    stranger = CallerClient()
    assert stranger.delete(f"{TARGETS}/{made['id']}").status_code == 404
    assert stranger.get(TARGETS).json() == {"targets": []}
    assert PushTarget.objects.get().label == ""


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "token"),
        ({**BROWSER, "token": "x"}, "token"),
        ({"endpoint": BROWSER["endpoint"]}, "keys"),
        ({"keys": BROWSER["keys"]}, "endpoint"),
        ({**BROWSER, "endpoint": "https://evil.example/x"}, "endpoint"),
        ({**BROWSER, "endpoint": "http://push.example/x"}, "endpoint"),
        ({**BROWSER, "keys": {"p256dh": "AAAA", "auth": AUTH}}, "p256dh"),
        ({"token": "a/b?c"}, "token"),
    ],
)
def test_what_is_no_target_is_refused_at_its_field(body: dict[str, Any], field: str) -> None:
    answer = CallerClient().post(TARGETS, body, format="json")
    assert answer.status_code == 400
    assert any(error["field"].endswith(field) for error in answer.json()["errors"])


def test_key_is_told_where_there_is_one(settings: Any) -> None:
    client = CallerClient()
    assert len(client.get(f"{TARGETS}/key").json()["key"]) == 87
    settings.WEB_PUSH_PRIVATE_KEY = ""
    assert client.get(f"{TARGETS}/key").status_code == 404


def test_nobody_is_told_anything_without_signing_in(client: Any) -> None:
    for path in (TARGETS, f"{TARGETS}/key", f"{TARGETS}/{uuid7()}", "/api/v1/provider"):
        assert client.get(path).status_code == 401


def test_targets_cost_one_statement_to_list(django_assert_num_queries: Any) -> None:
    client = CallerClient()
    for number in range(push_targets.MOST):
        client.post(TARGETS, {"token": f"phone:{number}"}, format="json")
    with django_assert_num_queries(1):
        assert len(client.get(TARGETS).json()["targets"]) == push_targets.MOST


def test_providers_are_told_to_whoever_may_see_them(settings: Any, now: Any, django_assert_num_queries: Any) -> None:
    settings.EMAIL_HOST = "mail.example.com"
    ProviderState.objects.create(
        name="smtp", breaker=ProviderState.Breaker.OPEN, latency=1.5, last_error="timed_out", updated_at=now
    )
    client = CallerClient("notifications.view_provider")
    with django_assert_num_queries(1):
        answer = client.get("/api/v1/provider").json()
    channels = {one["channel"]: one for one in answer["channels"]}
    assert list(channels) == ["email", "sms", "whatsapp", "telegram", "push", "inbox"]
    first, second = channels["email"]["providers"]
    assert (channels["email"]["active"], channels["sms"]["active"]) == ("faulty", None)
    assert (first["name"], first["breaker"], first["usable"], first["last_error"]) == (
        "smtp",
        "open",
        False,
        "timed_out",
    )
    assert (second["usable"], second["health"]) == (True, "ok")
    assert CallerClient().get("/api/v1/provider").status_code == 403


def test_account_that_is_not_there_is_told_as_such(settings: Any) -> None:
    provider_accounts._kept.forget()
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = ["account:none"]
    answer = CallerClient("notifications.view_provider").get("/api/v1/provider").json()
    assert answer["channels"][0]["active"] is None
    assert answer["channels"][0]["providers"][0]["health"] == "no_such_account"
