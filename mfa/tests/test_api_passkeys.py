"""Passkeys over HTTP."""

from typing import Any

import pytest

from accounts.models import Session, User
from accounts.testing import PASSWORD, client_of, make_person, sign_in
from accounts.tests.calls import AUTH, code_of
from kit.clock import utcnow
from mfa.models import Passkey
from mfa.testing import challenge_of, make_totp
from mfa.tests.soft_key import SoftKey, give, text_of

pytestmark = pytest.mark.django_db


def post(path: str, body: dict[str, Any], client: Any = None) -> Any:
    return (client or client_of()).post(f"{AUTH}/{path}", body)


@pytest.fixture
def anna() -> User:
    return make_person()


def test_a_passkey_is_set_up_and_signs_in(anna: User) -> None:
    client, key = client_of(sign_in(anna)), SoftKey()
    asked = post("mfa/webauthn/options", {"password": PASSWORD}, client).json()
    made = post("mfa/webauthn", {"credential": key.make(asked), "name": "Laptop"}, client)
    assert made.status_code == 200, made.content
    assert len(made.json()["recovery_codes"]) == 10
    assert Passkey.objects.get().is_discoverable
    listed = client.get(f"{AUTH}/mfa").json()["factors"]
    assert [(one["id"], one["method"], one["name"]) for one in listed] == [(made.json()["id"], "webauthn", "Laptop")]
    asked = post("passkey/options", {}).json()
    answer = post("passkey", {"credential": key.answer(asked), "challenge_id": asked["challenge_id"]})
    assert answer.status_code == 200, answer.content
    assert Session.objects.get(pk=answer.json()["session_id"]).user == anna


def test_a_further_one_asks_for_the_first(anna: User) -> None:
    signed_in = sign_in(anna)
    client, first = client_of(signed_in), give(anna, utcnow())
    assert code_of(post("mfa/webauthn/options", {"password": PASSWORD}, client)) == (403, "reauthentication_required")
    asked = post("mfa/send", {"method": "webauthn"}, client)
    assert asked.status_code == 200
    proof = {"credential": first.answer(asked.json())}
    options = post("mfa/webauthn/options", proof, client)
    assert options.status_code == 200, options.content
    assert code_of(post("mfa/webauthn/options", proof, client)) == (400, "validation_error")  # used up
    assert post("mfa/webauthn", {"credential": SoftKey().make(options.json())}, client).status_code == 200


def test_a_passkey_is_the_second_factor_of_a_sign_in(anna: User) -> None:
    key, challenge = give(anna, utcnow()), challenge_of(anna)
    asked = post("mfa/challenge/send", {"challenge": challenge, "method": "webauthn"})
    assert asked.status_code == 200
    body = {"challenge": challenge, "method": "webauthn", "credential": key.answer(asked.json())}
    assert post("mfa/challenge", body).status_code == 200
    assert code_of(post("mfa/challenge", body)) == (401, "invalid_token")


def test_a_passkey_proves_again_who_she_is(anna: User) -> None:
    key, now = give(anna, utcnow()), utcnow()
    asked = post("passkey/options", {}).json()
    session = post("passkey", {"credential": key.answer(asked)}).json()
    client = client_of()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {session['access']}")
    Session.objects.update(auth_time=now, factor_at=None)
    asked = post("mfa/send", {"method": "webauthn"}, client).json()
    assert post("reauthenticate", {"credential": key.answer(asked)}, client).status_code == 200
    assert Session.objects.get().factor_at is not None


def test_who_must_set_a_factor_up_does_so_by_her_challenge(anna: User, settings: Any) -> None:
    settings.MFA_POLICY = "required"
    challenge, key = challenge_of(anna), SoftKey()
    asked = post("mfa/webauthn/options", {"challenge": challenge}).json()
    made = post("mfa/webauthn", {"challenge": challenge, "credential": key.make(asked)})
    assert made.status_code == 200, made.content
    assert not Session.objects.exists()
    assert code_of(post("mfa/webauthn/options", {"challenge": challenge})) == (401, "invalid_token")
    assert post("passkey", {"credential": key.answer(post("passkey/options", {}).json())}).status_code == 200


def test_strangers_set_nothing_up() -> None:
    for path, body in (
        ("mfa/webauthn/options", {}),
        ("mfa/webauthn", {"credential": SoftKey(handle="AA").make(OPTIONS)}),
    ):
        assert code_of(post(path, body)) == (401, "not_authenticated")


OPTIONS: dict[str, Any] = {
    "publicKey": {"challenge": text_of(bytes(32)), "user": {"id": "AA"}, "rp": {"id": "x"}, "rpId": "x"}
}


def test_where_factors_are_off_nobody_sets_one_up_and_passkeys_there_are_sign_in(anna: User, settings: Any) -> None:
    key, client = give(anna, utcnow()), client_of(sign_in(make_person()))
    settings.MFA_POLICY = "off"
    assert code_of(post("mfa/webauthn/options", {}, client)) == (409, "conflict")
    assert post("passkey", {"credential": key.answer(post("passkey/options", {}).json())}).status_code == 200


def test_a_refusal_says_nothing_of_its_cause(anna: User) -> None:
    key = give(anna, utcnow())
    answers = [
        post("passkey", {"credential": credential})
        for credential in (
            key.answer(OPTIONS),
            SoftKey().answer(OPTIONS),
            key.answer(post("passkey/options", {}).json(), rp_id="evil.example"),
            key.answer(post("passkey/options", {"email": "nobody@example.com"}).json()),
        )
    ]
    told = [{**answer.json(), "request_id": ""} for answer in answers]
    assert [answer.status_code for answer in answers] == [401] * 4
    assert told[1:] == told[:-1]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", 5),
        ("id", "a+b"),
        ("id", "A" * 1400),
        ("rawId", ""),
        ("type", "password"),
        ("response", []),
        ("response", {}),
        ("response", {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "A" * 100_000}),
        ("response", {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA"}),
    ],
)
def test_a_malformed_answer_is_told_at_its_field(field: str, value: Any) -> None:
    answer = post("passkey", {"credential": SoftKey().answer(OPTIONS) | {field: value}})
    assert code_of(answer) == (400, "validation_error")
    assert answer.json()["errors"][0]["field"].split(".")[0] == "credential"


def test_a_method_that_she_has_not_is_told(anna: User) -> None:
    make_totp(anna)
    answer = post("mfa/challenge/send", {"challenge": challenge_of(anna), "method": "webauthn"})
    assert code_of(answer) == (400, "validation_error")
