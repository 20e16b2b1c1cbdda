"""The lists of the admin, asked and pressed by staff who edit what their browser sends."""

from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.backends import BaseBackend
from django.test import Client
from django.urls import reverse

from accounts.models import Invitation, User
from accounts.testing import PASSWORD, make_person
from audit import tables

pytestmark = pytest.mark.django_db
NOBODY, SOMEBODY = "0193a5c8-7c1e-7b2a-9d4f-3e5a6b7c8d9e", "0193a5ca-10f4-7c55-8a21-6b0c9d8e7f61"

PEOPLE, INVITATIONS = "/admin/accounts/user/", "/admin/accounts/invitation/"


class StaffChangePeople(BaseBackend):
    """Staff change people and invite, and are shown nobody."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return bool(user_obj.is_staff and perm in {"accounts.change_user", "accounts.add_user"})


@pytest.fixture
def staff(client: Client) -> Client:
    make_person("staff@example.com", is_staff=True, is_superuser=True)
    client.post("/admin/login/", {"username": "staff@example.com", "password": PASSWORD})
    return client


@pytest.mark.parametrize("chosen", ["x", "", "\x00", f"{NOBODY},{SOMEBODY}"])
@pytest.mark.parametrize(("page", "action"), [(PEOPLE, "deactivate"), (INVITATIONS, "withdraw")])
def test_an_action_on_no_row_of_the_list_does_nothing(staff: Client, page: str, action: str, chosen: str) -> None:
    user = make_person()
    body = {"action": action, "_selected_action": [str(user.pk), chosen]}
    assert "These are no rows of this list" in staff.post(page, body, follow=True).text
    assert User.objects.get(pk=user.pk).is_active


def test_an_action_takes_no_more_than_one_request_can(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    users = [make_person() for _ in range(3)]
    body = {"action": "deactivate", "_selected_action": [str(users[0].pk)], "select_across": "1"}
    monkeypatch.setattr(tables, "MOST_AT_ONCE", 2)
    assert "At most 2 at once" in staff.post(PEOPLE, body, follow=True).text
    assert not User.objects.filter(is_active=False).exists()
    monkeypatch.setattr(tables, "MOST_AT_ONCE", 4)
    staff.post(PEOPLE, body)
    assert User.objects.filter(is_active=False).count() == 3


@pytest.mark.parametrize("query", ["email__iregex=(", f"created_at__year={10**20}", "phone__contains=1", "id__in=x"])
def test_lists_are_filtered_by_what_they_offer_alone(staff: Client, query: str) -> None:
    assert staff.get(f"{PEOPLE}?{query}").status_code == 400


@pytest.mark.parametrize("query", ["state=active", "is_staff__exact=1", "is_superuser__exact=0"])
def test_lists_are_filtered_by_what_they_offer(staff: Client, query: str) -> None:
    assert staff.get(f"{PEOPLE}?{query}").status_code == 200


def test_who_may_change_people_and_not_see_them_sees_none(client: Client, settings: Any) -> None:
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.StaffChangePeople"]
    make_person("manager@example.com", is_staff=True)
    client.post("/admin/login/", {"username": "manager@example.com", "password": PASSWORD})
    user = make_person("anna@example.com")
    assert "anna@example.com" not in client.get(PEOPLE).text
    assert client.get(reverse("admin:accounts_user_change", args=[user.pk])).status_code == 404


def test_a_name_in_an_invitation_is_one_line(staff: Client) -> None:
    body = {"email": "guest@example.com", "first_name": "Anna\nClick http://evil.example"}
    assert "control character" in staff.post(f"{INVITATIONS}add/", body).text
    assert not Invitation.objects.exists()


def test_the_way_to_a_persons_messages_keeps_her_address_whole(staff: Client) -> None:
    page = staff.get(reverse("admin:accounts_user_change", args=[make_person("anna+a&b@example.com").pk])).text
    assert f"?q={quote('anna+a&b@example.com')}" in page
