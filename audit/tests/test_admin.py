"""The log in the admin: read, searched, never written; quick whatever the number of rows."""

import pytest
from django.contrib.admin import AdminSite
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.template.response import TemplateResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from audit import admin, recording
from audit.models import Entry
from audit.testing import entries, seal_all
from audit.tests.event_types import DOOR_OPENED, DOOR_REFUSED
from audit.tests.log import NOW, write
from kit.ids import uuid7
from kit.origin import Origin

pytestmark = [pytest.mark.django_db, pytest.mark.urls("audit.tests.urls")]


class Staff:
    """A member of staff with the permissions given: accounts and roles live above."""

    is_active = is_staff = True
    pk = None

    def __init__(self, *permissions: str) -> None:
        self.permissions = permissions

    def has_perm(self, permission: str, obj: object = None) -> bool:
        return permission in self.permissions

    def has_module_perms(self, app: str) -> bool:
        return True

    def get_username(self) -> str:
        return "staff"

    def has_usable_password(self) -> bool:
        return False


AUDITOR = Staff("audit.view_entry")
EVERYTHING = Staff("audit.view_entry", "audit.add_entry", "audit.change_entry", "audit.delete_entry")


def view(name: str, *arguments: str, query: str = "", user: Staff = AUDITOR, post: bool = False) -> TemplateResponse:
    """Return what a view of the entries' admin answers, rendered."""
    request = (RequestFactory().post if post else RequestFactory().get)(f"/?{query}")
    request.user = user  # type: ignore[assignment]
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
    response: TemplateResponse = getattr(admin.EntryAdmin(Entry, AdminSite()), name)(request, *arguments)
    response.render()
    return response


def listed(query: str = "") -> ChangeList:
    """Return the list that a query string gives."""
    context = view("changelist_view", query=query).context_data or {}
    changes: ChangeList = context["cl"]
    return changes


def found(query: str) -> int:
    """Return how many entries the list shows for a query string."""
    return len(listed(query).result_list)


def test_list_shows_entries_with_their_address() -> None:
    write(3)
    response = view("changelist_view")
    assert response.content.count(b"203.0.113.7") == 3


def test_search_finds_actor_target_entry_and_action() -> None:
    anna, door = uuid7(), uuid7()
    recording.record(DOOR_OPENED, now=NOW, actor=anna)
    recording.record(DOOR_OPENED, now=NOW, target=door)
    recording.record(DOOR_REFUSED, now=NOW, target="cellar")
    words = (anna, anna.hex, door, entries()[2].id, "testing.door.opened", "cellar", "-" * 32, uuid7())
    assert [found(f"q={word}") for word in words] == [1, 1, 1, 1, 2, 1, 0, 0]
    assert found(f"q=testing.door.opened {door}") == 1


def test_search_finds_who_acted_and_was_acted_upon() -> None:
    anna = uuid7()
    recording.record(DOOR_OPENED, now=NOW, actor=anna)
    recording.record(DOOR_OPENED, now=NOW, target=anna)
    assert found(f"q={anna}") == 2


def test_what_somebody_did_for_another_person_is_found_by_either_and_by_itself() -> None:
    anna, staff = uuid7(), uuid7()
    recording.record(DOOR_OPENED, now=NOW, actor=anna)
    recording.record(DOOR_OPENED, now=NOW, actor=anna, origin=Origin(impersonator=staff))
    assert [found(query) for query in (f"q={anna}", f"q={staff}", "acting=yes", "")] == [2, 1, 1, 2]
    assert f"Person, by {staff} acting for" in view("changelist_view", query="acting=yes").content.decode()


def test_filters_narrow_by_action_outcome_and_time() -> None:
    write(2)
    queries = (
        "action=testing.door.opened",
        "action=testing.door.refused",
        "action=%00",
        "outcome=done",
        "q=2026-11-20",
        "q=2026-11-19",
    )
    assert [found(query) for query in queries] == [2, 0, 2, 2, 2, 0]


def test_page_of_an_entry_shows_all_and_offers_no_change() -> None:
    entry = write(1)[0]
    assert b"waits for its seal" in view("change_view", str(entry.id)).content
    seal_all(now=NOW)
    page = view("change_view", str(entry.id)).content.decode()
    for text in ("A door was opened", "203.0.113.7", "Firefox", "anna", "r-1", "Sealed at position", entry.commitment):
        assert text in page
    assert 'name="_save"' not in page


@pytest.mark.parametrize("name", ["add_view", "change_view", "delete_view"])
def test_nothing_can_be_written(name: str) -> None:
    entry = write(1)[0]
    with pytest.raises(PermissionDenied):
        view(name, *([] if name == "add_view" else [str(entry.id)]), user=EVERYTHING, post=True)
    assert entries() == [entry]


def test_staff_without_the_permission_see_nothing() -> None:
    with pytest.raises(PermissionDenied):
        view("changelist_view", user=Staff())


def test_list_counts_no_more_than_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin, "MOST_COUNTED", 2)
    write(4)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert listed().result_count == 2
    counts = [query["sql"] for query in caught if "COUNT(" in query["sql"] and "audit_entry" in query["sql"]]
    assert counts
    assert all("LIMIT 2" in sql for sql in counts)


def test_list_costs_the_same_whatever_it_shows() -> None:
    write(1)
    with CaptureQueriesContext(connection) as few:
        view("changelist_view")
    write(20)
    with CaptureQueriesContext(connection) as many:
        view("changelist_view")
    assert len(many) == len(few)
