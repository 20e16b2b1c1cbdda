"""Every page of roles in the admin, and what each needs: whoever may do all but that is let in to none of it."""

from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse

from kit.clock import utcnow
from roles import permissions
from roles.models import Permission, Placement
from roles.testing import allow, deny, make_group, make_role, place
from roles.tests.office import staff
from roles.tests.people.making import make_person

pytestmark = pytest.mark.django_db

SEND = "letters.send_letter"
SEES = {
    "role": permissions.VIEW_ROLE,
    "group": permissions.VIEW_GROUP,
    "grant": permissions.VIEW_GRANT,
    "permission": permissions.VIEW_PERMISSION,
    "placement": permissions.VIEW_PLACEMENT,
}
SHOWN = ("changelist", "change", "history")
DOORS = {f"roles_{kind}_{page}": permission for kind, permission in SEES.items() for page in SHOWN} | {
    "roles_role_add": permissions.ADD_ROLE,
    "roles_role_hierarchy": permissions.VIEW_ROLE,
    "roles_role_edit": permissions.CHANGE_ROLE,
    "roles_role_do": permissions.VIEW_ROLE,
    "roles_group_add": permissions.ADD_GROUP,
    "roles_group_do": permissions.VIEW_GROUP,
    "roles_grant_add": permissions.ADD_GRANT,
    "roles_grant_delete": permissions.DELETE_GRANT,
    "roles_grant_who": permissions.VIEW_GRANT,
    "roles_grant_why": permissions.VIEW_GRANT,
    "roles_permission_add": permissions.ADD_PERMISSION,
    "roles_permission_delete": permissions.DELETE_PERMISSION,
    "roles_permission_vocabulary": permissions.VIEW_PERMISSION,
    "roles_placement_add": permissions.ADD_PLACEMENT,
    "roles_placement_delete": permissions.DELETE_PLACEMENT,
}
DELETIONS = {
    "roles_role_delete",
    "roles_group_delete",
    "roles_accessrequest_delete",
}  # Django's, of what we end by deeds
BY_ROW = {f"roles_accessrequest_{page}" for page in (*SHOWN, "add", "do")}  # for all staff, each sees her rows


def rows() -> dict[str, str]:
    """Make one thing of each kind, and return its name in an address."""
    grant = allow(make_person("anna"), SEND)
    place("desk:3", "org:7")
    made = Permission.objects.create(name="mill.grind_corn", created_at=utcnow())
    return {
        "role": make_role("clerk", SEND).pk,
        "group": make_group("crew").pk,
        "grant": str(grant.pk),
        "permission": made.pk,
        "placement": str(Placement.objects.get().pk),
    }


def address(page: str) -> str:
    """Return the address of a page, of the one thing of its kind where it is about one."""
    _, kind, what = page.split("_")
    given: list[Any] = [rows()[kind]] if what in {"change", "history", "delete", "edit", "do"} else []
    return reverse(f"admin:{page}", args=[*given, *(["delete"] if what == "do" else [])])


def test_every_page_is_in_the_table() -> None:
    pages = (page for model, page in admin.site._registry.items() if model._meta.app_label == "roles")
    found = {pattern.name for page in pages for pattern in page.get_urls() if pattern.name}
    assert found == DOORS.keys() | DELETIONS | BY_ROW


@pytest.mark.parametrize(("page", "permission"), DOORS.items())
def test_page_is_closed_to_who_may_do_all_but_what_it_needs(page: str, permission: str) -> None:
    make_person("root", is_superuser=True)  # nobody is left without
    person, client = staff("*")
    deny(person, permission)
    path = address(page)
    assert (client.get(path).status_code, client.post(path).status_code) == (403, 403)


@pytest.mark.parametrize("page", sorted(DELETIONS - {"roles_accessrequest_delete"}))
def test_nothing_is_deleted_past_the_house(page: str) -> None:
    _, client = staff("*")
    assert client.post(address(page), {"post": "yes"}).status_code == 403
