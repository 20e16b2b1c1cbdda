"""Every page behind a mailed link, as people come to it."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import invitations, links, password_changes
from accounts.message_kinds.invitations import INVITATION_PURPOSE
from accounts.models import Invitation, Link, Registration, User
from accounts.pages.links import LinkPage
from accounts.pages.urls import urlpatterns
from accounts.testing import DAY, PASSWORD, link_to, new_address, register
from kit.clock import utcnow
from vault import derived

pytestmark = pytest.mark.django_db
WHOLE = "x" * 43
PAGES: dict[str, type[LinkPage]] = {str(one.name): one.callback.view_class for one in urlpatterns}  # type: ignore[attr-defined]
each_page = pytest.mark.parametrize("name", PAGES)


@each_page
@pytest.mark.parametrize("query", ["", "?token=", "?tok", f"?token={WHOLE[:-1]}", f"?token={WHOLE}x", "?token=%22%3E"])
def test_a_link_that_was_cut_is_told_of_before_any_button_is_pressed(client: Client, name: str, query: str) -> None:
    page = client.get(reverse(name) + query)
    assert (page.status_code, "The link is not whole" in page.text, "<button" in page.text) == (400, True, False)


@each_page
def test_a_good_link_has_its_button_and_says_what_it_is_for(client: Client, name: str) -> None:
    token = link_to(PAGES[name])
    page = client.get(reverse(name), {"token": token})
    assert (page.status_code, f'name="token" value="{token}"' in page.text) == (200, True)
    assert page.text.count("<button") == 1
    assert page.text.split("<h1>")[1].split("</h1>")[0].strip()
    assert page.text.split("<title>")[1].split("</title>")[0].strip() != "Gatehouse"


def opened(client: Client, name: str, token: str) -> str:
    """Open a link that is good no more, and return what its page says; it has no button, and tells nobody its token."""
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse(name), {"token": token})
    assert [query["sql"].split()[0] for query in queries.captured_queries] == ["SELECT"]
    assert (page.status_code, "<button" in page.text, token in page.text) == (400, False, False)
    assert (page["Referrer-Policy"], page["Cache-Control"]) == ("no-referrer", "no-store")
    told = page.text.split("</h1>")[1]
    assert told.count("<p") == 2
    return told


@each_page
def test_a_link_that_has_expired_says_so_when_it_is_opened(client: Client, name: str) -> None:
    assert "This link has expired." in opened(client, name, link_to(PAGES[name], lifetime=-DAY))


@each_page
def test_a_link_that_was_used_says_so_when_it_is_opened(client: Client, name: str) -> None:
    token = link_to(PAGES[name])
    Link.objects.update(used_at=utcnow())
    Registration.objects.update(confirmed_at=utcnow())
    Invitation.objects.update(accepted_at=utcnow())
    assert "has been used already" in opened(client, name, token)


@each_page
def test_a_link_of_nobodys_says_no_more_than_that_it_is_not_valid(client: Client, name: str) -> None:
    link_to(PAGES[name])
    assert "This link is not valid" in opened(client, name, WHOLE)


@each_page
def test_a_link_to_another_page_is_not_valid(client: Client, name: str) -> None:
    others = [link_to(page) for page in PAGES.values() if page is not PAGES[name]]
    assert all("This link is not valid" in opened(client, name, token) for token in others)


def test_a_link_after_which_a_newer_was_sent_says_to_look_for_that(client: Client) -> None:
    token = link_to(PAGES["reset-password"])
    password_changes.send_link(user=User.objects.get(), address="", now=utcnow())
    told = opened(client, "reset-password", token)
    assert "A newer link like this was sent" in told
    assert "newest of our mails" in told


def test_of_links_that_are_good_side_by_side_an_older_one_has_its_button(client: Client) -> None:
    token = link_to(PAGES["undo"])
    user = User.objects.get()
    links.issue(purpose=Link.Purpose.UNDO, address="", user=user, now=utcnow(), lifetime=DAY)
    assert client.get("/undo", {"token": token}).status_code == 200


def test_a_link_that_something_has_ended_says_so(client: Client) -> None:
    reset, invited = link_to(PAGES["reset-password"]), link_to(PAGES["accept-invitation"])
    Link.objects.update(void_at=utcnow())
    Invitation.objects.update(withdrawn_at=utcnow())
    assert "good no more" in opened(client, "reset-password", reset)
    assert "good no more" in opened(client, "accept-invitation", invited)


def test_a_link_that_was_written_for_nobody_is_not_valid(client: Client) -> None:
    link = links.issue(purpose=Link.Purpose.RESET, address="", user=None, now=utcnow(), lifetime=DAY)
    assert "This link is not valid" in opened(client, "reset-password", links.text_of(link))


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
