"""The button by which staff see what a person sees, in the admin: to whom it is offered, and its token, shown once."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Session, User
from accounts.testing import PASSWORD, make_person, sign_in
from audit.testing import the_entry
from kit.clock import utcnow

pytestmark = pytest.mark.django_db

FORM = {"reason": "She asked for help", "minutes": "5"}
OFFER = "See what this person sees"


@pytest.fixture
def staff(client: Client) -> Client:
    """The browser of somebody who may do everything."""
    make_person("staff@example.com", is_staff=True, is_superuser=True)
    return enter(client, "staff@example.com")


def enter(client: Client, email: str) -> Client:
    assert client.post("/admin/login/", {"username": email, "password": PASSWORD}).status_code == 302
    return client


def page_of(client: Client, user: User) -> str:
    page: str = client.get(reverse("admin:accounts_user_change", args=[user.pk])).text
    return page


def press(client: Client, user: User, **form: str) -> Any:
    path = reverse("admin:accounts_user_impersonate", args=[user.pk])
    return client.post(path, {**FORM, **form}, follow=True)


def test_the_token_is_shown_once_and_kept_nowhere(staff: Client) -> None:
    anna = make_person("anna@example.com")
    page = press(staff, anna)
    found = re.search(r">(ey[^<]+)</textarea>", page.text)
    assert found is not None
    assert "no-store" in page["Cache-Control"]
    headers = {"authorization": f"Bearer {found[1]}"}
    assert Client().get("/api/v1/auth/profile", headers=headers).json()["email"] == "anna@example.com"
    assert found[1] not in page_of(staff, anna)
    assert the_entry("accounts.impersonation.started").details["reason"] == FORM["reason"]


def test_it_ends_with_the_session_in_the_admin(staff: Client) -> None:
    anna = make_person()
    press(staff, anna)
    session = Session.objects.get(user=anna)
    assert session.is_live(utcnow())
    staff.post("/admin/logout/")
    session.refresh_from_db()
    assert not Session.objects.get(user=anna).is_live(utcnow())


def test_staff_see_who_acts_for_whom(staff: Client) -> None:
    anna = make_person()
    press(staff, anna)
    assert "by staff@example.com" in page_of(staff, anna)
    assert "by staff@example.com" in staff.get(reverse("admin:accounts_session_changelist")).text


def test_it_is_offered_for_those_whom_one_may_act_for(staff: Client) -> None:
    assert OFFER in page_of(staff, make_person())
    assert OFFER not in page_of(staff, make_person(is_active=False))
    assert OFFER not in page_of(staff, User.objects.get(email="staff@example.com"))


def test_it_is_offered_to_nobody_without_the_permission(client: Client, settings: Any) -> None:
    settings.AUTHENTICATION_BACKENDS = ["accounts.tests.house.StaffManagePeople"]
    make_person("manager@example.com", is_staff=True)
    anna = make_person()
    assert OFFER not in page_of(enter(client, "manager@example.com"), anna)
    assert press(client, anna).status_code == 404
    assert not Session.objects.filter(user=anna).exists()


def test_it_is_not_offered_for_a_person_who_may_do_more(client: Client, settings: Any) -> None:
    settings.AUTHENTICATION_BACKENDS = ["accounts.tests.house.StaffActForPeople"]
    make_person("helper@example.com", is_staff=True)
    root = make_person(is_superuser=True)
    assert OFFER not in page_of(enter(client, "helper@example.com"), root)
    assert "may do more than you may" in press(client, root).text
    assert not Session.objects.filter(user=root).exists()


@pytest.mark.parametrize("form", [{"reason": ""}, {"minutes": "61"}, {"minutes": "x"}, {"reason": "x" * 501}])
def test_a_mistake_leads_back_with_a_word(staff: Client, form: dict[str, str]) -> None:
    anna = make_person()
    page = press(staff, anna, **form)
    assert f"{next(iter(form)).capitalize()}: " in page.text
    assert not Session.objects.filter(user=anna).exists()


def test_a_sign_in_of_a_while_ago_asks_for_the_password(staff: Client) -> None:
    anna = make_person()
    assert "Your own password" not in page_of(staff, anna)
    Session.objects.update(auth_time=utcnow().replace(year=2020))
    assert "Your own password" in page_of(staff, anna)
    assert "Give the password" in press(staff, anna).text
    assert "</textarea>" in press(staff, anna, password=PASSWORD).text


def test_nobody_is_acted_for_by_a_link_or_without_being_signed_in(staff: Client) -> None:
    anna = sign_in().user
    path = reverse("admin:accounts_user_impersonate", args=[anna.pk])
    assert staff.get(path).status_code == 404
    assert staff.post(path.replace(str(anna.pk), "0193a5c8-7c1e-7b2a-9d4f-3e5a6b7c8d9e"), FORM).status_code == 404
    assert Client().post(path, FORM).status_code == 302
    assert not Session.objects.filter(user=anna, door="acting").exists()
