"""The admin's front page: what it costs, what it shows to whom, and what it says needs attention."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import event_types
from accounts.models import User
from accounts.testing import PASSWORD, make_person
from audit import recording, triggers
from audit.testing import seal_all
from audit.vocabulary import Outcome
from config import admin_front, heartbeats
from kit.clock import utcnow
from kit.ids import earliest
from kit.origin import Origin
from limits.testing import fail_tries
from notifications.testing import make_message
from roles import access_requests
from roles.models import Role
from roles.testing import allow, give_role

pytestmark = pytest.mark.django_db

STATEMENTS = 14  # two of them find who asks
HOUR = dt.timedelta(hours=1)


def enter(client: Client, user: User) -> Client:
    """Sign a member of staff in to the admin."""
    answer = client.post("/admin/login/", {"username": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


@pytest.fixture(autouse=True)
def _a_worker_works() -> None:
    heartbeats.renew(name="here:1", now=utcnow())


@pytest.fixture
def administrator() -> User:
    """A member of staff who may do everything."""
    return make_person("staff@example.com", is_staff=True, is_superuser=True)


def refuse(times: int, now: dt.datetime) -> None:
    """Refuse a sign-in so many times."""
    origin = Origin(address="198.51.100.7", agent="x", request_id="r")
    for _ in range(times):
        recording.record(
            event_types.LOGIN_REFUSED,
            now=now,
            actor_kind="stranger",
            outcome=Outcome.REFUSED,
            origin=origin,
            details={"reason": "credentials"},
        )


def titles(user: User, now: dt.datetime | None = None) -> str:
    """Return what needs attention, as one text."""
    return " | ".join(matter.title for matter in admin_front.gather(user=user, now=now or utcnow())["house_matters"])


@pytest.mark.parametrize("rows", [1, 40], ids=["few rows", "many rows"])
def test_the_front_page_costs_as_many_statements_whatever_there_is(
    client: Client, administrator: User, rows: int
) -> None:
    enter(client, administrator)
    for number in range(rows):
        make_message(status="failed", due_at=None)
        give_role(make_person(f"p{number}@example.com"), "notifier", expires_at=utcnow() + HOUR)
    refuse(rows, utcnow())
    client.get("/admin/")  # loads the set of permissions
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/admin/").status_code == 200
    assert len(captured) <= STATEMENTS


SHOWN = {
    "audit.view_entry": {"sign-ins", "refusals"},
    "notifications.view_message": {"messages"},
    "accounts.view_user": {"people"},
    "roles.view_grant": set(),
    "roles.add_grant": set(),
    "vault.nothing": set(),
}


@pytest.mark.parametrize("permission", SHOWN)
def test_each_permission_shows_its_own_part_and_no_other(permission: str) -> None:
    user, now = make_person(is_staff=True), utcnow()
    make_message(status="failed", due_at=None)
    if permission != "vault.nothing":
        allow(user, permission)
    shown = admin_front.gather(user=user, now=now)
    assert {chart.name for chart in shown["house_charts"]} == SHOWN[permission]
    assert bool(shown["house_latest"]) == (permission == "audit.view_entry")
    assert ("failed" in titles(user, now)) == (permission == "notifications.view_message")


def test_staff_without_a_role_are_told_why_the_page_is_empty(client: Client) -> None:
    page = enter(client, make_person(is_staff=True)).get("/admin/")
    assert "None of your roles" in page.text
    assert "chart" not in page.text


def test_charts_say_in_words_and_in_a_table_what_they_draw(client: Client, administrator: User) -> None:
    enter(client, administrator)
    make_message(status="sent", due_at=None)
    page = client.get("/admin/").text
    assert 'aria-label="Messages in the last 14 days: 1 sent, 1 of them today, 0 failed, 0 of them today."' in page
    assert "<script>" not in page
    assert "style=" not in page


def nothing(now: dt.datetime) -> None:
    """Let nothing happen."""


def fail_a_message(now: dt.datetime) -> None:
    make_message(status="failed", due_at=None)


def let_a_message_wait(now: dt.datetime) -> None:
    make_message(id=earliest(now - HOUR), due_at=now + HOUR)


def forget_a_message(now: dt.datetime) -> None:
    make_message(due_at=now - HOUR)


def fail_to_erase(now: dt.datetime) -> None:
    User.objects.filter(pk=make_person().pk).update(is_active=False, erase_at=now, erasure_failed_at=now)


def lock_an_account(now: dt.datetime) -> None:
    fail_tries(10, subject="somebody", now=now)


def flood_the_doors(now: dt.datetime) -> None:
    refuse(30, now)


def flood_the_doors_an_hour_ago(now: dt.datetime) -> None:
    refuse(30, now - HOUR)
    recording.flush_floods(now=now)
    seal_all(now=now)


def leave_an_entry_unsealed(now: dt.datetime) -> None:
    seal_all(now=now)
    refuse(1, now - HOUR)


def take_the_triggers_away(now: dt.datetime) -> None:
    triggers.drop()


def give_a_grant_for_a_day(now: dt.datetime) -> None:
    give_role(make_person(), "notifier", expires_at=now + dt.timedelta(days=1))


def ask_for_a_role(now: dt.datetime) -> None:
    Role.objects.filter(name="notifier").update(requestable=True)
    access_requests.ask(user=make_person(), role="notifier", minutes=60, reason="the newsletter", now=now)


def kill_a_worker(now: dt.datetime) -> None:
    heartbeats.renew(name="killed:1", now=now - dt.timedelta(minutes=2))


def kill_every_worker(now: dt.datetime) -> None:
    heartbeats.renew(name="here:1", now=now - dt.timedelta(minutes=2))


MATTERS: dict[str, Callable[[dt.datetime], None]] = {
    "1 message failed": fail_a_message,
    "1 message waiting for more than 15 minutes": let_a_message_wait,
    "1 message not taken up": forget_a_message,
    "1 account locked": lock_an_account,
    "1 account could not be erased": fail_to_erase,
    "1 flood of refusals right now": flood_the_doors,
    "1 flood of refusals in the last 24 hours": flood_the_doors_an_hour_ago,
    "The audit log is not being sealed": leave_an_entry_unsealed,
    "The audit log is not guarded": take_the_triggers_away,
    "1 grant will end within seven days": give_a_grant_for_a_day,
    "1 access request waiting": ask_for_a_role,
    "1 worker gone silent": kill_a_worker,
    "No worker answers": kill_every_worker,
    "": nothing,
}


@pytest.mark.parametrize("matter", MATTERS)
def test_what_needs_attention_is_told_and_nothing_else(administrator: User, matter: str) -> None:
    now = utcnow()
    try:
        MATTERS[matter](now)
        told = titles(administrator, now)
    finally:
        triggers.install()
    assert told.startswith(matter)
    assert "|" not in told


def test_what_the_service_leans_on_is_told_when_it_is_away(administrator: User, settings: Any) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = []
    told = admin_front.gather(user=administrator, now=utcnow())
    assert told["house_matters"][0].title == "Mail: no answer"
    assert ("Mail", False) in told["house_health"]
    assert ("Worker", True) in told["house_health"]


def test_whoever_is_staff_learns_that_no_worker_works() -> None:
    kill_every_worker(utcnow())
    told = admin_front.gather(user=make_person(is_staff=True), now=utcnow())
    assert [matter.title for matter in told["house_matters"]] == ["No worker answers"]
    assert ("Worker", False) in told["house_health"]


def test_links_of_the_front_page_lead_to_pages(client: Client, administrator: User) -> None:
    enter(client, administrator)
    now = utcnow()
    for happen in (
        fail_a_message,
        let_a_message_wait,
        flood_the_doors_an_hour_ago,
        give_a_grant_for_a_day,
        ask_for_a_role,
    ):
        happen(now)
    shown = admin_front.gather(user=administrator, now=now)
    links = [part.link for part in (*shown["house_matters"], *shown["house_charts"]) if part.link]
    assert len(links) >= 9
    assert {client.get(link).status_code for link in links} == {200}
