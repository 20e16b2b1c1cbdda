"""Every page behind a mailed link, as people come to it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import invitations
from accounts.message_kinds.invitations import INVITATION_PURPOSE
from accounts.models import User
from accounts.pages.urls import urlpatterns
from accounts.testing import PASSWORD, new_address, register
from kit.clock import utcnow
from vault import derived

pytestmark = pytest.mark.django_db
WHOLE = "x" * 43
each_page = pytest.mark.parametrize("name", [str(pattern.name) for pattern in urlpatterns])


@each_page
@pytest.mark.parametrize("query", ["", "?token=", "?tok", f"?token={WHOLE[:-1]}", f"?token={WHOLE}x", "?token=%22%3E"])
def test_a_link_that_was_cut_is_told_of_before_any_button_is_pressed(client: Client, name: str, query: str) -> None:
    page = client.get(reverse(name) + query)
    assert (page.status_code, "The link is not whole" in page.text, "<button" in page.text) == (400, True, False)


@each_page
def test_a_whole_link_has_its_button_and_says_what_it_is_for(client: Client, name: str) -> None:
    page = client.get(reverse(name), {"token": WHOLE})
    assert (page.status_code, f'name="token" value="{WHOLE}"' in page.text) == (200, True)
    assert page.text.count("<button") == 1
    assert page.text.split("<h1>")[1].split("</h1>")[0].strip()
    assert page.text.split("<title>")[1].split("</title>")[0].strip() != "Gatehouse"


@each_page
def test_a_link_that_is_over_says_so_and_what_helps(client: Client, name: str) -> None:
    form = {"token": WHOLE, "password": PASSWORD, "new_password": PASSWORD}
    page = client.post(reverse(name), form)
    told = page.text.split("</h1>")[1]
    assert (page.status_code, "has expired" in told, told.count("<p")) == (400, True, 2)
    assert "<title>That did not work: " in page.text


def test_a_link_that_has_to_wait_is_still_good(settings: Any) -> None:
    client, (_row, token) = Client(REMOTE_ADDR=new_address()), register()
    settings.RATE_LIMIT_SCALE = 1
    settings.LIMITS_BY_ADDRESS = {"verify-email": (1, 60)}
    client.post("/verify-email", {"token": WHOLE})
    page = client.post("/verify-email", {"token": token})
    assert (page.status_code, "The link is still good" in page.text) == (429, True)


@pytest.mark.parametrize(
    ("field", "typed"), [("password", "short"), ("first_name", "A" * 151), ("last_name", "Berg\x07")]
)
def test_what_is_wrong_with_an_acceptance_stands_beside_its_field(client: Client, field: str, typed: str) -> None:
    row = invitations.invite(guest=invitations.Guest(email="anna@example.com"), inviter=None, now=utcnow())
    token = derived.again(INVITATION_PURPOSE, row.pk, row.key_id)
    page = client.post("/accept-invitation", {"token": token, "password": PASSWORD, field: typed})
    at_fault = page.text.split(f'id="{field}"')[1]
    assert (page.status_code, 'aria-invalid="true" autofocus' in at_fault.split(">")[0]) == (400, True)
    assert 'class="wrong"' in at_fault.split("<label")[0]
    assert "<title>Not yet: " in page.text
    assert not User.objects.exists()
