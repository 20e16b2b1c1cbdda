"""Templates over HTTP."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.models import Template, TemplateVersion
from notifications.testing import GREETING, make_template, publish_wording
from notifications.tests.callers import SEND, CallerClient
from notifications.wording.defaults import Sources

pytestmark = pytest.mark.django_db

PATH = "/api/v1/notify/templates"
CHANGE = "notifications.change_template"
NEW = {"name": "invoice", "category": "billing", "variables": {"name": "Anna", "number": 4711}}
WORDING = {"channel": "email", "subject": "Invoice {{ number }}", "html": "<p>Dear {{ name }}.</p>"}


@pytest.fixture
def staff() -> CallerClient:
    return CallerClient(SEND, CHANGE)


def post(client: CallerClient, path: str, body: dict[str, Any] | None = None) -> Any:
    return client.post(PATH + path, body or {}, format="json")


def test_template_is_made_worded_and_published(staff: CallerClient) -> None:
    made = post(staff, "", NEW)
    assert (made.status_code, made.json()["variables"], made.json()["channels"]) == (201, ["name", "number"], [])
    drafted = post(staff, "/invoice/versions", {**WORDING, "locale": "de"})
    assert (drafted.status_code, drafted.json()["number"], drafted.json()["state"]) == (201, 1, "draft")
    published = post(staff, "/invoice/versions/1/publish")
    assert (published.status_code, published.json()["state"]) == (200, "published")
    seen = staff.get(f"{PATH}/invoice").json()
    assert (seen["channels"], seen["locales"], seen["versions"][0]["number"]) == (["email"], ["de"], 1)
    assert post(staff, "/invoice/versions/1/retire").json()["state"] == "retired"
    assert post(staff, "/invoice/versions/1/publish").json()["number"] == 2


def test_all_are_listed_those_of_the_house_too(staff: CallerClient, now: datetime) -> None:
    make_template("invoice", {"number": 1}, now=now, category="billing")
    publish_wording("invoice", Sources(text="{{ number }}"), channel="sms", now=now)
    listed = {item["name"]: item for item in staff.get(PATH).json()["results"]}
    assert listed["invoice"]["channels"] == ["sms"]
    assert (listed["invoice"]["house"], listed[GREETING.name]["house"]) == (False, True)
    assert listed[GREETING.name]["variables"] == ["name", "link"]


def test_list_costs_two_statements(staff: CallerClient, now: datetime) -> None:
    for number in range(12):
        make_template(f"t{number}", {}, now=now)
        publish_wording(f"t{number}", Sources("S", "T"), now=now)
    with CaptureQueriesContext(connection) as queries:
        assert len(staff.get(PATH).json()["results"]) >= 12
    assert len(queries) == 2


def test_preview_shows_the_samples_or_a_context(staff: CallerClient, now: datetime) -> None:
    make_template("invoice", {"name": "Anna", "number": 1}, now=now)
    publish_wording("invoice", Sources("Invoice {{ number }}", "", "<p>Dear {{ name }}.</p>"), now=now)
    shown = post(staff, "/invoice/preview").json()
    assert (shown["subject"], shown["version"], shown["channel"]) == ("Invoice 1", 1, "email")
    shown = post(staff, "/invoice/preview", {"context": {"name": "<b>{{7*7}}", "number": 2}}).json()
    assert (shown["subject"], "Dear &lt;b&gt;{{7*7}}." in shown["html"]) == ("Invoice 2", True)
    assert shown["text"].startswith("Dear <b>{{7*7}}.")
    missing = post(staff, "/invoice/preview", {"context": {"number": 2}})
    assert (missing.status_code, missing.json()["errors"][0]["field"]) == (400, "context.name")


def test_preview_of_a_message_of_the_house_shows_its_files(staff: CallerClient) -> None:
    shown = post(staff, f"/{GREETING.name}/preview").json()
    assert (shown["subject"], shown["version"]) == ("Hello Anna", None)
    assert not Template.objects.exists()


def test_preview_of_a_draft_by_its_number(staff: CallerClient, now: datetime) -> None:
    post(staff, f"/{GREETING.name}/versions", {"channel": "email", "subject": "Ahoy {{ name }}", "text": "T"})
    assert post(staff, f"/{GREETING.name}/preview", {"version": 1}).json()["subject"] == "Ahoy Anna"
    assert post(staff, f"/{GREETING.name}/preview").json()["subject"] == "Hello Anna"


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({**WORDING, "html": "<p>\n{{ nobody }}"}, "html", "undeclared_variable"),
        ({**WORDING, "subject": "{% load x %}"}, "subject", "template"),
        ({**WORDING, "locale": "not a tag"}, "locale", "invalid"),
        ({**WORDING, "channel": "sms"}, "subject", "unexpected"),
        ({**WORDING, "channel": "pigeon"}, "channel", "invalid_choice"),
        ({"channel": "email", "subject": "S"}, "text", "required"),
    ],
)
def test_wording_that_cannot_be_sent_is_refused(
    staff: CallerClient, now: datetime, body: dict[str, Any], field: str, code: str
) -> None:
    make_template("invoice", {"name": "Anna", "number": 1}, now=now)
    answer = post(staff, "/invoice/versions", body)
    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
    assert not TemplateVersion.objects.exists()


@pytest.mark.parametrize(
    ("changed", "status"), [({"name": "notifications.x"}, 400), ({"name": "A B"}, 400), ({"variables": {"_x": 1}}, 400)]
)
def test_template_that_cannot_be_is_refused(staff: CallerClient, changed: dict[str, Any], status: int) -> None:
    assert post(staff, "", {**NEW, **changed}).status_code == status


def test_name_is_given_once(staff: CallerClient) -> None:
    assert post(staff, "", NEW).status_code == 201
    assert post(staff, "", NEW).json()["code"] == "conflict"


@pytest.mark.parametrize("path", ["/nothing", "/nothing/preview", "/nothing/versions", "/nothing/versions/1/publish"])
def test_what_is_not_there_is_not_found(staff: CallerClient, path: str) -> None:
    answer = staff.get(PATH + path) if path == "/nothing" else post(staff, path, WORDING if path[-1] == "s" else {})
    assert answer.status_code == 404
    assert post(staff, f"/{GREETING.name}/versions/{10**30}/publish").status_code == 404


def test_each_call_asks_for_its_permission(now: datetime) -> None:
    nobody, sender = CallerClient(), CallerClient(SEND)
    make_template("invoice", {}, now=now)
    assert [client.get(PATH).status_code for client in (nobody, sender)] == [403, 200]
    assert [client.get(f"{PATH}/invoice").status_code for client in (nobody, sender)] == [403, 200]
    for path in ("", "/invoice/versions", "/invoice/versions/1/publish", "/invoice/versions/1/retire"):
        assert [post(client, path).status_code for client in (nobody, sender)] == [403, 403]
