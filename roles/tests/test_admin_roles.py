from typing import Any

import pytest
from django.test import Client

from audit.testing import entries, the_entry
from roles import definitions, event_types, hierarchy
from roles.models import Role
from roles.testing import give_role, make_group, make_role
from roles.tests.office import said, staff
from roles.tests.people.making import make_person

pytestmark = pytest.mark.django_db

LIST = "/admin/roles/role/"
SEND, READ = "letters.send_letter", "letters.read_letter"


def edit(client: Client, role: str, **form: Any) -> Any:
    return client.post(f"{LIST}{role}/edit/", {"description": "", **form}, follow=True)


def agree(client: Client, role: str, **form: Any) -> Any:
    """Send the form, and then what the page of the plan sends."""
    plan = edit(client, role, **form)
    return edit(client, role, **form, stamp=plan.context["stamp"])


def test_role_is_made_of_what_was_ticked() -> None:
    person, client = staff("*")
    form = {
        "name": "clerk",
        "description": "Writes",
        "permissions": [SEND],
        "inherits": ["notifier"],
        "sensitive": "on",
    }
    answer = client.post(f"{LIST}add/", form, follow=True)
    assert answer.redirect_chain[-1][0] == f"{LIST}clerk/change/"
    assert definitions.of("clerk") == definitions.Definition(
        description="Writes", permissions=frozenset({SEND}), inherits=frozenset({"notifier"}), sensitive=True
    )
    assert the_entry(event_types.ROLE_CREATED).actor == person.pk


@pytest.mark.parametrize(
    "wrong", [{"name": "auditor"}, {"name": "Über"}, {"permissions": ["letters.burn"]}, {"inherits": ["nobody"]}]
)
def test_wrong_role_is_told_beside_its_field(wrong: dict[str, Any]) -> None:
    _, client = staff("*")
    answer = client.post(f"{LIST}add/", {"name": "clerk", "description": "", **wrong})
    assert set(answer.context["form"].errors) == set(wrong)
    assert not Role.objects.filter(name="clerk").exists()


def test_nobody_makes_a_role_of_more_than_she_holds() -> None:
    _, client = staff("roles.*")
    answer = client.post(f"{LIST}add/", {"name": "clerk", "description": "", "permissions": [SEND]})
    assert "more than you do" in answer.content.decode()
    assert the_entry(event_types.ROLE_CREATED).outcome == "refused"


def test_who_gains_and_loses_is_shown_before_anything_is_saved() -> None:
    _, client = staff("*")
    give_role(make_group("crew", make_person("anna")), make_role("clerk", SEND), resource="org:7")
    answer = edit(client, "clerk", permissions=[READ])
    plan = answer.context["plan"]
    assert (dict(plan.gained), dict(plan.lost), plan.people) == ({READ: 1}, {SEND: 1}, 1)
    assert all(word in answer.content.decode() for word in ("anna@example.com", "org:7", READ, SEND))
    assert hierarchy.permissions_of("clerk") == {SEND}
    assert not entries(event_types.ROLE_CHANGED)


def test_who_they_are_is_hidden_from_those_who_may_not_see_grants() -> None:
    _, client = staff("roles.view_role", "roles.change_role", "letters.*")
    give_role(make_person("anna"), make_role("clerk", SEND))
    answer = edit(client, "clerk", permissions=[READ])
    assert answer.context["plan"].people == 1
    assert "anna@example.com" not in answer.content.decode()
    assert "Who they are is shown to those" in answer.content.decode()


def test_change_is_made_once_it_was_seen() -> None:
    person, client = staff("*")
    give_role(anna := make_person("anna"), make_role("clerk", SEND))
    answer = agree(client, "clerk", permissions=[READ])
    assert "is changed" in said(answer)[0]
    assert (anna.has_perm(READ), anna.has_perm(SEND)) == (True, False)
    assert the_entry(event_types.ROLE_CHANGED).actor == person.pk


def test_change_in_between_shows_the_plan_again() -> None:
    _, client = staff("*")
    give_role(make_person("anna"), make_role("clerk", SEND))
    seen = edit(client, "clerk", permissions=[READ]).context["stamp"]
    make_role("other")
    answer = edit(client, "clerk", permissions=[READ], stamp=seen)
    assert "Roles have been changed since you looked" in answer.content.decode()
    assert hierarchy.permissions_of("clerk") == {SEND}


