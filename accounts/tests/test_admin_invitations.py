"""How staff add a person in the admin: by an invitation that she accepts with a password of her own."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Invitation, User
from accounts.testing import PASSWORD, make_person
from audit.testing import entries
from notifications.models import Message

pytestmark = pytest.mark.django_db
LIST, ADD = "/admin/accounts/invitation/", "/admin/accounts/invitation/add/"


@pytest.fixture
def staff(client: Client) -> Client:
    make_person("staff@example.com", is_staff=True, is_superuser=True)
    assert client.post("/admin/login/", {"username": "staff@example.com", "password": PASSWORD}).status_code == 302
    return client


def invite(staff: Client, email: str = "guest@example.com", **more: Any) -> Any:
    return staff.post(ADD, {"email": email, "first_name": "Gerda", "last_name": "", **more}, follow=True)


def test_staff_invite_and_the_guest_gets_a_mail(staff: Client) -> None:
    assert invite(staff, is_staff="on").status_code == 200
    row = Invitation.objects.get()
    assert (row.address, row.first_name, row.is_staff) == ("guest@example.com", "Gerda", True)
    assert row.invited_by == User.objects.get().pk
    assert Message.objects.filter(recipient="guest@example.com").count() == 1
    assert "guest@example.com" in staff.get(LIST).text


@pytest.mark.parametrize("email", ["staff@example.com", "nonsense", "", "a@b"])
def test_an_address_that_cannot_be_invited_is_an_error_beside_its_field(staff: Client, email: str) -> None:
    page = invite(staff, email)
    assert "errorlist" in page.text
    assert not Invitation.objects.exists()


def test_roles_are_offered_where_an_app_above_gives_them(staff: Client, settings: Any) -> None:
    settings.ACCOUNTS_INVITATION_GRANTS = ""
    assert 'name="roles"' not in staff.get(ADD).text
    settings.ACCOUNTS_INVITATION_GRANTS = "accounts.tests.promises"
    assert 'name="roles"' in staff.get(ADD).text


def test_an_invitation_is_sent_again_and_withdrawn(staff: Client) -> None:
    invite(staff)
    row = Invitation.objects.get()
    for action in ("resend", "withdraw", "withdraw"):
        staff.post(LIST, {"action": action, "_selected_action": [str(row.pk)]})
    row.refresh_from_db()
    assert row.withdrawn_at is not None
    assert Message.objects.filter(recipient="guest@example.com").count() == 2
    assert len(entries("accounts.invitation.withdrawn")) == 1
    assert "withdrawn" in staff.get(f"{LIST}{row.pk}/change/").text


def test_staff_without_the_permission_invite_nobody(client: Client) -> None:
    make_person("plain@example.com", is_staff=True)
    client.post("/admin/login/", {"username": "plain@example.com", "password": PASSWORD})
    assert client.get(ADD).status_code == 403
    assert invite(client).status_code == 403
    assert not Invitation.objects.exists()


def test_an_invitation_is_found_by_its_whole_address(staff: Client) -> None:
    invite(staff)
    assert "guest@example.com" in staff.get(LIST, {"q": "Guest@Example.com"}).text
    assert "guest@example.com" not in staff.get(LIST, {"q": "guest@"}).text
