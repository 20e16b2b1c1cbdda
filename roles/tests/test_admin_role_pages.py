import pytest

from roles.models import Role
from roles.testing import allow, give_role, make_role
from roles.tests.office import said, staff
from roles.tests.people.making import make_person

pytestmark = pytest.mark.django_db

LIST = "/admin/roles/role/"
SEND, READ = "letters.send_letter", "letters.read_letter"


def test_page_says_where_each_permission_comes_from_and_who_has_the_role() -> None:
    _, client = staff("roles.view_role", "roles.view_grant")
    make_role("base", READ)
    make_role("clerk", SEND, inherits=["base"])
    give_role(make_person("anna"), make_role("head", inherits=["clerk"]))
    context = client.get(f"{LIST}clerk/change/").context
    assert [(each["name"], each["own"], each["through"]) for each in context["held"]] == [
        (READ, False, ["base"]),
        (SEND, True, []),
    ]
    assert [(grant.user.email, grant.role_id) for grant in context["grants"]] == [("anna@example.com", "head")]


def test_who_has_a_role_is_hidden_from_those_who_may_not_see_grants() -> None:
    _, client = staff("roles.view_role")
    give_role(make_person("anna"), "notifier")
    assert "anna@example.com" not in client.get(f"{LIST}notifier/change/").content.decode()


def test_role_that_everybody_has_is_given_to_nobody() -> None:
    _, client = staff("*")
    context = client.get(f"{LIST}member/change/").context
    assert (context["everybodys"], context["may_give"], context["may_change"]) == (True, False, False)


def test_hierarchy_is_drawn_with_links_to_the_roles() -> None:
    _, client = staff("roles.view_role")
    make_role("head", inherits=[make_role("clerk", SEND).name])
    answer = client.get(f"{LIST}hierarchy/")
    assert [box.name for box in answer.context["family"].picture.boxes] == ["head", "clerk"]
    assert f'href="{LIST}clerk/change/"' in answer.content.decode()
    assert "notifier" in answer.context["loners"]
    assert "clerk" not in answer.context["loners"]


def test_hierarchy_is_for_those_who_may_see_roles() -> None:
    _, client = staff("roles.view_grant")
    assert client.get(f"{LIST}hierarchy/").status_code == 403
    assert client.get(f"{LIST}notifier/change/").status_code == 403


def test_hierarchy_that_is_too_large_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    _, client = staff("roles.view_role")
    monkeypatch.setattr("roles.admin.kinship.MOST_LINKS", 2)
    make_role("base")
    for number in range(3):
        make_role(f"heir-{number}", inherits=["base"])
    answer = client.get(f"{LIST}hierarchy/")
    assert (answer.context["family"].is_cut, len(answer.context["family"].picture.arrows)) == (True, 2)
    assert (answer.context["are_more"], len(answer.context["loners"])) == (True, 2)


def test_name_with_an_underscore_leads_to_its_page() -> None:
    _, client = staff("*")
    make_role("a_be", SEND)
    allow(make_person("anna"), SEND)
    (link,) = [word for word in client.get(LIST).content.decode().split('"') if "a_5Fbe" in word][:1]
    assert client.get(link).context["role"].name == "a_be"
    answer = client.post(f"{LIST}a_5Fbe/do/delete/", follow=True)
    assert said(answer) == ["The role a_be is deleted."]


def test_roles_are_found_by_the_beginning_of_their_name() -> None:
    _, client = staff("roles.view_role")
    found = {term: client.get(LIST, {"q": term}).context["cl"].result_count for term in ("not", "otifier", "")}
    assert found == {"not": 1, "otifier": 0, "": Role.objects.count()}
