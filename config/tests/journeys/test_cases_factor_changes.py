"""Second factors (D): how they come to be, how they go, and where their codes are sent."""

import random
import re
from collections import Counter
from typing import Any

import pytest

from config.testing.cases import case
from config.testing.processes import Gatehouse
from config.testing.second_factors import Application, answer, begin, enrol, enrol_mail, send, texts_to
from config.testing.walks import PASSWORD, new_person, sign_in
from kit import otp
from kit.clock import utcnow

ELSEWHERE = "+4915119999999"


def set_up(house: Gatehouse, bearer: str, **more: Any) -> Any:
    return house.post("/auth/mfa/setup", {"method": "totp", **more}, bearer=bearer)


def secret_of(answered: Any) -> Application:
    assert answered.status_code == 200, answered.text
    return Application(answered.json()["secret"])


@case("D17")
def test_beginning_again_and_again_skips_no_step_and_gives_no_tries_back(house: Gatehouse) -> None:
    anna = enrol(house)
    wrong = anna.application.wrong()
    refused = Counter(answer(house, begin(house, anna.email), next(wrong)).status_code for _ in range(12))
    assert refused == {401: 10, 429: 2}
    assert house.post("/auth/login", {"email": anna.email, "password": PASSWORD}).json()["code"] == "mfa_required"
    assert set_up(house, anna.person.access, password=PASSWORD).status_code in {200, 403, 429}
    assert answer(house, begin(house, anna.email), anna.application.code()).status_code == 429


@case("D19")
def test_a_secret_of_the_clients_choice_is_none(house: Gatehouse) -> None:
    person, chosen = new_person(house), "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    made = set_up(house, person.access, password=PASSWORD, secret=chosen, key=chosen)
    if made.status_code == 200:
        assert chosen not in made.text
    code = Application(chosen).shown(otp.step_at(utcnow()))
    for body in ({"code": code}, {"code": code, "secret": chosen}):
        assert house.post("/auth/mfa/verify", body, bearer=person.access).status_code in {400, 429}
    assert house.get("/auth/mfa", bearer=person.access).json()["factors"] == []


@case("D20")
def test_what_is_begun_is_neither_asked_for_nor_taken_and_gives_way_to_the_next(house: Gatehouse) -> None:
    person = new_person(house)
    first = secret_of(set_up(house, person.access, password=PASSWORD))
    assert house.post("/auth/login", {"email": person.email, "password": PASSWORD}).status_code == 200
    second = secret_of(set_up(house, person.access, password=PASSWORD))
    assert house.post("/auth/mfa/verify", {"code": first.code()}, bearer=person.access).status_code == 400
    assert house.post("/auth/mfa/verify", {"code": second.code()}, bearer=person.access).status_code == 200
    assert begin(house, person.email)


@case("D21")
def test_a_second_factor_more_asks_for_the_first(house: Gatehouse) -> None:
    anna = enrol(house)
    signed_in = answer(house, begin(house, anna.email), anna.application.code()).json()["access"]
    mine = f"Session.objects.filter(user__email={anna.email!r})"
    house.inside(f"from accounts.models import Session; {mine}.update(factor_at=None)")
    for body in ({}, {"password": PASSWORD}, {"code": "123456"}):
        assert set_up(house, signed_in, **body).status_code in {400, 403}, body
    assert set_up(house, signed_in, code=anna.application.code()).status_code == 200


@case("D26")
def test_recovery_codes_are_shown_once(house: Gatehouse) -> None:
    anna = enrol(house)
    codes = {form for code in anna.recovery_codes for form in (code, code.replace("-", ""))}
    seen = [
        house.get(path, bearer=anna.person.access)
        for path in ("/auth/mfa", "/auth/export", "/auth/activity", "/auth/me")
    ]
    assert house.get("/auth/mfa/recovery-codes", bearer=anna.person.access).status_code == 405
    rows = house.inside("from mfa.models import RecoveryCode; print(list(RecoveryCode.objects.values()))")
    for text in (*(one.text for one in seen), rows):
        assert not any(code in text for code in codes)


@case("D27")
def test_recovery_codes_count_as_other_codes_do(house: Gatehouse) -> None:
    anna = enrol(house)
    wrong = anna.application.wrong()
    answers: Counter[int] = Counter()
    for turn in range(30):
        guess = f"{random.getrandbits(64):016X}"
        method, code = ("recovery", guess) if turn % 2 else ("totp", next(wrong))
        answers[answer(house, begin(house, anna.email), code, method=method).status_code] += 1
    assert answers == {401: 10, 429: 20}
    right = answer(house, begin(house, anna.email), anna.recovery_codes[0], method="recovery")
    assert right.status_code == 429


