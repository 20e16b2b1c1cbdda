import datetime as dt
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.testing import entries, the_entry
from kit.clock import utcnow
from roles import event_types
from roles.models import AccessRequest, Grant, Role
from roles.testing import give_role, make_group, make_role
from roles.tests.office import said, staff
from roles.tests.people.making import make_person
from roles.tests.people.models import Person

pytestmark = pytest.mark.django_db

ADD = "/admin/roles/grant/add/"


def form_for(person: Person, role: str, **more: Any) -> dict[str, Any]:
    return {"user": str(person.pk), "role": role, "resource": "", "reason": "", **more}


def test_staff_see_just_the_pages_their_roles_allow() -> None:
    _, client = staff("roles.view_role")
    page = client.get("/admin/").content.decode()
    assert "/admin/roles/role/" in page
    assert "/admin/roles/grant/" not in page
    assert client.get("/admin/roles/grant/").status_code == 403


def test_role_is_shown_with_what_it_holds() -> None:
    _, client = staff("*")
    page = client.get("/admin/roles/role/notifier/change/").content.decode()
    assert "notifications.send_message" in page
    assert "notifications.view_message" in page


def test_grant_given_in_the_admin_goes_through_the_domain() -> None:
    person, client = staff("*")
    anna = make_person()
    answer = client.post(ADD, form_for(anna, "notifier", resource="org:7", reason="newsletter"))
    assert (answer.status_code, Grant.objects.get(user_id=anna.pk).given_by) == (302, person.pk)
    assert entries(event_types.GRANT_GIVEN)[-1].actor == person.pk
    assert not LogEntry.objects.exists()


def test_refused_grant_is_an_error_on_the_page_and_an_entry() -> None:
    _, client = staff("roles.*")
    anna = make_person()
    answer = client.post(ADD, form_for(anna, "administrator"))
    assert "holds more than you do" in answer.content.decode()
    assert not anna.has_perm("*")
    assert entries(event_types.GRANT_GIVEN)[-1].outcome == "refused"


@pytest.mark.parametrize("wrong", [{"resource": "org"}, {"reason": "x" * 501}, {"role": "nobody"}, {"user": "x"}])
def test_wrong_input_is_shown_beside_its_field(wrong: dict[str, str]) -> None:
    _, client = staff("*")
    anna = make_person()
    answer = client.post(ADD, form_for(anna, "notifier") | wrong)
    assert (answer.status_code, Grant.objects.filter(user_id=anna.pk).exists()) == (200, False)
    assert set(answer.context["adminform"].form.errors) == set(wrong)


def test_same_grant_again_is_accepted_and_stays_one() -> None:
    _, client = staff("*")
    anna = make_person()
    answers = [client.post(ADD, form_for(anna, "notifier")).status_code for _ in range(2)]
    assert (answers, Grant.objects.filter(user_id=anna.pk).count()) == ([302, 302], 1)


def test_grant_taken_back_in_the_admin_goes_through_the_domain() -> None:
    person, client = staff("*")
    grant = give_role(make_person(), "notifier")
    client.post(f"/admin/roles/grant/{grant.pk}/delete/", {"post": "yes"})
    assert not Grant.objects.filter(pk=grant.pk).exists()
    assert the_entry(event_types.GRANT_TAKEN).actor == person.pk


def test_refused_taking_is_told_and_leaves_an_entry() -> None:
    _, client = staff("roles.*")
    grant = give_role(make_person(), "administrator")
    page = client.post(f"/admin/roles/grant/{grant.pk}/delete/", {"post": "yes"}, follow=True).content.decode()
    assert "holds more than you do" in page
    assert "deleted successfully" not in page
    assert Grant.objects.filter(pk=grant.pk).exists()
    assert the_entry(event_types.GRANT_TAKEN).outcome == "refused"


def test_grant_is_shown_and_searched_but_never_changed() -> None:
    _, client = staff("*")
    grant = give_role(make_person(), "notifier")
    assert "anna@example.com" in client.get("/admin/roles/grant/?q=anna").content.decode()
    assert client.get(f"/admin/roles/grant/{grant.pk}/change/").status_code == 200
    assert client.post(f"/admin/roles/grant/{grant.pk}/change/", {"role": "administrator"}).status_code == 403


def test_group_is_given_a_role_and_denied_one() -> None:
    _, client = staff("*")
    crew = make_group("crew", anna := make_person())
    for role, denies in (("notifier", ""), ("auditor", "on")):
        client.post(ADD, {"group": "crew", "role": role, "resource": "", "reason": "", "denies": denies})
    assert {(grant.role_id, grant.denies) for grant in crew.grants.all()} == {("notifier", False), ("auditor", True)}
    assert anna.has_perm("notifications.send_message")