def test_role_that_somebody_was_given_in_between_shows_the_plan_again() -> None:
    _, client = staff("*")
    make_role("clerk", SEND)
    seen = edit(client, "clerk", permissions=[READ]).context
    give_role(make_person("anna"), "clerk")
    answer = edit(client, "clerk", permissions=[READ], stamp=seen["stamp"])
    assert (seen["plan"].people, answer.context["plan"].people) == (0, 1)
    assert hierarchy.permissions_of("clerk") == {SEND}


def test_plan_that_was_seen_is_no_word_for_another_change() -> None:
    _, client = staff("*")
    make_role("clerk", SEND)
    seen = edit(client, "clerk", permissions=[READ]).context["stamp"]
    edit(client, "clerk", permissions=[READ, "*"], stamp=seen)
    assert hierarchy.permissions_of("clerk") == {SEND}


def test_plan_tells_also_how_the_role_is_given_from_now_on() -> None:
    _, client = staff("*")
    make_role("clerk", SEND)
    answer = edit(client, "clerk", permissions=[READ], sensitive="on")
    assert answer.context["words"] == [("Sensitive", "yes")]


def test_form_that_was_opened_before_somebody_else_changed_the_role_saves_nothing() -> None:
    _, client = staff("*")
    make_role("clerk", SEND)
    opened = client.get(f"{LIST}clerk/edit/").context["form"].opened_at
    Role.objects.filter(name="clerk").update(sensitive=True)
    answer = edit(client, "clerk", description="Writes", permissions=[SEND], before=opened)
    assert "since you opened the form" in said(answer)[0]
    role = Role.objects.get(name="clerk")
    assert (role.sensitive, role.description) == (True, "")


def test_stamp_that_was_made_up_saves_nothing() -> None:
    _, client = staff("*")
    make_role("clerk", SEND)
    edit(client, "clerk", permissions=[READ], stamp="x")
    assert hierarchy.permissions_of("clerk") == {SEND}


def test_back_from_the_plan_leads_to_the_form_as_it_was_filled_in() -> None:
    _, client = staff("*")
    make_role("clerk", SEND)
    answer = edit(client, "clerk", description="Reads", permissions=[READ], again="Back")
    page = answer.content.decode()
    assert 'value="Reads"' in page
    assert f'value="{READ}" checked' in page
    assert f'value="{SEND}" checked' not in page


def test_new_description_needs_no_plan() -> None:
    _, client = staff("*")
    make_role("clerk", SEND)
    edit(client, "clerk", description="Writes", permissions=[SEND], requestable="on")
    role = Role.objects.get(name="clerk")
    assert (role.description, role.requestable) == ("Writes", True)


def test_refusal_is_told_before_the_plan_and_leaves_an_entry() -> None:
    _, client = staff("roles.*", READ)
    make_role("clerk", READ)
    answer = edit(client, "clerk", permissions=[READ, SEND])
    assert "more than you do" in answer.content.decode()
    assert "plan" not in answer.context
    assert the_entry(event_types.ROLE_CHANGED).outcome == "refused"


def test_circle_is_told_beside_its_field() -> None:
    _, client = staff("*")
    make_role("top", inherits=[make_role("base").name])
    assert set(edit(client, "base", inherits=["top"]).context["form"].errors) == {"inherits"}


def test_of_a_built_in_role_only_how_it_is_given_is_decided() -> None:
    _, client = staff("*")
    before = definitions.of("notifier")
    edit(client, "notifier", sensitive="on", description="mine", permissions=[SEND])
    after = definitions.of("notifier")
    assert before is not None
    assert after is not None
    assert (after.sensitive, after.description, after.permissions) == (True, before.description, before.permissions)


def test_name_that_nobody_declares_any_more_stays_ticked() -> None:
    _, client = staff("*")
    make_role("clerk", "gone.do_thing")
    page = client.get(f"{LIST}clerk/edit/").content.decode()
    assert 'value="gone.do_thing" checked' in page
    assert "not declared any more" in page


def test_forms_are_for_those_who_may() -> None:
    _, client = staff("roles.view_role")
    make_role("clerk", SEND)
    assert client.get(f"{LIST}add/").status_code == 403
    assert edit(client, "clerk", permissions=[READ]).status_code == 403
    page = client.get(f"{LIST}clerk/change/").content.decode()
    assert "/edit/" not in page
    assert "Delete" not in page


def test_role_is_deleted_unless_somebody_has_it() -> None:
    _, client = staff("*")
    grant = give_role(make_person(), make_role("clerk", SEND))
    assert "in use" in said(client.post(f"{LIST}clerk/do/delete/", follow=True))[0]
    grant.delete()
    answer = client.post(f"{LIST}clerk/do/delete/", follow=True)
    assert answer.redirect_chain[-1][0] == LIST
    assert not Role.objects.filter(name="clerk").exists()
