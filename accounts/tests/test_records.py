"""The record of refused sign-ins that staff read."""

import datetime as dt

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from accounts import erasure, login, personal_data, records
from accounts.models import Session, User
from accounts.testing import ORIGIN, PASSWORD, make_person
from audit.testing import entries
from kit.errors import Refusal
from kit.origin import Origin
from limits.guesses import FREE_TRIES

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def refuse(name: str, now: dt.datetime, *, times: int = 1, address: str = ORIGIN.address) -> None:
    """Have a sign-in refused."""
    credentials = login.Credentials(name=name, password="wrong")
    origin = Origin(address=address, agent="pytest")
    for _ in range(times):
        with pytest.raises(Refusal):
            login.begin(credentials=credentials, door=Session.Door.API, now=now, origin=origin)


def rows() -> list[tuple[str, str | None, int]]:
    """Return who was tried, from where, and how often."""
    return list(
        AccessAttempt.objects.order_by("username", "ip_address").values_list(
            "username", "ip_address", "failures_since_start"
        )
    )


def test_refusals_count_up_by_account_and_address(now: dt.datetime) -> None:
    make_person("anna@example.com", username="anna")
    for name in ("anna@example.com", "ANNA", "anna"):
        refuse(name, now)
    refuse("anna", now, address="2001:db8::7")
    refuse("Nobody", now)
    assert sorted(rows()) == [
        ("anna@example.com", "2001:db8::7", 1),
        ("anna@example.com", "203.0.113.7", 3),
        ("nobody", "203.0.113.7", 1),
    ]
    row = AccessAttempt.objects.get(username="nobody")
    assert (row.path_info, row.user_agent, row.attempt_time) == ("api", "pytest", now)
    assert not row.get_data + row.post_data + row.http_accept


def test_a_row_tells_of_its_last_refusal(now: dt.datetime) -> None:
    refuse("nobody", now)
    refuse("nobody", now + DAY / 2)
    assert AccessAttempt.objects.get().attempt_time == now + DAY / 2


def test_a_refusal_from_no_address_is_kept_too(now: dt.datetime) -> None:
    refuse("nobody", now, address="")
    assert rows() == [("nobody", None, 1)]


def test_a_row_costs_one_statement_and_a_flood_none(now: dt.datetime) -> None:
    with CaptureQueriesContext(connection) as queries:
        refuse("nobody", now, times=40)
    written = [query for query in queries.captured_queries if "axes_" in query["sql"]]
    assert len(written) == len(entries("accounts.login.refused")) < 40
    assert rows() == [("nobody", "203.0.113.7", len(written))]


def test_a_success_writes_nothing_into_the_record(now: dt.datetime) -> None:
    credentials = login.Credentials(name=make_person().email, password=PASSWORD)
    with CaptureQueriesContext(connection) as queries:
        login.begin(credentials=credentials, door=Session.Door.API, now=now, origin=ORIGIN)
    assert not [query for query in queries.captured_queries if "axes_" in query["sql"]]


def test_the_record_itself_blocks_nobody(now: dt.datetime) -> None:
    user = make_person()
    refuse(user.email, now, times=FREE_TRIES - 1)
    AccessAttempt.objects.update(failures_since_start=1_000_000)
    credentials = login.Credentials(name=user.email, password=PASSWORD)
    result = login.begin(credentials=credentials, door=Session.Door.API, now=now, origin=ORIGIN)
    assert isinstance(result, login.StartedSession)
    assert not AccessLog.objects.exists()
    assert not AccessFailureLog.objects.exists()


def test_a_name_that_nobody_holds_is_forgotten_after_a_day_and_a_known_one_later(now: dt.datetime) -> None:
    user = make_person()
    refuse(user.email, now)
    refuse("hunter2", now)
    assert records.purge(now=now + DAY - dt.timedelta(seconds=1)) == 0
    assert records.purge(now=now + DAY) == 1
    assert rows() == [(user.email, ORIGIN.address, 1)]
    assert records.purge(now=now + 30 * DAY) == 1


@override_settings(ACCOUNTS_EXPORTERS=["accounts.records.EXPORTER"], ACCOUNTS_ERASERS=["accounts.records.ERASER"])
def test_what_is_kept_of_a_person_is_hers_to_see_and_erased_with_her(now: dt.datetime) -> None:
    user = make_person()
    refuse(user.email, now)
    refuse("other", now)
    [shown] = personal_data.export(user=user, now=now)["refused_sign_ins"]["refused_sign_ins"]
    assert (shown["username"], shown["ip_address"]) == (user.email, ORIGIN.address)
    User.objects.update(erase_at=now)
    erasure.erase(user=user, now=now)
    assert rows() == [("other", ORIGIN.address, 1)]


def test_staff_read_and_search_the_record_and_cannot_write_it(now: dt.datetime) -> None:
    staff, browser = make_person(is_staff=True, is_superuser=True), Client()
    browser.post("/admin/login/", {"username": staff.email, "password": PASSWORD})
    refuse("anna@example.com", now)
    refuse("berta@example.com", now, address="198.51.100.9")
    listing = "/admin/accounts/refusedsignin/"
    for search, found in (("", 2), (" ANNA@example.com ", 1), ("198.51.100.9", 1), ("198.51.100.10", 0)):
        page = browser.get(listing, {"q": search})
        assert page.context["cl"].result_count == found, search
    row = AccessAttempt.objects.first()
    assert row is not None
    assert browser.get(f"{listing}{row.pk}/change/").status_code == 200
    assert browser.post(f"{listing}{row.pk}/change/", {"username": "x"}).status_code == 403
    assert browser.post(f"{listing}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert browser.get(f"{listing}add/").status_code == 403


def test_the_record_stands_once_in_the_navigation_and_under_its_own_name() -> None:
    staff, browser = make_person(is_staff=True, is_superuser=True), Client()
    browser.post("/admin/login/", {"username": staff.email, "password": PASSWORD})
    apps = browser.get("/admin/").context["available_apps"]
    shown = [(app["app_label"], str(model["name"])) for app in apps for model in app["models"]]
    assert [name for _, name in shown if "efused" in name or "ttempt" in name] == ["Refused sign-ins"]
    assert "axes" not in dict(shown)


def test_staff_without_the_permission_do_not_see_the_record() -> None:
    staff, browser = make_person(is_staff=True), Client()
    browser.post("/admin/login/", {"username": staff.email, "password": PASSWORD})
    assert browser.get("/admin/accounts/refusedsignin/").status_code == 403
    assert "refusedsignin" not in browser.get("/admin/").content.decode()
