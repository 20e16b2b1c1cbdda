from typing import Any

import pytest

from roles.models import Grant
from roles.testing import allow, deny, give_role, make_group, make_role, place
from roles.tests.office import staff
from roles.tests.people.making import make_person
from roles.tests.people.models import Person

pytestmark = pytest.mark.django_db

WHO, WHY = "/admin/roles/grant/who/", "/admin/roles/grant/why/"
SEND = "letters.send_letter"


def test_who_may_do_something_is_told_with_denials_and_groups_considered() -> None:
    _, client = staff("roles.view_grant")
    allow(make_group("crew", make_person("anna"), bert := make_person("bert")), SEND)
    deny(bert, "letters.*")
    context = client.get(WHO, {"permission": SEND}).context
    assert [person.email for person in context["people"]] == ["anna@example.com"]
    assert context["number"] == 1


def test_people_come_in_pages() -> None:
    _, client = staff("roles.view_grant")
    allow(make_group("crew", *(make_person(f"p{number}") for number in range(53))), SEND)
    first = client.get(WHO, {"permission": SEND}).context
    second = client.get(WHO, {"permission": SEND, "after": str(first["next"])}).context
    assert (len(first["people"]), len(second["people"]), second["next"]) == (50, 3, None)
    assert not {person.pk for person in first["people"]} & {person.pk for person in second["people"]}
    assert client.get(WHO, {"permission": SEND, "after": "nonsense"}).context["people"] == []


@pytest.mark.parametrize("wrong", [{"permission": "letters.burn_letter"}, {"resource": "org"}])
def test_unknown_permission_or_resource_is_told_beside_its_field(wrong: dict[str, str]) -> None:
    _, client = staff("roles.view_grant")
    context = client.get(WHO, {"permission": SEND, **wrong}).context
    assert set(context["form"].errors) == set(wrong)
    assert "asked" not in context


def test_why_somebody_may_is_told_as_a_way_through_groups_and_roles() -> None:
    _, client = staff("*")
    make_role("clerk", inherits=[make_role("poster", SEND).name])
    give_role(make_group("crew", anna := make_person("anna")), "clerk", resource="org:7")
    place("desk:3", "org:7")
    context = client.get(WHY, {"user": anna.email, "permission": SEND, "resource": "desk:3"}).context
    (told,) = context["told"]
    assert context["found"].allowed
    assert [name for _, name in told.steps] == ["anna@example.com", "crew", "clerk", "poster", SEND]
    assert told.giver == "the operator"


def test_why_somebody_may_not_names_the_roles_that_would_do() -> None:
    _, client = staff("*")
    make_role("poster", SEND)
    anna = make_person("anna")
    answer = client.get(WHY, {"user": str(anna.pk), "permission": SEND})
    assert not answer.context["found"].allowed
    assert "/admin/roles/role/poster/change/" in answer.content.decode()


def test_giver_is_named_and_one_who_is_gone_is_not() -> None:
    _, client = staff("*")
    make_role("poster", SEND)
    anna = make_person("anna")
    client.post("/admin/roles/grant/add/", {"user": anna.email, "role": "poster", "resource": "", "reason": "mail"})
    ask: dict[str, Any] = {"user": anna.email, "permission": SEND}
    assert client.get(WHY, ask).context["told"][0].giver == "staff@example.com"
    Grant.objects.filter(user_id=anna.pk).update(given_by=make_person("gone").pk)

    Person.objects.filter(email="gone@example.com").delete()
    assert client.get(WHY, ask).context["told"][0].giver == "somebody who is gone"


def test_nobody_by_that_name_is_told_beside_the_field() -> None:
    _, client = staff("roles.view_grant")
    context = client.get(WHY, {"user": "nobody", "permission": SEND}).context
    assert set(context["form"].errors) == {"user"}


def test_empty_question_is_a_form_and_no_error() -> None:
    _, client = staff("roles.view_grant")
    context = client.get(WHY).context
    assert not context["form"].errors
    assert "found" not in context


@pytest.mark.parametrize("page", [WHO, WHY])
def test_questions_are_for_those_who_may_see_grants(page: str) -> None:
    _, client = staff("roles.view_role")
    assert client.get(page, {"user": "anna@example.com", "permission": SEND}).status_code == 403
