"""Second factors (D), where the operator asks more: who must have one, who signs in by mail, and what is taken back."""

from collections.abc import Iterator
from typing import Any

import pytest

from config.testing.cases import case
from config.testing.mailbox import token_in
from config.testing.processes import Gatehouse
from config.testing.second_factors import (
    Application,
    answer,
    begin,
    codes_to,
    enrol,
    enrol_mail,
    mail_with,
    newest_code,
    send,
)
from config.testing.walks import PASSWORD, new_staff, patiently
from config.tests.journeys.conftest import make_house

NEW, NEWER = "Another-Horse-8-Battery", "A-Third-Horse-9-Battery"


@pytest.fixture(scope="module")
def asking_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gatehouse]:
    """A service whose staff must have a factor, and where one may sign in by mail."""
    home = tmp_path_factory.mktemp("asking")
    asked: dict[str, Any] = {"SECOND_FACTOR": "required", "SECOND_FACTOR_FOR": "staff"}
    with make_house(home, "asking", ACCOUNTS_SIGN_IN_BY_MAIL="true", **asked) as running:
        yield running


def by_mail(house: Gatehouse, email: str) -> Any:
    """Sign in with a code that was mailed; return the answer."""
    before = len(codes_to(house, email))
    assert house.post("/auth/sign-in-link/request", {"email": email}).status_code == 202
    code = newest_code(house, email, count=before + 1)
    return house.post("/auth/sign-in-code", {"email": email, "code": code})


@case("D10")
def test_a_sign_in_by_mail_asks_for_the_second_factor(asking_house: Gatehouse) -> None:
    anna = enrol(asking_house)
    answered = by_mail(asking_house, anna.email)
    assert (answered.status_code, answered.json()["code"]) == (401, "mfa_required")
    assert "access" not in answered.json()
    assert answer(asking_house, answered.json()["challenge"], anna.application.code()).status_code == 200


@case("D10")
def test_one_mailbox_is_one_factor(asking_house: Gatehouse) -> None:
    person = enrol_mail(asking_house)
    challenge = by_mail(asking_house, person.email).json()["challenge"]
    body = {"challenge": challenge, "method": "email"}
    assert asking_house.post("/auth/mfa/challenge/send", body).status_code == 400
    code = send(asking_house, person.email, begin(asking_house, person.email))[0]
    for method in ("email", "", "sms", "totp"):
        assert answer(asking_house, challenge, code, method=method).status_code in {400, 401}, method
    assert answer(asking_house, begin(asking_house, person.email), code, method="email").status_code == 200


def must_enrol(house: Gatehouse, email: str) -> str:
    """Give the password of somebody who must set up a factor first; return the challenge."""
    answered = house.post("/auth/login", {"email": email, "password": PASSWORD})
    assert (answered.status_code, answered.json()["code"]) == (401, "mfa_enrolment_required"), answered.text
    assert not {"access", "refresh", "device_token"} & set(answered.json())
    challenge: str = answered.json()["challenge"]
    return challenge


@case("D10", "D14")
def test_who_must_have_a_factor_can_set_one_up_and_nothing_else(asking_house: Gatehouse) -> None:
    staff = new_staff(asking_house)
    challenge = must_enrol(asking_house, staff.email)
    for method in ("totp", "recovery", "email", "webauthn"):
        assert answer(asking_house, challenge, "123456", method=method).status_code == 401
    for path in ("/auth/mfa/challenge/send", "/auth/refresh", "/auth/logout", "/auth/reauthenticate"):
        body = {"challenge": challenge, "method": "email", "refresh": challenge, "password": PASSWORD}
        assert asking_house.post(path, body, bearer=challenge).status_code in {400, 401}, path
    assert asking_house.get("/auth/mfa", bearer=challenge).status_code == 401
    assert by_mail(asking_house, staff.email).json()["code"] == "mfa_enrolment_required"


@case("D10", "D15")
def test_what_sets_a_factor_up_signs_nobody_in(asking_house: Gatehouse) -> None:
    staff = new_staff(asking_house)
    challenge, other = (must_enrol(asking_house, staff.email) for _ in range(2))
    offer = asking_house.post("/auth/mfa/setup", {"method": "totp", "challenge": challenge}).json()
    application = Application(offer["secret"])
    made = asking_house.post("/auth/mfa/verify", {"code": application.code(), "challenge": challenge})
    assert (made.status_code, set(made.json())) == (200, {"id", "recovery_codes"})
    for spent, status in ((challenge, 401), (other, 409)):
        for path in ("/auth/mfa/setup", "/auth/mfa/webauthn/options"):
            assert asking_house.post(path, {"challenge": spent}).status_code == status, path
    signed_in = answer(asking_house, begin(asking_house, staff.email), application.code())
    assert signed_in.status_code == 200
    body = {"code": made.json()["recovery_codes"][0]}
    access = signed_in.json()["access"]
    refused = asking_house.request("DELETE", "/api/v1/auth/mfa", bearer=access, json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")


@case("D10")
def test_taking_a_change_back_by_mail_leads_nobody_past_the_second_factor(house: Gatehouse) -> None:
    anna = enrol(house)
    body = {"current_password": PASSWORD, "new_password": NEW}
    changed = patiently(lambda: house.post("/auth/password/change", body, bearer=anna.person.access))
    assert changed.status_code == 204, changed.text
    notice = mail_with(house, anna.email, "password of your account")
    assert house.post("/auth/undo", {"token": token_in(notice)}).status_code in {200, 204}
    token = token_in(mail_with(house, anna.email, "/reset-password?"))
    set_anew = patiently(lambda: house.post("/auth/password/reset", {"token": token, "new_password": NEWER}))
    assert (set_anew.status_code, set_anew.content) == (204, b""), set_anew.text
    assert answer(house, begin(house, anna.email, password=NEWER), anna.application.code()).status_code == 200


@case("D38")
@pytest.mark.parametrize("everywhere", [True, False])
def test_a_session_that_is_ended_from_elsewhere_ends_trust(house: Gatehouse, everywhere: bool) -> None:
    anna = enrol(house)
    signed_in = answer(house, begin(house, anna.email), anna.application.code(), trust_device=True).json()
    known = {"email": anna.email, "password": PASSWORD, "device_token": signed_in["device_token"]}
    opened = house.post("/auth/login", known)
    assert opened.status_code == 200
    path = "/auth/sessions" if everywhere else f"/auth/sessions/{opened.json()['session_id']}"
    assert house.request("DELETE", f"/api/v1{path}", bearer=anna.person.access).status_code == 204
    assert house.post("/auth/login", known).json()["code"] == "mfa_required"
