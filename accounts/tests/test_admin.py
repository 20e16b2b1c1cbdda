"""The admin: its own door, its pages about people, and what its actions do."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import statistics
from accounts.models import Session, User
from accounts.testing import PASSWORD, make_person, register, sign_in
from audit.testing import entries
from kit.tallies import last_days
from limits.guesses import FREE_TRIES

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"


def enter(client: Client, email: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post(LOGIN, {"username": email, "password": password, **more})


@pytest.fixture
def staff(client: Client) -> Client:
    """A browser in which a superuser has signed in."""
    make_person("staff@example.com", is_staff=True, is_superuser=True)
    assert enter(client, "staff@example.com").status_code == 302
    return client


def test_staff_sign_in_with_a_session_of_ours(staff: Client) -> None:
    assert staff.get("/admin/").status_code == 200
    session = Session.objects.get()
    assert (session.door, session.amr) == (Session.Door.ADMIN, ["pwd"])


def test_ending_the_session_closes_the_admin_at_once(staff: Client) -> None:
    Session.objects.update(ended_at=Session.objects.get().created_at)
    assert staff.get("/admin/").status_code == 302


def test_signing_out_ends_the_session(staff: Client) -> None:
    staff.post("/admin/logout/")
    assert Session.objects.get().end_reason == Session.EndReason.LOGOUT
    assert staff.get("/admin/").status_code == 302


@pytest.mark.parametrize("who", ["person", "stopped", "nobody", "wrong"])
def test_everybody_else_gets_the_same_answer(client: Client, who: str) -> None:
    make_person("person@example.com")
    make_person("stopped@example.com", is_staff=True, is_active=False)
    make_person("wrong@example.com", is_staff=True)
    page = enter(client, f"{who}@example.com", "wrong" if who == "wrong" else PASSWORD)
    assert "The name or the password is not right." in page.text
    assert not Session.objects.exists()


def test_the_admin_shares_the_counter_of_the_api(client: Client) -> None:
    make_person("staff@example.com", is_staff=True)
    for _ in range(FREE_TRIES):
        enter(client, "staff@example.com", "wrong")
    assert "Too many tries" in enter(client, "staff@example.com").text


def test_a_due_step_keeps_the_admin_shut(client: Client, settings: Any) -> None:
    settings.ACCOUNTS_LOGIN_STEPS = ("accounts.tests.house.AlwaysDue",)
    make_person("staff@example.com", is_staff=True)
    assert "further step" in enter(client, "staff@example.com").text
    assert not Session.objects.exists()


def test_apps_above_offer_other_ways_in(client: Client, settings: Any) -> None:
    settings.ACCOUNTS_ADMIN_SIGN_IN = ("accounts/admin_entries.html",)
    assert "Nothing yet." in client.get(LOGIN).text


@pytest.mark.parametrize(
    "wanted", ["//evil.com", "https://evil.com/admin/", "/\\evil.com", "javascript:alert(1)", "/x"]
)
def test_signing_in_leads_nowhere_else(client: Client, wanted: str) -> None:
    make_person("staff@example.com", is_staff=True)
    assert enter(client, "staff@example.com", next=wanted)["Location"] == "/admin/"


def test_signing_in_leads_back_to_the_page_that_asked(client: Client) -> None:
    make_person("staff@example.com", is_staff=True)
    wanted = reverse("admin:accounts_user_changelist")
    assert enter(client, "staff@example.com", next=wanted)["Location"] == wanted


def test_a_planted_cookie_is_not_kept(client: Client) -> None:
    make_person("staff@example.com", is_staff=True)
    client.get(LOGIN)
    planted = client.session.session_key
    enter(client, "staff@example.com")
    assert client.session.session_key != planted


def test_signing_in_brings_a_new_csrf_token(client: Client) -> None:
    make_person("staff@example.com", is_staff=True)
    client.get(LOGIN)
    planted = client.cookies["csrftoken"].value
    enter(client, "staff@example.com")
    assert client.cookies["csrftoken"].value != planted


def test_a_browser_that_has_signed_in_before_is_not_locked_out(client: Client) -> None:
    make_person("staff@example.com", is_staff=True)
    enter(client, "staff@example.com")
    client.post("/admin/logout/")
    for _ in range(FREE_TRIES + 1):
        stranger = enter(Client(), "staff@example.com", "wrong")
    assert "Too many tries" in stranger.text
    assert enter(client, "staff@example.com").status_code == 302
    assert client.cookies["sessionid-device"]["httponly"]


def test_staff_without_a_permission_see_no_people(client: Client) -> None:
    make_person("staff@example.com", is_staff=True)
    enter(client, "staff@example.com")
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 403


def test_people_are_found_by_the_beginning_of_a_name(staff: Client) -> None:
    make_person("anna@example.com", username="Zora")
    make_person("berta@example.com")
    for term, found in (("ANN", True), ("zor", True), ("xyz", False), ("%", False)):
        page = staff.get(reverse("admin:accounts_user_changelist"), {"q": term})
        assert ("anna@example.com" in page.text, "berta@example.com" in page.text) == (found, False)


def test_a_persons_page_shows_her_sessions_and_what_happened(staff: Client) -> None:
    user = sign_in(device_name="Laptop").user
    page = staff.get(reverse("admin:accounts_user_change", args=[user.pk]))
    assert all(text in page.text for text in (user.email, "Laptop", "live", "accounts.login.succeeded"))
    assert "argon2" not in page.text


def test_nobody_is_added_or_deleted_in_the_admin(staff: Client) -> None:
    user = make_person()
    assert staff.get("/admin/accounts/user/add/")["Location"] == "/admin/accounts/invitation/add/"
    assert staff.post(f"/admin/accounts/user/{user.pk}/delete/", {"post": "yes"}).status_code == 403
    assert 'type="password"' not in staff.get(reverse("admin:accounts_user_change", args=[user.pk])).text.lower()


def act(staff: Client, action: str, *users: User) -> None:
    body = {"action": action, "_selected_action": [str(user.pk) for user in users]}
    assert staff.post(reverse("admin:accounts_user_changelist"), body).status_code == 302


def test_actions_do_and_record_what_the_domain_does(staff: Client) -> None:
    signed_in = sign_in()
    act(staff, "sign_out", signed_in.user)
    assert Session.objects.get(pk=signed_in.session.pk).end_reason == Session.EndReason.STAFF
    act(staff, "deactivate", signed_in.user)
    act(staff, "activate", signed_in.user)
    staff_id = User.objects.get(email="staff@example.com").pk
    for action in ("accounts.sessions.ended", "accounts.user.deactivated", "accounts.user.activated"):
        assert [(entry.actor, entry.target) for entry in entries(action)] == [(staff_id, str(signed_in.user.pk))]


def test_nobody_stops_her_own_account(staff: Client) -> None:
    act(staff, "deactivate", User.objects.get())
    assert User.objects.get().is_active


def test_who_manages_people_does_not_stop_who_may_do_everything(client: Client, settings: Any) -> None:
    settings.AUTHENTICATION_BACKENDS = ["accounts.tests.house.StaffManagePeople"]
    make_person("manager@example.com", is_staff=True)
    person, chief = make_person(), sign_in(make_person(is_superuser=True))
    enter(client, "manager@example.com")
    for action in ("deactivate", "sign_out"):
        act(client, action, person, chief.user)
    assert [User.objects.get(pk=user.pk).is_active for user in (person, chief.user)] == [False, True]
    assert Session.objects.get(pk=chief.session.pk).ended_at is None


def test_nobody_filters_by_the_beginning_of_a_password_hash(staff: Client) -> None:
    query = {"password__startswith": "argon2"}
    assert staff.get(reverse("admin:accounts_user_changelist"), query).status_code == 400


def test_sessions_are_listed_and_read_only(staff: Client) -> None:
    assert staff.get("/admin/accounts/session/").status_code == 200
    assert staff.get("/admin/accounts/session/add/").status_code == 403


def test_a_pending_registration_is_not_a_person(staff: Client) -> None:
    register("pending@example.com")
    assert "pending@example.com" not in staff.get(reverse("admin:accounts_user_changelist")).text


def test_the_admin_is_no_second_place_to_change_a_password(staff: Client) -> None:
    body = {"old_password": PASSWORD, "new_password1": "x" * 20, "new_password2": "x" * 20}
    assert staff.post("/admin/password_change/", body).status_code == 404
    assert "password_change" not in staff.get("/admin/").text


def gather(*, user: User, now: dt.datetime) -> dict[str, Any]:
    """A front page of the tests' own."""
    return {"house_health": [(user.email, True)]}


def test_the_front_page_shows_what_the_setting_gathers(staff: Client, settings: Any) -> None:
    assert "accounts/user" in staff.get("/admin/").text
    settings.ADMIN_FRONT_PAGE = "accounts.tests.test_admin.gather"
    assert "<strong>staff@example.com</strong> answers" in staff.get("/admin/").text


def test_a_persons_page_offers_nothing_to_save(staff: Client) -> None:
    page = staff.get(reverse("admin:accounts_user_change", args=[make_person().pk]))
    assert "_save" not in page.text


def test_new_people_are_counted_on_their_day() -> None:
    now = dt.datetime(2026, 5, 6, 12, 0, tzinfo=dt.UTC)
    for days in (0, 1, 1, 9):
        make_person(now=now - dt.timedelta(days=days))
    assert statistics.count_new(last_days(now, 2)) == [2, 1]
