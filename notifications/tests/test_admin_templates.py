"""Templates in the admin: for whoever may word messages, and nobody else."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from notifications.models import Brand, Message, TemplateVersion
from notifications.testing import GREETING, make_template, publish_wording
from notifications.tests.callers import Caller
from notifications.wording import brands
from notifications.wording.defaults import Sources

pytestmark = [pytest.mark.django_db, pytest.mark.urls("notifications.tests.urls")]

PATH = "/admin/notifications/template/"
BRAND = "/admin/notifications/brand/"
CHANGE = "notifications.change_template"
EDITED = {
    "channel": "email",
    "locale": "",
    "subject": "Ahoy {{ name }}",
    "html": "<p>Ahoy</p>",
    "text": "",
    "context": "",
}


@pytest.fixture(autouse=True)
def _forget() -> Any:
    brands.forget()
    yield
    brands.forget()


@dataclass(frozen=True)
class Staff(Caller):
    """A caller with a page of the admin before her, and an address."""

    email: str = "caller@example.com"

    def get_email_field_name(self) -> str:
        return "email"

    def get_short_name(self) -> str:
        return "caller"


@pytest.fixture
def enter(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A way in for whoever has some permissions."""
    settings.MIDDLEWARE = [
        *("kit.middleware.RequestContext", "kit.middleware.SecurityHeaders"),
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ]

    def client_of(*permissions: str) -> Client:
        staff = Staff(frozenset(permissions))
        monkeypatch.setattr("django.contrib.auth.middleware.get_user", lambda request: staff)
        return Client()

    return client_of


def test_editor_says_what_messages_of_the_house_may_link_to_and_tells_a_leak_beside_its_field(
    enter: Any, now: datetime
) -> None:
    staff = enter(CHANGE)
    make_template("hello", {"name": "Anna"}, now=now)
    rule = "a link is one variable as it is"
    assert rule in staff.get(f"{PATH}{GREETING.name}/edit/").content.decode()
    assert rule not in staff.get(f"{PATH}hello/edit/").content.decode()
    leak = EDITED | {"html": '<img src="https://evil.example/?{{ link }}">'}
    for page in ("edit", "preview"):
        told = staff.post(f"{PATH}{GREETING.name}/{page}/", leak)
        assert "no pictures but the brand’s logo" in told.content.decode()
    assert not TemplateVersion.objects.exists()


def test_house_message_is_reworded_published_and_taken_back(enter: Any) -> None:
    staff = enter(CHANGE)
    began = staff.get(f"{PATH}{GREETING.name}/edit/").content.decode()
    assert "Hello {{ name }}" in began
    kept = staff.post(f"{PATH}{GREETING.name}/edit/", EDITED)
    assert kept["Location"] == f"{PATH}{GREETING.name}/1/"
    assert '<span class="added">+ Ahoy {{ name }}</span>' in staff.get(kept["Location"]).content.decode()
    for deed, state in (("publish", "published"), ("retire", "retired")):
        staff.post(f"{PATH}{GREETING.name}/1/{deed}/")
        assert TemplateVersion.objects.get().state == state


def test_mistake_is_told_at_its_field(enter: Any) -> None:
    page = enter(CHANGE).post(f"{PATH}{GREETING.name}/edit/", {**EDITED, "html": "a\n{{ nobody }}"}).content.decode()
    assert "Line 2: `nobody` is no variable" in page
    assert not TemplateVersion.objects.exists()


def test_preview_is_a_sandbox_of_its_own(enter: Any) -> None:
    staff = enter(CHANGE)
    shown = staff.post(
        f"{PATH}{GREETING.name}/preview/", {**EDITED, "html": "<p>Ahoy {{ name }}<script>x</script></p>"}
    )
    assert "sandbox; default-src 'none'" in shown["Content-Security-Policy"]
    assert shown["X-Frame-Options"] == "SAMEORIGIN"
    page = shown.content.decode()
    assert "Ahoy Anna" in page
    assert "<script" not in page
    context = {"context": '{"name": "Bert", "link": ""}'}
    assert "Ahoy Bert" in staff.post(f"{PATH}{GREETING.name}/preview/", EDITED | context).content.decode()


@pytest.mark.parametrize("context", ["[]", "{", "1", '{"name": {}}', '{"name": "x"}' * 2, "[" * 10_000])
def test_preview_tells_what_is_wrong(enter: Any, context: str) -> None:
    shown = enter(CHANGE).post(f"{PATH}{GREETING.name}/preview/", {**EDITED, "context": context})
    assert (shown.status_code, 'role="alert"' in shown.content.decode()) == (200, context != '{"name": {}}')


def test_template_of_ones_own_is_made(enter: Any) -> None:
    staff = enter(CHANGE)
    form = {"name": "shop.invoice", "category": "billing", "variables": '{"number": 1}'}
    assert staff.post(f"{PATH}add/", form)["Location"] == f"{PATH}shop.invoice/edit/"
    assert "shop.invoice" in staff.get(PATH).content.decode()
    assert "begin like this are" in staff.post(f"{PATH}add/", {**form, "name": "notifications.x"}).content.decode()
    assert "Write an object" in staff.post(f"{PATH}add/", {**form, "variables": "[1]"}).content.decode()


def test_wording_is_sent_to_whoever_writes_it(enter: Any, now: datetime) -> None:
    make_template("hello", {"name": "Anna"}, now=now)
    publish_wording("hello", Sources("Hello {{ name }}", "T"), now=now)
    enter(CHANGE).post(f"{PATH}hello/1/try/")
    message = Message.objects.get()
    assert (message.to, message.subject, message.category) == (["caller@example.com"], "Hello Anna", "trial")


def test_brand_is_changed_and_shown(enter: Any) -> None:
    staff = enter(CHANGE)
    look = {"name": "Acme", "colour": "#ffee00", "logo_url": "https://acme.example/logo.png", "footer": "Acme, Vienna"}
    page = staff.post(f"{BRAND}preview/", look).content.decode()
    assert "background: #ffee00; color: #000000" in page
    assert not Brand.objects.exists()
    assert staff.post(f"{BRAND}", look).status_code == 302
    assert brands.look_of().footer == "Acme, Vienna"
    refused = staff.post(f"{BRAND}", {**look, "logo_url": "http://acme.example/x"}).content.decode()
    assert "begins with https" in refused


@pytest.mark.parametrize(
    "path", ["", "add/", f"{GREETING.name}/", f"{GREETING.name}/edit/", "hello/1/", "hello/1/preview/"]
)
def test_pages_open_only_with_the_permission(enter: Any, now: datetime, path: str) -> None:
    make_template("hello", {}, now=now)
    publish_wording("hello", Sources("S", "T"), now=now)
    assert enter(CHANGE).get(PATH + path).status_code == 200
    assert enter("notifications.view_message").get(PATH + path).status_code == 403


@pytest.mark.parametrize(
    "path", ["nothing/", "nothing/edit/", "nothing/1/", f"{GREETING.name}/7/", f"{GREETING.name}/preview/"]
)
def test_what_is_not_there_is_not_found(enter: Any, path: str) -> None:
    staff = enter(CHANGE)
    assert staff.get(PATH + path).status_code == 404
    assert staff.post(f"{PATH}{GREETING.name}/1/explode/").status_code == 404
