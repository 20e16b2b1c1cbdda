from typing import Any

import pytest
from django.test import Client

from audit.testing import entries, the_entry
from roles import event_types
from roles.models import Group, Membership
from roles.testing import allow, give_role, make_group
from roles.tests.office import said, staff
from roles.tests.people.making import make_person

pytestmark = pytest.mark.django_db

CREW = "/admin/roles/group/crew/"


def do(client: Client, deed: str, **form: str) -> Any:
    return client.post(f"{CREW}do/{deed}/", form, follow=True)


def test_group_is_made_by_the_domain() -> None:
    person, client = staff("roles.view_group", "roles.add_group")
    answer = client.post("/admin/roles/group/add/", {"name": "crew", "description": "Who sails"})
    assert (answer.status_code, Group.objects.get().description) == (302, "Who sails")
    assert the_entry(event_types.GROUP_CREATED).actor == person.pk


def test_name_that_is_taken_is_told_beside_its_field() -> None:
    _, client = staff("*")
    make_group("crew")
    answer = client.post("/admin/roles/group/add/", {"name": "crew", "description": ""})
    assert set(answer.context["adminform"].form.errors) == {"name"}


def test_group_is_shown_with_what_it_has_and_who_is_in_it() -> None:
    _, client = staff("*")
    give_role(make_group("crew", make_person("anna")), "notifier", resource="org:7")
    page = client.get(f"{CREW}change/").content.decode()
    assert all(word in page for word in ("anna@example.com", "notifier", "org:7", "the operator"))


def test_who_may_see_groups_alone_sees_neither_members_nor_grants() -> None:
    _, client = staff("roles.view_group")
    give_role(make_group("crew", make_person("anna")), "notifier")
    page = client.get(f"{CREW}change/").content.decode()
    assert "anna@example.com" not in page
    assert "notifier" not in page
    assert "<form" not in page.replace('<form id="logout-form"', "")


def test_group_is_hidden_from_those_who_may_not_see_groups() -> None:
    _, client = staff("roles.view_role")
    make_group("crew")
    assert client.get(f"{CREW}change/").status_code == 403
    assert client.post(f"{CREW}do/delete/").status_code == 403


@pytest.mark.parametrize("named", ["anna@example.com", "id"])
def test_person_is_put_in_by_address_or_id_and_taken_out(named: str) -> None:
    person, client = staff("*")
    make_group("crew")
    anna = make_person("anna")
    answer = do(client, "join", user=str(anna.pk) if named == "id" else named)
    assert said(answer) == ["anna@example.com is in the group."]
    assert Membership.objects.get().added_by == person.pk
    assert said(do(client, "join", user=named if named != "id" else str(anna.pk)))[0].endswith("already.")
    do(client, "leave", user=str(anna.pk))
    assert not Membership.objects.exists()


@pytest.mark.parametrize("named", ["nobody", "nobody\x00"])
def test_nobody_is_put_in_by_a_name_that_nobody_has(named: str) -> None:
    _, client = staff("*")
    make_group("crew")
    assert said(do(client, "join", user=named)) == ["There is no such person."]


@pytest.mark.parametrize(
    "path", ["role/%00/change/", "role/a%00/edit/", "group/%00/do/join/", "permission/%00/delete/"]
)
def test_name_with_a_nul_is_nobodys(path: str) -> None:
    _, client = staff("*")
    assert client.post(f"/admin/roles/{path}/", {"user": "nobody"}).status_code in {302, 404}


@pytest.mark.parametrize("deed", ["join", "leave"])
def test_who_may_not_change_members_learns_of_nobody(deed: str) -> None:
    _, client = staff("roles.view_group")
    make_group("crew")
    anna = make_person("anna")
    told = [said(do(client, deed, user=named)) for named in (anna.email, "nobody@example.com")]
    assert told[0] == told[1] == ["You may not do this."]


def test_nobody_puts_a_person_into_more_than_she_holds_herself() -> None:
    _, client = staff("roles.*")
    allow(make_group("crew"), "letters.send_letter")
    anna = make_person("anna")
    assert "more than you do" in said(do(client, "join", user=anna.email))[0]
    assert not Membership.objects.exists()
    assert entries(event_types.MEMBER_ADDED)[-1].outcome == "refused"


def test_group_is_described_anew_and_deleted() -> None:
    _, client = staff("*")
    make_group("crew", make_person())
    do(client, "describe", description="Who sails")
    assert Group.objects.get().description == "Who sails"
    answer = do(client, "delete")
    assert said(answer) == ["The group crew is deleted."]
    assert answer.redirect_chain[-1][0] == "/admin/roles/group/"


def test_django_deletes_no_group_past_the_domain() -> None:
    _, client = staff("*")
    make_group("crew")
    assert client.post(f"{CREW}delete/", {"post": "yes"}).status_code == 403
    assert Group.objects.exists()


@pytest.mark.parametrize("deed", ["sink", "describe"])
def test_only_known_deeds_are_done_and_only_when_sent(deed: str) -> None:
    _, client = staff("*")
    make_group("crew")
    assert client.get(f"{CREW}do/{deed}/").status_code == 404
    assert client.post(f"{CREW}do/sink/").status_code == 404
    assert client.get("/admin/roles/group/nobody/change/").status_code == 404


def test_members_are_found_by_the_beginning_of_an_address() -> None:
    _, client = staff("*")
    make_group("crew", make_person("anna"), make_person("bert"))
    page = client.get(f"{CREW}change/", {"q": "BE"}).content.decode()
    assert "bert@example.com" in page
    assert "anna@example.com" not in page


def test_list_counts_members_and_is_searched_by_the_beginning_of_a_name() -> None:
    _, client = staff("roles.view_group")
    make_group("crew", make_person("anna"), make_person("bert"))
    make_group("guests")
    found = client.get("/admin/roles/group/", {"q": "cr"}).context["cl"].result_list
    assert [(group.name, group.size) for group in found] == [("crew", 2)]
    assert client.get("/admin/roles/group/").context["cl"].result_count == 2
