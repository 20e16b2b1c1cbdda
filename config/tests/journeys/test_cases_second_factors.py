"""Second factors (D): by no door, order of calls or form of a code does anybody get a session without one."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import requests

from config.testing.cases import case
from config.testing.mailbox import token_in
from config.testing.processes import Gatehouse
from config.testing.second_factors import answer, begin, enrol, enrol_mail, mail_with, send
from config.testing.walks import PASSWORD, new_person, patiently

NEW = "Another-Horse-8-Battery"
FREE = 10
NO_CODES: tuple[Any, ...] = (None, [], {}, True, 0, "", 123456, ["123456"], {"code": "123456"})


def code_of(answered: requests.Response) -> str:
    """Return the word of a refusal, empty for an answer that is none."""
    return str(answered.json().get("code", "")) if answered.content else ""


def many_at_once(times: int, call: Any) -> Counter[str]:
    """Make a call from so many threads at once; count what the refusals say."""
    together = Barrier(times)

    def one(number: int) -> str:
        together.wait()
        return code_of(patiently(lambda: call(number)))

    with ThreadPoolExecutor(times) as pool:
        return Counter(pool.map(one, range(times)))


@case("A08")
def test_no_factor_is_told_before_the_password_is_right(house: Gatehouse) -> None:
    with_one, without = enrol(house), new_person(house)
    told = [
        house.post("/auth/login", {"email": email, "password": "Not-Her-Password-1"}).json()
        for email in (with_one.email, without.email)
    ]
    assert all("methods" not in body and "challenge" not in body for body in told)
    assert [body["code"] for body in told] == ["invalid_credentials"] * 2
    right = house.post("/auth/login", {"email": with_one.email, "password": PASSWORD}).json()
    assert right["methods"] == ["totp", "recovery"]


@case("D01")
def test_a_code_is_good_once_in_another_challenge_and_twenty_at_once(house: Gatehouse) -> None:
    anna = enrol(house)
    code = anna.application.code()
    assert answer(house, begin(house, anna.email), code).status_code == 200
    assert answer(house, begin(house, anna.email), code).status_code == 401
    code = anna.application.code()
    challenges = [begin(house, anna.email) for _ in range(20)]
    answers = many_at_once(20, lambda number: answer(house, challenges[number], code))
    assert answers[""] == 1
    assert set(answers) <= {"", "invalid_credentials", "account_locked"}


@case("D02")
def test_a_code_in_another_form_is_no_code_and_no_second_use(house: Gatehouse) -> None:
    anna = enrol(house)
    challenge, code = begin(house, anna.email), anna.application.code()
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    arabic = "".join(chr(ord(digit) + 0x630) for digit in code)
    forms = [
        f" {code}",
        f"{code} ",
        f"{code[:3]} {code[3:]}",
        f"{code}\n",
        wide,
        arabic,
        f"+{code}",
        f"{code[:3]}_{code[3:]}",
    ]
    for form in (*forms, int(code)):
        refused = answer(house, challenge, form)
        assert (refused.status_code, code_of(refused)) == (400, "validation_error"), form
    assert answer(house, challenge, code).status_code == 200
    again = begin(house, anna.email)
    assert {answer(house, again, form).status_code for form in forms} == {400}


@case("D05", "D07")
def test_two_hundred_challenges_bring_ten_guesses(house: Gatehouse) -> None:
    anna = enrol(house)
    wrong = anna.application.wrong()
    challenges = [begin(house, anna.email) for _ in range(200)]
    answers = Counter(code_of(answer(house, challenge, next(wrong))) for challenge in challenges)
    assert answers["invalid_credentials"] <= FREE + 1
    assert set(answers) == {"invalid_credentials", "account_locked"}
    right = answer(house, begin(house, anna.email), anna.application.code())
    assert (right.status_code, code_of(right)) == (429, "account_locked")
    assert 0 < int(right.headers["Retry-After"]) <= 3600


@case("D07")
def test_a_challenge_takes_five_answers_of_a_hundred_at_once(house: Gatehouse) -> None:
    anna = enrol(house)
    wrong = anna.application.wrong()
    codes = [next(wrong) for _ in range(100)]
    challenge = begin(house, anna.email)
    answers = many_at_once(100, lambda number: answer(house, challenge, codes[number]))
    assert answers == {"invalid_credentials": 5, "invalid_token": 95}


def lock(house: Gatehouse, anna: Any) -> None:
    """Use up the tries at a factor."""
    wrong = anna.application.wrong()
    for _ in range(2):
        challenge = begin(house, anna.email)
        for _ in range(5):
            assert answer(house, challenge, next(wrong)).status_code == 401


@case("D08")
def test_neither_a_reset_nor_the_mail_about_guesses_gives_tries_back(house: Gatehouse) -> None:
    anna = enrol(house)
    lock(house, anna)
    reset(house, anna.email)
    challenge = begin(house, anna.email, password=NEW)
    refused = answer(house, challenge, anna.application.code())
    assert (refused.status_code, code_of(refused)) == (429, "account_locked")


def reset(house: Gatehouse, email: str) -> None:
    """Set a new password by the mail that one can ask for."""
    assert house.post("/auth/password/reset-request", {"email": email}).status_code == 202
    token = token_in(mail_with(house, email, "/reset-password?"))
    answered = patiently(lambda: house.post("/auth/password/reset", {"token": token, "new_password": NEW}))
    assert (answered.status_code, answered.content) == (204, b"")


@case("D10", "E13")
def test_a_new_password_lets_nobody_past_the_second_factor(house: Gatehouse) -> None:
    anna = enrol(house)
    reset(house, anna.email)
    assert house.get("/auth/profile", bearer=anna.person.access).status_code == 401
    assert house.post("/auth/refresh", {"refresh": anna.person.tokens["refresh"]}).status_code == 401
    challenge = begin(house, anna.email, password=NEW)
    assert answer(house, challenge, anna.application.code()).status_code == 200
    assert mail_with(house, anna.email, " was changed.")


@case("D10")
def test_no_other_door_leads_past_the_second_factor(house: Gatehouse) -> None:
    anna = enrol(house)
    challenge = begin(house, anna.email)
    doors: dict[str, Any] = {
        "/auth/refresh": {"refresh": challenge},
        "/auth/verify-email": {"token": challenge},
        "/auth/sign-in-link": {"token": challenge},
        "/auth/reauthenticate": {"password": PASSWORD},
        "/auth/unlock": {"token": challenge},
    }
    for path, body in doors.items():
        assert house.post(path, body, bearer=challenge).status_code in {400, 401, 404}, path
    for path in ("/auth/profile", "/auth/sessions", "/auth/mfa"):
        assert house.get(path, bearer=challenge).status_code == 401
    verified = house.post("/auth/verify", {"token": challenge})
    assert verified.json() == {"active": False}


@case("D11")
@pytest.mark.parametrize("path", ["/auth/mfa/challenge", "/auth/mfa/verify"])
def test_nothing_instead_of_a_code_comes_nowhere_and_costs_nothing(house: Gatehouse, path: str) -> None:
    anna = enrol(house)
    challenge = begin(house, anna.email)
    by_session = path == "/auth/mfa/verify"
    given = {} if by_session else {"challenge": challenge, "method": "totp"}
    for code in NO_CODES:
        refused = house.post(path, {**given, "code": code}, bearer=anna.person.access if by_session else "")
        assert refused.status_code == 400, (code, refused.text)
    started = {"challenge": challenge}
    bodies: list[Any] = [{}, [], None, started, {**started, "method": "totp"}, {"code": "123456"}]
    for body in bodies:
        assert house.post(path, body).status_code in {400, 401}, body
    assert answer(house, challenge, anna.application.code()).status_code == 200


@case("D12")
def test_a_method_that_she_has_not_is_a_wrong_answer(house: Gatehouse) -> None:
    anna = enrol(house)
    for method in ("email", "sms", "webauthn", "none"):
        refused = answer(house, begin(house, anna.email), anna.application.shown(1), method=method)
        assert (refused.status_code, code_of(refused)) == (401, "invalid_credentials"), method
    assert answer(house, begin(house, anna.email), anna.application.code(), method="recovery").status_code == 401


@case("D13")
def test_a_code_of_another_person_is_wrong(house: Gatehouse) -> None:
    anna, ben = enrol(house), enrol(house)
    challenge = begin(house, anna.email)
    assert answer(house, challenge, ben.application.code()).status_code == 401
    assert answer(house, challenge, ben.recovery_codes[0], method="recovery").status_code == 401
    assert answer(house, challenge, anna.application.code()).status_code == 200


@case("D14")
def test_a_challenge_of_a_sign_in_changes_no_factor(house: Gatehouse) -> None:
    anna = enrol(house)
    challenge = begin(house, anna.email)
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("DELETE", "/auth/mfa", {"code": anna.application.code()}),
        ("POST", "/auth/mfa/recovery-codes", {"code": anna.recovery_codes[0]}),
        ("POST", "/auth/mfa/setup", {"challenge": challenge, "method": "totp"}),
        ("POST", "/auth/mfa/verify", {"challenge": challenge, "code": "123456"}),
    ]
    for method, path, body in calls:
        refused = house.request(method, f"/api/v1{path}", bearer=challenge, json=body)
        assert refused.status_code == 401, (path, refused.text)
    assert house.get("/auth/mfa", bearer=anna.person.access).json()["recovery_codes_left"] == 10


@case("D15")
def test_a_challenge_is_good_once(house: Gatehouse) -> None:
    anna = enrol(house)
    challenge = begin(house, anna.email)
    assert answer(house, challenge, anna.application.code()).status_code == 200
    again = answer(house, challenge, anna.application.code())
    assert (again.status_code, code_of(again)) == (401, "invalid_token")


@case("D16")
def test_a_challenge_is_over_on_the_second(house: Gatehouse) -> None:
    anna = enrol(house)
    challenge = begin(house, anna.email)
    change = (
        "import datetime as dt; from accounts.models import LoginAttempt; from kit.clock import utcnow; "
        f"print('ended:', LoginAttempt.objects.filter(user__email={anna.email!r}, spent_at=None)"
        ".update(expires_at=utcnow() - dt.timedelta(seconds=1)))"
    )
    assert "ended: 1" in house.inside(change)
    late = answer(house, challenge, anna.application.code())
    assert (late.status_code, code_of(late)) == (401, "invalid_token")


@case("D30")
def test_a_code_is_in_its_mail_and_nowhere_else(house: Gatehouse) -> None:
    person = enrol_mail(house)
    code, sent = send(house, person.email, begin(house, person.email))
    rows = house.inside(
        "from notifications.models import Message, Attempt; from accounts.models import SentCode; "
        "from audit.models import Entry; print([list(model.objects.values()) for model in "
        "(Message, Attempt, SentCode, Entry)])"
    )
    places = [sent.text, str(sent.headers), rows, house.get("/auth/activity", bearer=person.access).text]
    places += [path.read_text(errors="replace") for path in house.home.rglob("*.log")]
    assert not [place for place in places if re.search(rf"(?<![0-9a-f]){code}(?![0-9a-f])", place)]