@case("D28")
def test_only_the_newest_code_is_good_and_tries_go_on(house: Gatehouse) -> None:
    person = enrol_mail(house)
    challenge = begin(house, person.email)
    codes = [send(house, person.email, challenge)[0] for _ in range(2)]
    for _ in range(3):
        assert answer(house, challenge, codes[0], method="email").status_code == 401
    again = begin(house, person.email)
    for _ in range(2):
        assert answer(house, again, codes[0], method="email").status_code == 401
    refused = answer(house, again, codes[1], method="email")
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")


@case("D28")
def test_codes_go_out_once_a_minute_and_five_times_in_ten(house: Gatehouse) -> None:
    person = enrol_mail(house)
    challenge = begin(house, person.email)
    send(house, person.email, challenge)
    refused = house.post("/auth/mfa/challenge/send", {"challenge": challenge, "method": "email"})
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    assert 0 < int(refused.headers["Retry-After"]) <= 60


@case("D29")
def test_a_code_goes_to_the_number_on_record_alone(house: Gatehouse) -> None:
    person, number = new_person(house), f"+4915112{random.randrange(10**6):06d}"
    house.inside(
        "from accounts.models import User; from kit.clock import utcnow; "
        f"User.objects.filter(email={person.email!r}).update(phone={number!r}, phone_confirmed_at=utcnow())"
    )
    body = {"method": "sms", "password": PASSWORD}
    for more in ({"to": ELSEWHERE}, {"phone": ELSEWHERE}, {}):
        made = house.post("/auth/mfa/setup", body | more, bearer=person.access)
        assert made.status_code in {202, 400, 429}
    code = re.match(r"\d{6}", texts_to(house, number)[-1]["text"])
    assert code is not None
    assert house.post("/auth/mfa/verify", {"code": code[0]}, bearer=person.access).status_code == 200
    sent = {"challenge": begin(house, person.email), "method": "sms", "to": ELSEWHERE}
    assert house.post("/auth/mfa/challenge/send", sent).status_code in {202, 400, 429}
    assert not any(ELSEWHERE in path.read_text() for path in (house.home / "mail").glob("*.json"))


def trusting(house: Gatehouse) -> tuple[Any, str]:
    """Return somebody with a factor and the token of a device that she trusts."""
    anna = enrol(house)
    signed_in = answer(house, begin(house, anna.email), anna.application.code(), trust_device=True)
    return anna, signed_in.json()["device_token"]


def opens(house: Gatehouse, email: str, token: str, *, password: str = PASSWORD, **headers: str) -> bool:
    """Say whether the password alone opens, with the token of a device."""
    body = {"email": email, "password": password, "device_token": token}
    return house.post("/auth/login", body, headers=headers).status_code == 200


@case("D38")
def test_a_trusted_device_opens_with_the_password_and_a_copy_elsewhere_does_not(house: Gatehouse) -> None:
    anna, token = trusting(house)
    other, others_token = trusting(house)
    assert opens(house, anna.email, token)
    assert not opens(house, anna.email, token, **{"User-Agent": "Mozilla/5.0 (iPhone)"})
    assert not opens(house, anna.email, others_token)
    assert not opens(house, other.email, token)
    assert not opens(house, anna.email, anna.person.tokens["device_token"])


@case("D38")
@pytest.mark.parametrize("end", ["new password", "factor removed"])
def test_trust_ends_with_the_password_and_with_a_factor(house: Gatehouse, end: str) -> None:
    anna, token = trusting(house)
    signed_in, password = sign_in_there(house, anna.email, token), PASSWORD
    if end == "new password":
        password = "Another-Horse-8-Battery"
        body = {"current_password": PASSWORD, "new_password": password}
        assert house.post("/auth/password/change", body, bearer=signed_in).status_code == 204
    else:
        body = {"code": anna.recovery_codes[0]}
        assert house.request("DELETE", "/api/v1/auth/mfa", bearer=signed_in, json=body).status_code == 204
        enrol(house, sign_in(house, anna.email))
    assert not opens(house, anna.email, token, password=password)


def sign_in_there(house: Gatehouse, email: str, token: str) -> str:
    body = {"email": email, "password": PASSWORD, "device_token": token}
    access: str = house.post("/auth/login", body).json()["access"]
    return access
