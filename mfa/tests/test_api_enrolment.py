"""Setting up, listing and removing second factors over HTTP."""

import datetime as dt
from typing import Any

import pytest

from accounts.models import SentCode, Session, User
from accounts.testing import PASSWORD, client_of, make_person, sign_in
from kit.clock import utcnow
from kit.ids import uuid7
from mfa import recovery
from mfa.models import MessageFactor, Totp
from mfa.testing import challenge_of, code_of, make_contact, make_recovery_codes, make_totp, newest_code

pytestmark = pytest.mark.django_db

API = "/api/v1/auth/mfa"


class Anna:
    """Somebody signed in by her password, and her client."""

    def __init__(self) -> None:
        signed_in = sign_in()
        self.user: User = signed_in.user
        self.client = client_of(signed_in)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return getattr(self.client, method)(f"{API}{path}", body or {}, format="json")

    def setup(self, **body: Any) -> Any:
        return self.call("post", "/setup", body)

    def verify(self, **body: Any) -> Any:
        return self.call("post", "/verify", body)


@pytest.fixture
def anna() -> Anna:
    return Anna()


def fields(answer: Any) -> list[str]:
    """Return the fields that an answer finds fault with."""
    return [error["field"] for error in answer.json()["errors"]]


def pending_code() -> str:
    return code_of(Totp.objects.get(confirmed=False), utcnow())


def test_a_person_sets_up_an_authenticator_application(anna: Anna) -> None:
    offer = anna.setup(name="Telephone")
    assert (offer.status_code, set(offer.json())) == (200, {"secret", "otpauth_uri", "qr_svg"})
    assert offer.json()["qr_svg"].startswith("<svg ")
    assert anna.call("get", "").json()["factors"] == []
    done = anna.verify(code=pending_code())
    assert (done.status_code, len(done.json()["recovery_codes"])) == (200, 10)
    [factor] = anna.call("get", "").json()["factors"]
    assert (factor["id"], factor["method"], factor["name"]) == (done.json()["id"], "totp", "Telephone")


def test_recovery_codes_and_secrets_are_shown_this_once(anna: Anna) -> None:
    secret = anna.setup().json()["secret"]
    codes = anna.verify(code=pending_code()).json()["recovery_codes"]
    shown = anna.call("get", "").content.decode()
    assert not any(text in shown for text in (secret, *codes))
    for path in ("/recovery-codes", "/setup", "/verify"):
        assert anna.call("get", path).status_code == 405


def test_the_secret_is_ours_whatever_a_request_says(anna: Anna) -> None:
    chosen = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    assert anna.setup(secret=chosen, key=chosen).json()["secret"] != chosen
    assert Totp.objects.get().key != chosen


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"method": "webauthn"}, "method"),
        ({"method": "recovery"}, "method"),
        ({"method": "email", "to": "eve@example.com"}, "to"),
        ({"method": "sms", "to": "+15550100"}, "to"),
        ({"method": "telegram"}, "to"),
        ({"algorithm": "MD5"}, "algorithm"),
        ({"digits": 7}, "digits"),
        ({"digits": "8"}, "digits"),
        ({"name": "x" * 65}, "name"),
        ({"name": ["x"]}, "name"),
        ({"password": "wrong"}, "password"),
        ({"challenge": "ghc_" + "a" * 43}, "challenge"),
    ],
)
def test_a_mistake_in_a_setup_is_told_at_its_field(anna: Anna, body: dict[str, Any], field: str) -> None:
    answer = anna.setup(**body)
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")
    assert fields(answer) == [field]
    assert not Totp.objects.exists()


@pytest.mark.parametrize(
    "code", [None, [], {}, True, 123456, "", "12345", " 123456", "123456 ", "\uff11" * 6, "abcdef"]
)
def test_what_is_no_code_turns_nothing_on(anna: Anna, code: Any) -> None:
    anna.setup()
    answer = anna.verify(code=code)
    assert (answer.status_code, fields(answer)) == (400, ["code"])
    assert anna.call("post", "/verify").status_code == 400
    assert not Totp.objects.filter(confirmed=True).exists()


def test_codes_by_message_are_set_up_by_the_code_that_comes_back(anna: Anna) -> None:
    sent = anna.setup(method="email", name="Mail")
    assert (sent.status_code, sent.json()) == (202, {"detail": "A code is on its way."})
    code = newest_code(anna.user, SentCode.Purpose.ENROL)
    assert code not in sent.content.decode()
    assert anna.verify(code=code).status_code == 200
    contact = MessageFactor.objects.get()
    assert (contact.to, contact.confirmed, contact.name) == (anna.user.email, True, "Mail")


