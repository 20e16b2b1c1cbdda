"""The log in the admin: read, searched, never written; quick whatever the number of rows."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit import admin, recording
from audit.testing import entries, seal_all
from audit.tests.event_types import DOOR_OPENED, DOOR_REFUSED
from audit.tests.log import NOW, write
from kit.ids import uuid7

pytestmark = pytest.mark.django_db

LIST = "/admin/audit/entry/"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("staff"))
    return client


def found(staff: Client, query: str) -> int:
    """Return how many entries the list shows for a query string."""
    response = staff.get(f"{LIST}?{query}")
    assert response.status_code == 200
    return len(response.context["cl"].result_list)


def test_list_shows_entries_with_their_address(staff: Client) -> None:
    write(3)
    response = staff.get(LIST)
    assert response.content.count(b"203.0.113.7") == 3


def test_search_finds_actor_target_entry_and_action(staff: Client) -> None:
    anna, door = uuid7(), uuid7()
    recording.record(DOOR_OPENED, now=NOW, actor=anna)
    recording.record(DOOR_OPENED, now=NOW, target=door)
    recording.record(DOOR_REFUSED, now=NOW)
    words = (anna, anna.hex, door, entries()[2].id, "testing.door.opened", "testing.door", "testing.cellar", "-" * 32)
    assert [found(staff, f"q={word}") for word in words] == [1, 1, 1, 1, 2, 3, 0, 0]
    assert found(staff, f"q=testing.door.opened {door}") == 1


def test_filters_narrow_by_action_outcome_and_time(staff: Client) -> None:
    write(2)
    queries = (
        "action=testing.door.opened",
        "action=testing.door.refused",
        "outcome=done",
        "q=2026-11-20",
        "q=2026-11-19",
    )
    assert [found(staff, query) for query in queries] == [2, 0, 2, 2, 2, 0]


def test_page_of_an_entry_shows_all_and_offers_no_change(staff: Client) -> None:
    entry = write(1)[0]
    assert b"waits for its seal" in staff.get(f"{LIST}{entry.id}/change/").content
    seal_all(now=NOW)
    page = staff.get(f"{LIST}{entry.id}/change/").content.decode()
    for text in ("A door was opened", "203.0.113.7", "Firefox", "anna", "r-1", "Sealed at position", entry.commitment):
        assert text in page
    assert 'name="_save"' not in page


@pytest.mark.parametrize("path", ["add/", "{id}/delete/", "{id}/change/"])
def test_nothing_can_be_written(staff: Client, path: str) -> None:
    entry = write(1)[0]
    assert staff.post(LIST + path.format(id=entry.id), {"target": "x", "post": "yes"}).status_code == 403
    assert entries()[0].target == ""


def test_staff_without_the_permission_see_nothing(client: Client) -> None:
    client.force_login(User.objects.create_user("other", is_staff=True))
    assert client.get(LIST).status_code == 403


def test_list_counts_no_more_than_it_must(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin, "MOST_COUNTED", 2)
    write(4)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert staff.get(LIST).context["cl"].result_count == 2
    counts = [query["sql"] for query in caught if "COUNT(" in query["sql"] and "audit_entry" in query["sql"]]
    assert counts
    assert all("LIMIT 2" in sql for sql in counts)


def test_list_costs_the_same_whatever_it_shows(staff: Client) -> None:
    write(1)
    with CaptureQueriesContext(connection) as few:
        staff.get(LIST)
    write(20)
    with CaptureQueriesContext(connection) as many:
        staff.get(LIST)
    assert len(many) == len(few)
