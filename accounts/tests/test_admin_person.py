"""One person's page in the admin: what it shows to whom, and what its buttons do."""

import datetime as dt
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Device, Session, User
from accounts.testing import PASSWORD, make_person, sign_in
from accounts.tests import test_stewardship
from audit.testing import entries
from kit.clock import utcnow
from limits import guesses
from notifications.models import Message
from notifications.testing import make_message

pytestmark = pytest.mark.django_db


def enter(client: Client, email: str) -> None:
    assert client.post("/admin/login/", {"username": email, "password": PASSWORD}).status_code == 302


@pytest.fixture
def staff(client: Client) -> Client:
    make_person("staff@example.com", is_staff=True, is_superuser=True)
    enter(client, "staff@example.com")
    return client


@pytest.fixture
def manager(client: Client, settings: Any) -> Client:
    """A browser of somebody who may see and change people and nothing else."""
    settings.AUTHENTICATION_BACKENDS = ["accounts.tests.house.StaffManagePeople"]
    make_person("manager@example.com", is_staff=True)
    enter(client, "manager@example.com")
    return client


def page_of(client: Client, user: User) -> Any:
    return client.get(reverse("admin:accounts_user_change", args=[user.pk]))


def press(client: Client, user: User, action: str, **body: str) -> Any:
    return client.post(reverse("admin:accounts_user_do", args=[user.pk, action]), body, follow=True)


def test_the_page_shows_state_names_sessions_limits_messages_and_events(staff: Client) -> None:
    user = sign_in(make_person("anna@example.com", username="anna"), device_name="Laptop").user
    page = page_of(staff, user).text
    for words in ("anna@example.com", "Laptop", "active", "Names and addresses", "Sessions</h2>"):
        assert words in page
    for words in ("Wrong passwords and codes", "Messages</h2>", "What happened", "accounts.login.succeeded"):
        assert words in page
    assert "argon2" not in page


def test_the_page_lists_what_was_sent_to_her_on_any_channel_and_why_it_did_not_arrive(staff: Client) -> None:
    user = make_person("anna@example.com")
    make_message(template="shop.invoice", category="billing", status="suppressed", failure="not_wanted", due_at=None)
    make_message(channel="inbox", to=[str(user.pk)], recipient=str(user.pk), category="news")
    page = page_of(staff, user).text
    for words in ("<td>shop.invoice</td>", "Suppressed: not wanted", "<td>inbox</td>"):
        assert words in page


def test_the_page_says_of_an_account_that_it_could_not_be_erased(staff: Client) -> None:
    user, now = make_person(is_active=False), utcnow()
    User.objects.filter(pk=user.pk).update(erase_at=now)
    assert "could not be erased" not in page_of(staff, user).text
    User.objects.filter(pk=user.pk).update(erasure_failed_at=now)
    assert "could not be erased" in page_of(staff, user).text


def test_an_unknown_person_has_no_page(staff: Client) -> None:
    assert staff.get(reverse("admin:accounts_user_change", args=[uuid4()])).status_code == 404


def test_who_may_not_see_people_sees_no_page(client: Client) -> None:
    make_person("staff@example.com", is_staff=True)
    enter(client, "staff@example.com")
    assert page_of(client, make_person()).status_code in {302, 403, 404}
    assert press(client, make_person(), "sign-out").status_code in {302, 403, 404}


def test_panels_are_for_those_who_may_see_what_is_in_them(manager: Client) -> None:
    page = page_of(manager, sign_in().user).text
    assert "Names and addresses" in page
    for title in ("Sessions</h2>", "Messages</h2>", "What happened"):
        assert title not in page


def a_panel(*, person: User, viewer: User, now: dt.datetime) -> dict[str, Any] | None:
    """A panel of an app above, for superusers."""
    if not viewer.is_superuser:
        return None
    context: dict[str, Any] = {"entries": []}
    return {"name": "extra", "title": "Extra", "template": "accounts/admin_entries.html", "context": context}


def test_apps_above_add_panels(staff: Client, settings: Any) -> None:
    settings.ACCOUNTS_USER_PANELS = ("accounts.tests.test_admin_person.a_panel",)
    assert "Extra" in page_of(staff, make_person()).text


def test_a_panel_of_an_app_above_may_be_hidden(manager: Client, settings: Any) -> None:
    settings.ACCOUNTS_USER_PANELS = ("accounts.tests.test_admin_person.a_panel",)
    assert "Extra" not in page_of(manager, make_person()).text


