"""Looking after one's own second factors in the browser, and what asks for proof there."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.testing import PASSWORD, make_person
from kit.clock import utcnow
from mfa.models import RecoveryCode, Totp
from mfa.testing import code_of, make_contact, make_recovery_codes, make_totp, newest_code
from mfa.tests.browsing import CODE, LOGIN, OWN, PROOF, SET_UP, STEP, enter, long_ago, options_at
from mfa.tests.soft_key import SoftKey

pytestmark = pytest.mark.django_db


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


def test_who_has_none_that_is_taken_is_told_where_help_is(proved: Client, settings: Any) -> None:
    RecoveryCode.objects.all().delete()
    settings.MFA_PROFILE = "strict"
    long_ago()
    page = proved.get(SET_UP, follow=True)
    assert page.status_code == 409
    assert "Ask those who run this service" in page.text


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
