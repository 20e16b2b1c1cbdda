"""Setting second factors up in the browser, and looking after them: what is shown once, and what asks for proof."""

import datetime as dt
import json
import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import LoginAttempt, Session, User
from accounts.testing import PASSWORD, make_person
from kit.clock import utcnow
from mfa.models import Passkey, RecoveryCode, Totp
from mfa.testing import code_of, make_contact, make_recovery_codes, make_totp, newest_code
from mfa.tests.soft_key import SoftKey

pytestmark = pytest.mark.django_db

LOGIN, STEP, SET_UP = "/admin/login/", "/admin/second-factor/", "/admin/second-factor/set-up/"
CONFIRM, OWN, PROOF = "/admin/second-factor/confirm/", "/admin/second-factors/", "/admin/second-factors/proof/"
CODE = re.compile(r"<code>([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})</code>")


@pytest.fixture
def anna() -> User:
    return make_person("anna@example.com", is_staff=True)


@pytest.fixture
def must(settings: Any, anna: User) -> User:
    """Somebody who must have a second factor and has none."""
    settings.MFA_POLICY = "required"
    return anna


def enter(client: Client) -> Any:
    return client.post(LOGIN, {"username": "anna@example.com", "password": PASSWORD})


@pytest.fixture
def inside(client: Client, anna: User) -> Client:
    """A browser in which she has signed in with her password alone."""
    assert enter(client)["Location"] == "/admin/"
    return client


@pytest.fixture
def proved(client: Client, anna: User) -> Client:
    """A browser in which she has signed in with an app; her recovery codes are there."""
    device = make_totp(anna, name="Telephone")
    make_recovery_codes(anna)
    enter(client)
    client.post(STEP, {"method": "totp", "code": code_of(device, utcnow())})
    return client


def long_ago() -> None:
    """Let every sign-in be an hour ago."""
    then = utcnow() - dt.timedelta(hours=1)
    Session.objects.update(auth_time=then)
    Session.objects.exclude(factor_at=None).update(factor_at=then)


def first_code(page: Any) -> str:
    """Return the code of the app that has scanned the QR code of a page."""
    found = re.search(r"secret=([A-Z2-7]+)", page.text)
    assert found is not None
    device = Totp.objects.get(confirmed=False)
    assert device.key == found[1]
    return code_of(device, utcnow())


def options_at(client: Client, path: str) -> dict[str, Any]:
    """Return what the script of a page is answered."""
    return {"publicKey": client.post(f"/admin/{path}").json()}


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


def test_own_page_names_factors_and_shows_no_secret(proved: Client, anna: User) -> None:
    page = proved.get(OWN)
    for words in ("Telephone", "authenticator app", "10 of 10 left"):
        assert words in page.text
    assert Totp.objects.get().key not in page.text


def test_the_header_leads_to_it(proved: Client) -> None:
    assert f'href="{OWN}"' in proved.get("/admin/").text


def test_nobody_signed_in_sees_none_of_it(client: Client) -> None:
    for path in (OWN, PROOF):
        assert client.get(path)["Location"].startswith(LOGIN)
    for path in (f"{PROOF}send/", f"{PROOF}options/", f"{OWN}recovery-codes/"):
        assert client.post(path)["Location"].startswith(LOGIN)


def test_new_recovery_codes_are_shown_once_and_end_the_old_ones(proved: Client, anna: User) -> None:
    before = set(RecoveryCode.objects.values_list("digest", flat=True))
    assert len(CODE.findall(proved.post(f"{OWN}recovery-codes/").text)) == 10
    assert before.isdisjoint(RecoveryCode.objects.values_list("digest", flat=True))


def test_what_weakens_asks_for_a_factor_of_a_moment_ago_and_not_for_the_password(proved: Client, anna: User) -> None:
    long_ago()
    device = Totp.objects.get()
    for path in (f"{OWN}recovery-codes/", f"{OWN}{device.pk}/remove/", SET_UP):
        assert proved.post(path)["Location"].startswith(PROOF)
    assert proved.post(PROOF, {"method": "password", "password": PASSWORD}).status_code == 302
    assert proved.post(f"{OWN}{device.pk}/remove/")["Location"].startswith(PROOF)
    assert RecoveryCode.objects.count() == 10


def test_a_code_proves_it_and_leads_back_to_what_asked(proved: Client, anna: User) -> None:
    long_ago()
    Totp.objects.update(last_step=-1)
    wanted = proved.get(SET_UP)["Location"]
    assert wanted.startswith(PROOF)
    page = proved.get(wanted)
    assert f'value="{SET_UP}"' in page.text
    answer = proved.post(PROOF, {"method": "totp", "code": code_of(Totp.objects.get(), utcnow()), "next": SET_UP})
    assert answer["Location"] == SET_UP
    assert proved.get(SET_UP).status_code == 200


def test_the_last_factor_goes_with_its_recovery_codes(proved: Client) -> None:
    proved.post(f"{OWN}{Totp.objects.get().pk}/remove/")
    assert (Totp.objects.count(), RecoveryCode.objects.count()) == (0, 0)
    assert "Nothing but your password" in proved.get(OWN).text


def test_the_last_factor_stays_where_one_is_required(proved: Client, settings: Any) -> None:
    settings.MFA_POLICY = "required"
    page = proved.post(f"{OWN}{Totp.objects.get().pk}/remove/", follow=True)
    assert "must have a second factor" in page.text
    assert Totp.objects.count() == 1


def test_nobody_removes_or_sees_anothers(proved: Client) -> None:
    other = make_totp(make_person(), name="Of somebody else")
    proved.post(f"{OWN}{other.pk}/remove/")
    assert Totp.objects.filter(pk=other.pk).exists()
    assert "Of somebody else" not in proved.get(OWN).text


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


def test_a_passkey_proves_it_again(proved: Client, anna: User) -> None:
    key = SoftKey()
    body = {"credential": json.dumps(key.make(options_at(proved, "second-factor/passkey/options/")))}
    assert CODE.findall(proved.post("/admin/second-factor/passkey/", body).text) == []
    long_ago()
    assert "Use a passkey" in proved.get(PROOF).text
    options = options_at(proved, "second-factors/proof/options/")
    answer = proved.post(PROOF, {"method": "webauthn", "credential": json.dumps(key.answer(options)), "next": OWN})
    assert answer["Location"] == OWN
    assert len(CODE.findall(proved.post(f"{OWN}recovery-codes/").text)) == 10


def test_a_code_by_message_proves_it_again(client: Client, anna: User) -> None:
    make_contact(anna, "sms")
    enter(client)
    client.post(STEP, {"method": "recovery", "code": make_recovery_codes(anna)[0]})
    long_ago()
    for expected in (302, 429):  # one a minute
        assert client.post(f"{PROOF}send/", {"method": "sms"}).status_code == expected
    assert client.post(PROOF, {"method": "sms", "code": newest_code(anna), "next": OWN})["Location"] == OWN


def test_who_has_no_factor_has_no_recovery_codes_to_renew(inside: Client) -> None:
    assert inside.post(f"{OWN}recovery-codes/").status_code == 409
    assert not RecoveryCode.objects.exists()


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