@pytest.mark.parametrize("holders", [{}, {"user": "anna@example.com", "group": "crew"}])
def test_grant_has_one_holder(holders: dict[str, str]) -> None:
    _, client = staff("*")
    make_group("crew", make_person())
    answer = client.post(ADD, {"role": "notifier", "resource": "", "reason": "", **holders})
    assert "Name a person or a group" in answer.content.decode()
    assert not Grant.objects.filter(role="notifier").exists()


def test_sensitive_role_is_proposed_and_not_given() -> None:
    person, client = staff("*")
    anna = make_person()
    Role.objects.filter(name="notifier").update(sensitive=True)
    answer = client.post(ADD, form_for(anna, "notifier"), follow=True)
    assert "a second person must agree" in said(answer)[0]
    asked = AccessRequest.objects.get(user=anna.pk)
    assert (asked.asked_by, asked.state, anna.has_perm("notifications.send_message")) == (person.pk, "pending", False)
    assert answer.redirect_chain[-1][0] == f"/admin/roles/accessrequest/{asked.pk}/change/"


def test_form_takes_the_person_and_the_role_of_a_link() -> None:
    _, client = staff("*")
    anna = make_person()
    page = client.get(ADD, {"user": str(anna.pk), "role": "notifier"}).content.decode()
    assert str(anna.pk) in page
    assert '<option value="notifier" selected>' in page
    assert "related-widget" not in page


def test_who_gave_a_grant_is_told_or_that_she_is_gone_and_when_it_is_over() -> None:
    _, client = staff("roles.view_grant")
    grant = give_role(make_person(), "notifier", expires_at=utcnow() + dt.timedelta(days=1))
    over = utcnow() - dt.timedelta(days=1)
    page = f"/admin/roles/grant/{grant.pk}/change/"
    assert "the operator" in client.get(page).content.decode()
    Grant.objects.filter(pk=grant.pk).update(given_by=grant.pk, expires_at=over)
    told = client.get(page).content.decode()
    assert "somebody who is gone" in told
    assert f"{over:%Y-%m-%d %H:%M} (over)" in told


def test_list_names_who_gave_each_grant_by_as_many_statements_as_one() -> None:
    _, client = staff("*")
    counts = []
    for number in range(20):
        client.post(ADD, form_for(make_person(f"p{number}"), "notifier"))
        with CaptureQueriesContext(connection) as captured:
            page = client.get("/admin/roles/grant/").content.decode()
        counts.append(len(captured))
    assert page.count("staff@example.com") > 20
    assert counts[0] == counts[-1]


@pytest.mark.parametrize(("what", "found"), [("person", 2), ("group", 1), ("denial", 1), ("else", 3)])
def test_grants_are_filtered_by_kind(what: str, found: int) -> None:
    _, client = staff("roles.view_grant")
    give_role(make_group("crew"), make_role("dog"), denies=True)
    give_role(make_person(), "notifier")
    assert client.get("/admin/roles/grant/", {"what": what}).context["cl"].result_count == found


@pytest.mark.parametrize(
    ("search", "found"),
    [(" ANNA@", 1), ("nna@", 0), ("building:7", 1), ("uilding", 0), ("%", 0), ("nobody", 0), ("  ", 3)],
)
def test_grants_are_found_by_the_beginning_of_an_address_or_resource(search: str, found: int) -> None:
    _, client = staff("roles.view_grant")
    give_role(make_person("anna"), "notifier")
    give_role(make_person("bert"), "notifier", resource="building:7")
    assert client.get("/admin/roles/grant/", {"q": search}).context["cl"].result_count == found


@pytest.mark.parametrize(
    ("query", "status"),
    [("role=notifier", 200), ("resource__iregex=(", 400), (f"created_at__year={10**20}", 400)],
)
def test_grants_are_filtered_by_what_is_offered_and_nothing_else(query: str, status: int) -> None:
    _, client = staff("roles.view_grant")
    assert client.get(f"/admin/roles/grant/?{query}").status_code == status


def test_grant_is_not_told_by_the_question_whether_it_is_to_be_taken_back() -> None:
    _, client = staff("roles.delete_grant")
    grant = give_role(make_person("anna"), "notifier")
    assert client.get(f"/admin/roles/grant/{grant.pk}/delete/").status_code == 403
