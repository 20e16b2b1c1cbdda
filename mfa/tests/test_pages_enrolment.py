"""Setting second factors up in the browser: what is shown once, and who gets no further than that."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import LoginAttempt, Session, User
from accounts.testing import PASSWORD
from kit.clock import utcnow
from mfa.models import Passkey, Totp
from mfa.testing import make_totp
from mfa.tests.browsing import CODE, CONFIRM, LOGIN, OWN, PROOF, SET_UP, STEP, enter, first_code, long_ago, options_at
from mfa.tests.soft_key import SoftKey

pytestmark = pytest.mark.django_db


def test_who_must_have_a_factor_gets_no_further_than_to_set_one_up(client: Client, must: User) -> None:
    answer = enter(client)
    page = client.get(answer["Location"], follow=True)
    assert page.redirect_chain[-1][0].startswith(SET_UP)
    assert "must have a second factor" in page.text
    assert client.get(OWN)["Location"].startswith(LOGIN)
    assert not Session.objects.exists()


def test_an_app_is_set_up_before_the_first_sign_in_and_is_then_asked_for(client: Client, must: User) -> None:
    enter(client)
    page = client.post(SET_UP, {"name": "Telephone"})
    assert "<svg" in page.text
    shown = client.post(CONFIRM, {"code": first_code(page)})
    codes = CODE.findall(shown.text)
    assert (len(set(codes)), "not shown again" in shown.text) == (10, True)
    assert not Session.objects.exists()
    assert client.cookies["sessionid-challenge"].value == ""
    assert enter(client)["Location"].startswith(STEP)
    assert client.post(STEP, {"method": "recovery", "code": codes[3]})["Location"] == "/admin/"
    assert Session.objects.get().amr == ["pwd", "otp", "mfa"]


def test_a_challenge_sets_up_one_factor_and_then_nothing(client: Client, must: User) -> None:
    enter(client)
    challenge = client.cookies["sessionid-challenge"].value
    client.post(CONFIRM, {"code": first_code(client.post(SET_UP))})
    client.cookies["sessionid-challenge"] = challenge
    assert client.get(SET_UP)["Location"].startswith(LOGIN)
    assert client.post(SET_UP)["Location"].startswith(LOGIN)
    assert Totp.objects.count() == 1


def test_a_challenge_that_enrols_answers_no_second_step(client: Client, must: User) -> None:
    enter(client)
    assert LoginAttempt.objects.get().enrols
    assert client.post(STEP, {"method": "totp", "code": "123456"})["Location"].startswith(LOGIN)
    assert not Session.objects.exists()


def test_a_wrong_first_code_turns_nothing_on_and_shows_the_secret_no_more(client: Client, must: User) -> None:
    enter(client)
    right = first_code(client.post(SET_UP))
    page = client.post(CONFIRM, {"code": "000000" if right != "000000" else "111111"})
    assert (page.status_code, "otpauth" in page.text) == (400, False)
    assert not Totp.objects.filter(confirmed=True).exists()
    assert client.get(CONFIRM)["Location"].startswith(SET_UP)
    assert "secret=" not in client.get(SET_UP).text


def test_a_passkey_is_set_up_and_signs_in_as_second_step_and_alone(client: Client, must: User) -> None:
    enter(client)
    key = SoftKey()
    options = options_at(client, "second-factor/passkey/options/")
    shown = client.post("/admin/second-factor/passkey/", {"credential": json.dumps(key.make(options)), "name": "Key"})
    assert len(CODE.findall(shown.text)) == 10
    enter(client)
    options = options_at(client, "second-factor/options/")
    body = {"method": "webauthn", "credential": json.dumps(key.answer(options))}
    assert client.post(STEP, body)["Location"] == "/admin/"
    assert {"hwk", "mfa", "pwd"} <= set(Session.objects.get().amr)
    client.post("/admin/logout/")
    options = options_at(client, "passkey/options/")
    assert not options["publicKey"].get("allowCredentials")
    assert client.post("/admin/passkey/", {"credential": json.dumps(key.answer(options))})["Location"] == "/admin/"
    assert Session.objects.latest("created_at").door == Session.Door.ADMIN


def test_a_first_factor_asks_for_the_password_where_the_sign_in_is_long_ago(inside: Client) -> None:
    long_ago()
    assert inside.post(SET_UP)["Location"].startswith(PROOF)
    assert 'type="password"' in inside.get(PROOF).text
    refused = inside.post(PROOF, {"method": "password", "password": "wrong"})
    assert (refused.status_code, "not right" in refused.text) == (400, True)
    assert inside.post(PROOF, {"method": "password", "password": PASSWORD}).status_code == 302
    assert "<svg" in inside.post(SET_UP).text


def test_a_second_factor_brings_no_new_recovery_codes(proved: Client, anna: User) -> None:
    page = proved.post(SET_UP, {"name": "Second"})
    shown = proved.post(CONFIRM, {"code": first_code(page)})
    assert CODE.findall(shown.text) == []
    assert Totp.objects.filter(user=anna, confirmed=True).count() == 2


def test_where_factors_are_off_nobody_sets_one_up(inside: Client, settings: Any) -> None:
    settings.MFA_POLICY = "off"
    assert "turned off" in inside.get(SET_UP).text
    assert "turned off" in inside.get(OWN).text
    assert inside.post("/admin/second-factor/passkey/options/").status_code == 409
    assert not Totp.objects.exists()


@pytest.mark.parametrize("credential", ["", "[]", "{}", "x", '{"id": 1}', "[" * 5000])
def test_what_is_no_passkey_is_told(client: Client, must: User, credential: str) -> None:
    enter(client)
    assert client.post("/admin/second-factor/passkey/", {"credential": credential}).status_code == 400
    assert client.post("/admin/passkey/", {"credential": credential})["Location"].startswith(LOGIN)
    assert not Passkey.objects.exists()
    assert not Session.objects.exists()


def test_options_need_a_sign_in_under_way(client: Client, anna: User) -> None:
    for path in ("/admin/second-factor/options/", "/admin/second-factor/passkey/options/"):
        assert client.post(path).status_code == 401


def test_a_persons_passkey_that_is_not_staffs_opens_no_admin(client: Client, must: User) -> None:
    enter(client)
    key = SoftKey()
    options = options_at(client, "second-factor/passkey/options/")
    client.post("/admin/second-factor/passkey/", {"credential": json.dumps(key.make(options))})
    User.objects.update(is_staff=False)
    options = options_at(client, "passkey/options/")
    answer = client.post("/admin/passkey/", {"credential": json.dumps(key.answer(options))})
    assert answer["Location"].startswith(LOGIN)
    assert not Session.objects.exists()


def test_the_sixth_app_is_refused_where_it_is_chosen(proved: Client, anna: User) -> None:
    for _ in range(4):
        make_totp(anna)
    page = proved.post(SET_UP)
    assert (page.status_code, "at most 5" in page.text, "A passkey" in page.text) == (409, True, True)


def test_a_sign_in_that_ends_meanwhile_sets_nothing_up(client: Client, must: User) -> None:
    enter(client)
    code = first_code(client.post(SET_UP))
    LoginAttempt.objects.update(spent_at=utcnow())
    assert client.post(CONFIRM, {"code": code})["Location"].startswith(LOGIN)
    assert not Totp.objects.filter(confirmed=True).exists()


def test_pages_that_only_take_forms_lead_to_where_they_are(client: Client, must: User) -> None:
    enter(client)
    assert client.get("/admin/second-factor/passkey/")["Location"].startswith(SET_UP)
    assert client.get("/admin/passkey/")["Location"].startswith(LOGIN)