def test_both_lanes_are_shown(staff: Client) -> None:
    signed_in = sign_in(device_name="Work laptop")
    device = Device.objects.get(user=signed_in.user)
    from accounts import people

    subject = people.guess_subject(signed_in.user, "")
    guesses.reserve(subject=subject, factor="password", now=utcnow())
    guesses.reserve(subject=subject, factor="password", lane=guesses.device_lane(device.pk), now=utcnow())
    page = page_of(staff, signed_in.user).text
    assert "Strangers" in page
    assert "Known device: Work laptop" in page


@pytest.mark.parametrize(
    ("action", "event"),
    [
        ("sign-out", "accounts.sessions.ended"),
        ("unlock", "accounts.lockout.lifted"),
        ("deactivate", "accounts.user.deactivated"),
        ("delete", "accounts.user.deleted"),
        ("send-password-reset", "accounts.reset.sent"),
    ],
)
def test_a_button_does_and_records_what_the_api_does(staff: Client, action: str, event: str) -> None:
    user = sign_in().user
    assert press(staff, user, action).status_code == 200
    by = User.objects.get(email="staff@example.com").pk
    assert [(entry.actor, entry.target) for entry in entries(event)] == [(by, str(user.pk))]


def test_second_factors_are_reset_for_a_reason_alone(staff: Client, settings: Any) -> None:
    settings.ACCOUNTS_FACTOR_RESET = "accounts.tests.test_stewardship.take_factors"
    user = sign_in().user
    assert 'name="reason" required' in page_of(staff, user).text
    assert "Say why" in press(staff, user, "reset-mfa").text
    assert test_stewardship.taken == []
    press(staff, user, "reset-mfa", reason="Lost her telephone")
    assert test_stewardship.taken.pop() == (user, "Lost her telephone")


def test_a_stopped_account_is_started_again(staff: Client) -> None:
    user = make_person(is_active=False)
    assert "do/activate" in page_of(staff, user).text
    press(staff, user, "activate")
    user.refresh_from_db()
    assert user.is_active


def test_one_session_is_ended_and_the_others_go_on(staff: Client) -> None:
    first = sign_in()
    second = sign_in(first.user)
    press(staff, first.user, "end-session", session=str(first.session.pk))
    assert Session.objects.get(pk=first.session.pk).end_reason == Session.EndReason.STAFF
    assert Session.objects.get(pk=second.session.pk).ended_at is None


@pytest.mark.parametrize("session", ["", "x", "0193a5c8-7c1e-7b2a-9d4f-3e5a6b7c8d9e"])
def test_a_session_that_is_not_hers_is_not_ended(staff: Client, session: str) -> None:
    other = sign_in()
    page = press(staff, make_person(), "end-session", session=session or str(other.session.pk))
    assert "errorlist" in page.text or 'class="error"' in page.text
    assert Session.objects.get(pk=other.session.pk).ended_at is None


def test_a_button_is_only_pressed_and_never_opened(staff: Client) -> None:
    user = sign_in().user
    assert staff.get(reverse("admin:accounts_user_do", args=[user.pk, "deactivate"])).status_code == 404
    assert staff.post(reverse("admin:accounts_user_do", args=[user.pk, "nonsense"])).status_code == 404
    user.refresh_from_db()
    assert user.is_active


def test_a_button_needs_the_token_of_its_page(client: Client) -> None:
    make_person("staff@example.com", is_staff=True, is_superuser=True)
    careful = Client(enforce_csrf_checks=True)
    enter(client, "staff@example.com")
    careful.cookies = client.cookies
    user = make_person()
    assert careful.post(reverse("admin:accounts_user_do", args=[user.pk, "deactivate"])).status_code == 403
    user.refresh_from_db()
    assert user.is_active


def test_who_manages_people_neither_sees_nor_has_buttons_for_who_may_do_everything(manager: Client) -> None:
    chief = sign_in(make_person(is_superuser=True))
    assert "/do/" not in page_of(manager, chief.user).text
    for action in ("deactivate", "sign-out", "send-password-reset", "delete"):
        press(manager, chief.user, action)
    assert User.objects.get(pk=chief.user.pk).is_active
    assert Session.objects.get(pk=chief.session.pk).ended_at is None
    assert not Message.objects.filter(recipient=chief.user.email, kind__contains="reset").exists()


def test_the_page_costs_the_same_for_a_long_life(staff: Client, django_assert_max_num_queries: Any) -> None:
    signed_in = sign_in()
    for _ in range(5):
        sign_in(signed_in.user)
    with django_assert_max_num_queries(17):
        page_of(staff, signed_in.user)