def test_who_must_have_a_factor_sets_it_up_by_her_challenge(settings: Any) -> None:
    settings.MFA_POLICY = "required"
    client, user = client_of(), make_person()
    given = {"email": user.email, "password": PASSWORD}
    refused = client.post("/api/v1/auth/login", given, format="json")
    assert (refused.status_code, refused.json()["code"]) == (401, "mfa_enrolment_required")
    by = {"challenge": refused.json()["challenge"]}
    assert client.post(f"{API}/setup", by, format="json").status_code == 200
    done = client.post(f"{API}/verify", {**by, "code": pending_code()}, format="json")
    assert (done.status_code, set(done.json())) == (200, {"id", "recovery_codes"})
    assert client.post("/api/v1/auth/login", given, format="json").json()["code"] == "mfa_required"
    assert not Session.objects.exists()


def test_a_challenge_that_signs_in_sets_nothing_up_and_the_other_way_round(settings: Any) -> None:
    settings.MFA_POLICY = "required"
    has_one, has_none, client = make_person(), make_person(), client_of()
    make_totp(has_one)
    made = client.post(f"{API}/setup", {"challenge": challenge_of(has_one)}, format="json")
    answered = client.post(
        f"{API}/challenge", {"challenge": challenge_of(has_none), "method": "totp", "code": "123456"}, format="json"
    )
    assert [(one.status_code, one.json()["code"]) for one in (made, answered)] == [(401, "invalid_token")] * 2


@pytest.mark.parametrize(("method", "path"), [("post", "/setup"), ("post", "/verify"), ("get", ""), ("delete", "")])
def test_a_stranger_gets_nowhere(method: str, path: str) -> None:
    answer = getattr(client_of(), method)(f"{API}{path}", {"code": "123456"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_a_further_factor_asks_for_one_that_she_has(anna: Anna) -> None:
    first = make_totp(anna.user)
    refused = anna.setup(password=PASSWORD)
    assert (refused.status_code, refused.json()["code"]) == (403, "reauthentication_required")
    assert refused.json()["methods"] == ["totp"]
    assert anna.setup(code=code_of(first, utcnow())).status_code == 200


def test_a_factor_is_removed_with_its_own_code(anna: Anna) -> None:
    device = make_totp(anna.user)
    make_contact(anna.user)
    assert anna.call("delete", f"/{device.pk}").json()["code"] == "reauthentication_required"
    assert anna.call("delete", f"/{device.pk}", {"code": code_of(device, utcnow())}).status_code == 204
    assert [factor["method"] for factor in anna.call("get", "").json()["factors"]] == ["email"]


def test_anothers_factor_is_not_found(anna: Anna) -> None:
    other, mine = make_totp(make_person()), make_totp(anna.user)
    for factor_id in (other.pk, uuid7()):
        body = {"code": code_of(mine, utcnow())}
        assert anna.call("delete", f"/{factor_id}", body).status_code == 404
    assert Totp.objects.count() == 2


def test_everything_is_turned_off_with_a_code_and_not_with_the_password(anna: Anna) -> None:
    device = make_totp(anna.user)
    codes = make_recovery_codes(anna.user)
    for body in ({"password": PASSWORD}, {"code": PASSWORD}, {"code": None}):
        assert anna.call("delete", "", body).status_code in {400, 403}
    assert anna.call("delete", "", {"code": codes[0]}).status_code == 204
    assert not Totp.objects.filter(pk=device.pk).exists()
    assert anna.call("delete", "", {"code": codes[1]}).status_code == 409


def test_new_recovery_codes_are_shown_once_and_end_the_old(anna: Anna) -> None:
    device = make_totp(anna.user)
    old = make_recovery_codes(anna.user)
    answer = anna.call("post", "/recovery-codes", {"code": code_of(device, utcnow())})
    new = answer.json()["recovery_codes"]
    assert (answer.status_code, len(new)) == (200, 10)
    now = utcnow() + dt.timedelta(seconds=1)
    assert [recovery.is_right(user=anna.user, code=code, now=now) for code in (old[1], new[0])] == [False, True]


def test_the_last_factor_stays_where_one_is_required(anna: Anna, settings: Any) -> None:
    device = make_totp(anna.user)
    settings.MFA_POLICY = "required"
    for path in ("", f"/{device.pk}"):
        answer = anna.call("delete", path, {"code": code_of(device, utcnow())})
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert anna.call("get", "").json()["is_required"] is True


def test_where_factors_are_off_nobody_sets_one_up(anna: Anna, settings: Any) -> None:
    settings.MFA_POLICY = "off"
    assert (anna.setup().status_code, anna.setup(method="email").status_code) == (409, 409)
