"""The pages behind the links of registrations, addresses and invitations."""

from typing import Any

import pytest
from django.test import Client

from accounts import addresses, invitations, links
from accounts.message_kinds.invitations import INVITATION_PURPOSE
from accounts.models import Link, User
from accounts.testing import ORIGIN, PASSWORD, make_person, new_address, register
from kit.clock import utcnow
from vault import derived

pytestmark = pytest.mark.django_db


def test_opening_the_link_changes_nothing_and_its_button_confirms(client: Client) -> None:
    _row, token = register("anna@example.com")
    for _ in range(3):
        page = client.get("/verify-email", {"token": token})
        assert (page.status_code, token in page.text) == (200, True)
    assert not User.objects.exists()
    assert "You can sign in now" in client.post("/verify-email", {"token": token}).text
    assert User.objects.get().email == "anna@example.com"


def test_a_link_that_does_not_work_says_so(client: Client) -> None:
    page = client.post("/verify-email", {"token": "x"})
    assert (page.status_code, "has expired" in page.text) == (400, True)


def test_a_token_is_shown_escaped(client: Client) -> None:
    assert "<script>" not in client.get("/verify-email", {"token": '"><script>alert(1)</script>'}).text


def test_pressing_too_often_is_told_to_wait(settings: Any) -> None:
    client = Client(REMOTE_ADDR=new_address())
    settings.RATE_LIMIT_SCALE = 1
    settings.LIMITS_BY_ADDRESS = {"verify-email": (1, 60)}
    client.post("/verify-email", {"token": "x"})
    page = client.post("/verify-email", {"token": "x"})
    assert (page.status_code, "Retry-After" in page.headers) == (429, True)


def test_only_reading_and_the_button_are_possible(client: Client) -> None:
    assert client.put("/verify-email").status_code == 405


def test_a_further_address_is_confirmed_by_the_button_of_its_page(client: Client) -> None:
    user = make_person("anna@example.com")
    addresses.add(user=user, email="anna@example.org", now=utcnow(), origin=ORIGIN)
    token = links.text_of(Link.objects.get())
    page = client.get("/confirm-address", {"token": token})
    assert (token in page.text, page["Referrer-Policy"], page["Cache-Control"]) == (True, "no-referrer", "no-store")
    assert User.objects.find_by_name("anna@example.org") is None
    assert "is confirmed" in client.post("/confirm-address", {"token": token}).text
    assert User.objects.find_by_name("anna@example.org") == user
    again = client.post("/confirm-address", {"token": token})
    assert (again.status_code, "has expired" in again.text) == (400, True)


def test_an_invitation_is_accepted_on_its_page(client: Client) -> None:
    token = invited("anna@example.com", first_name="Anna")
    assert token in client.get("/accept-invitation", {"token": token}).text
    form = {"token": token, "password": "short", "last_name": '<b>"Berg'}
    again = client.post("/accept-invitation", form)
    assert (again.status_code, "at least 15 characters" in again.text) == (400, True)
    assert 'value="&lt;b&gt;&quot;Berg"' in again.text
    assert "You can sign in now" in client.post("/accept-invitation", {**form, "password": PASSWORD}).text
    user = User.objects.get()
    assert (user.email, user.first_name, user.last_name) == ("anna@example.com", "Anna", '<b>"Berg')


@pytest.mark.parametrize("field", ["first_name", "token"])
def test_a_form_that_no_browser_sends_makes_nobody(client: Client, field: str) -> None:
    form = {"token": invited("anna@example.com"), "password": PASSWORD, field: "a\x00b"}
    page = client.post("/accept-invitation", form)
    assert (page.status_code, User.objects.exists()) == (400, False)


def test_where_sign_up_is_closed_the_pages_say_so(client: Client, settings: Any) -> None:
    _row, wish = register()
    invitation = invited("anna@example.com")
    settings.ACCOUNTS_SIGN_UP = "closed"
    for path, token in (("/verify-email", wish), ("/accept-invitation", invitation)):
        page = client.post(path, {"token": token, "password": PASSWORD})
        assert (page.status_code, "No account can be asked for here" in page.text) == (403, True)


def invited(email: str, **fields: Any) -> str:
    """Invite somebody; return the token that the mail carries."""
    guest = invitations.Guest(email=email, **fields)
    row = invitations.invite(guest=guest, inviter=None, now=utcnow())
    return derived.again(INVITATION_PURPOSE, row.pk, row.key_id)
