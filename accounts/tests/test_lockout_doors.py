"""The call and the page by which the owner of a locked account is let in."""

import datetime as dt

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Device, Session
from accounts.testing import PASSWORD, make_person
from accounts.tests.calls import AUTH, code_of
from accounts.tests.test_lockouts import guess, token_for

pytestmark = pytest.mark.django_db


def test_the_api_answers_the_token_of_a_known_device(now: dt.datetime) -> None:
    user = make_person()
    guess(user.email, now)
    answer = APIClient().post(f"{AUTH}/unlock", {"token": token_for(user)})
    assert answer.status_code == 200
    body = {"email": user.email, "password": PASSWORD, "device_token": answer.json()["device_token"]}
    assert APIClient().post(f"{AUTH}/login", {**body, "device_token": ""}).status_code == 429
    assert APIClient().post(f"{AUTH}/login", body).status_code == 200
    again = APIClient().post(f"{AUTH}/unlock", {"token": token_for(user)})
    assert code_of(again) == (400, "validation_error")


def test_opening_the_page_changes_nothing_and_its_button_makes_the_browser_known(now: dt.datetime) -> None:
    user, browser = make_person(is_staff=True), Client()
    guess(user.email, now)
    token = token_for(user)
    shown = browser.get("/unlock", {"token": token})
    assert token in shown.content.decode()
    assert not browser.cookies
    assert not Device.objects.exists()
    assert browser.post("/unlock", {"token": token}).status_code == 200
    known = browser.cookies["sessionid-device"]
    assert known["httponly"]
    assert known["samesite"] == "Strict"
    browser.post("/admin/login/", {"username": user.email, "password": PASSWORD})
    assert Session.objects.get(door="admin").device == Device.objects.get()


def test_a_form_on_another_site_does_not_replace_what_the_browser_is_known_by(now: dt.datetime) -> None:
    user, browser = make_person(), Client()
    guess(user.email, now)
    sent = browser.post("/unlock", {"token": token_for(user)}, headers={"Sec-Fetch-Site": "cross-site"})
    assert sent.status_code == 200
    assert not browser.cookies


def test_the_page_says_that_a_link_is_good_no_more() -> None:
    page = Client().post("/unlock", {"token": "a" * 43})
    assert page.status_code == 400
    assert "has expired" in page.content.decode()
