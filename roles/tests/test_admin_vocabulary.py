import pytest

from audit.testing import the_entry
from roles import event_types
from roles.models import Permission, Placement
from roles.testing import make_role, place
from roles.tests.office import staff

pytestmark = pytest.mark.django_db


def test_permission_is_declared_and_withdrawn() -> None:
    person, client = staff("*")
    client.post("/admin/roles/permission/add/", {"name": "shop.sell_thing", "description": "Sell things"})
    assert Permission.objects.get().declared_by == person.pk
    page = client.get("/admin/roles/permission/").content.decode()
    assert "staff@example.com" in page
    client.post("/admin/roles/permission/shop.sell_5Fthing/delete/", {"post": "yes"})
    assert not Permission.objects.exists()
    assert the_entry(event_types.PERMISSION_WITHDRAWN).actor == person.pk


@pytest.mark.parametrize("name", ["roles.bake_cake", "nonsense", "shop.*"])
def test_name_that_no_client_may_declare_is_told_beside_its_field(name: str) -> None:
    _, client = staff("*")
    answer = client.post("/admin/roles/permission/add/", {"name": name, "description": ""})
    assert set(answer.context["adminform"].form.errors) == {"name"}


def test_permission_that_a_role_holds_stays_and_its_reason_is_told() -> None:
    _, client = staff("*")
    client.post("/admin/roles/permission/add/", {"name": "shop.sell_thing", "description": ""})
    make_role("seller", "shop.sell_thing")
    page = client.post("/admin/roles/permission/shop.sell_5Fthing/delete/", {"post": "yes"}, follow=True)
    assert "A role holds this permission" in page.content.decode()
    assert Permission.objects.exists()


def test_every_permission_of_apps_and_clients_is_shown_by_namespace() -> None:
    _, client = staff("roles.view_permission", "roles.add_permission")
    client.post("/admin/roles/permission/add/", {"name": "shop.sell_thing", "description": "Sell things"})
    page = client.get("/admin/roles/permission/vocabulary/").content.decode()
    assert all(word in page for word in ("shop.sell_thing", "Sell things", "roles.view_role", "letters.send_letter"))


def test_vocabulary_is_for_those_who_may_see_permissions() -> None:
    _, client = staff("roles.view_role")
    assert client.get("/admin/roles/permission/vocabulary/").status_code == 403


@pytest.mark.parametrize(("search", "found"), [("sh", 1), ("op", 0), ("", 1)])
def test_permissions_are_found_by_the_beginning_of_their_name(search: str, found: int) -> None:
    _, client = staff("*")
    client.post("/admin/roles/permission/add/", {"name": "shop.sell_thing", "description": ""})
    assert client.get("/admin/roles/permission/", {"q": search}).context["cl"].result_count == found


def test_resource_is_placed_and_taken_away() -> None:
    _, client = staff("*")
    client.post("/admin/roles/placement/add/", {"resource": "project:12", "parent": "org:7"})
    placed = Placement.objects.get()
    assert (placed.resource, placed.parent) == ("project:12", "org:7")
    client.post(f"/admin/roles/placement/{placed.pk}/delete/", {"post": "yes"})
    assert not Placement.objects.exists()


def test_circle_of_resources_is_told_beside_its_field() -> None:
    _, client = staff("*")
    place("project:12", "org:7")
    answer = client.post("/admin/roles/placement/add/", {"resource": "org:7", "parent": "project:12"})
    assert set(answer.context["adminform"].form.errors) == {"parent"}


@pytest.mark.parametrize(("search", "found"), [("proj", 1), ("org", 1), ("ject", 0), ("", 1)])
def test_placements_are_found_by_the_beginning_of_either(search: str, found: int) -> None:
    _, client = staff("*")
    place("project:12", "org:7")
    assert client.get("/admin/roles/placement/", {"q": search}).context["cl"].result_count == found
