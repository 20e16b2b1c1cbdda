"""Whether a stranger can find out who has an account (A): equal answers, to the byte and the header."""

import json
from typing import Any
from uuid import uuid4

import pytest
import requests

from config.testing.cases import case
from config.testing.processes import Gatehouse
from config.testing.walks import PASSWORD, Person, change_account, new_address, new_person, register

WRONG = "Not-Her-Password-1"
COUNTED = {"ratelimit-remaining", "ratelimit-reset", "ratelimit"}  # of the asker's own address: they count his calls
OF_THE_CALL = {"x-request-id", "date"}


def seen_by_a_stranger(answer: requests.Response) -> tuple[Any, ...]:
    """Return all that an answer tells, but for its own number and hour, and how often this stranger has called."""
    headers = {
        name.lower(): "" if name.lower() in COUNTED else value
        for name, value in answer.headers.items()
        if name.lower() not in OF_THE_CALL
    }
    body = json.loads(answer.text)
    body.pop("request_id", None)
    return answer.status_code, len(answer.content), body, headers, answer.cookies.get_dict()


def sign_in(house: Gatehouse, email: str, password: str = WRONG) -> requests.Response:
    return house.post("/auth/login", {"email": email, "password": password})


def stopped(house: Gatehouse) -> Person:
    person = new_person(house)
    change_account(house, person.email, "is_active=False")
    return person


def without_password(house: Gatehouse) -> Person:
    person = new_person(house)
    change_account(house, person.email, "password='!'")
    return person


def frozen(house: Gatehouse) -> Person:
    person = new_person(house)
    change_account(house, person.email, "frozen_at=timezone.now()")
    return person


def leaving(house: Gatehouse) -> Person:
    person = new_person(house)
    change_account(house, person.email, "is_active=False, erase_at=timezone.now()")
    return person


def unconfirmed(house: Gatehouse) -> Person:
    email = new_address()
    register(house, email)
    return Person(email, PASSWORD, {})


@case("A01")
def test_a_wrong_password_and_an_unknown_name_are_answered_alike(house: Gatehouse) -> None:
    known = seen_by_a_stranger(sign_in(house, new_person(house).email))
    assert known == seen_by_a_stranger(sign_in(house, new_address()))
    assert known[0] == 401


@case("A03", "A04")
@pytest.mark.parametrize("make", [stopped, without_password, frozen, leaving, unconfirmed])
def test_the_right_password_of_an_account_that_may_not_act_tells_nothing(house: Gatehouse, make: Any) -> None:
    person = make(house)
    unknown = seen_by_a_stranger(sign_in(house, new_address()))
    assert seen_by_a_stranger(sign_in(house, person.email, PASSWORD)) == unknown
    assert seen_by_a_stranger(sign_in(house, person.email)) == unknown


@case("A06")
@pytest.mark.parametrize("make", [new_person, stopped, without_password, unconfirmed])
def test_asking_for_a_new_password_tells_nothing(house: Gatehouse, make: Any) -> None:
    answers = [
        house.post("/auth/password/reset-request", {"email": email}) for email in (make(house).email, new_address())
    ]
    assert seen_by_a_stranger(answers[0]) == seen_by_a_stranger(answers[1])
    assert answers[0].status_code == 202


@case("A07")
@pytest.mark.parametrize("make", [new_person, stopped, unconfirmed])
@pytest.mark.parametrize("path", ["/auth/resend-verification", "/auth/register"])
def test_asking_for_a_mail_tells_nothing(house: Gatehouse, make: Any, path: str) -> None:
    extra = {"password": PASSWORD} if path.endswith("register") else {}
    answers = [house.post(path, {"email": email, **extra}) for email in (make(house).email, new_address())]
    assert seen_by_a_stranger(answers[0]) == seen_by_a_stranger(answers[1])
    assert answers[0].status_code == 202


@case("A07")
def test_an_address_that_had_its_mails_is_answered_alike(house: Gatehouse) -> None:
    known, unknown = new_person(house).email, new_address()
    for _ in range(5):
        answers = [house.post("/auth/resend-verification", {"email": email}) for email in (known, unknown)]
        assert seen_by_a_stranger(answers[0]) == seen_by_a_stranger(answers[1])


@case("A10")
def test_another_persons_id_answers_as_an_unknown_one(house: Gatehouse) -> None:
    asker, other = new_person(house), new_person(house)
    theirs = house.get("/auth/me", bearer=other.access).json()["id"]
    for method, action in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/deactivate"), ("POST", "/sign-out")):
        answers = [
            house.request(method, f"/api/v1/users/{one}{action}", bearer=asker.access, json={})
            for one in (theirs, str(uuid4()))
        ]
        assert seen_by_a_stranger(answers[0]) == seen_by_a_stranger(answers[1])
        assert answers[0].status_code == 404


@case("A11")
def test_the_lock_comes_at_the_same_try_for_a_name_that_nobody_has(house: Gatehouse) -> None:
    known, unknown = new_person(house).email, new_address()
    for _ in range(12):
        answers = [sign_in(house, name) for name in (known, unknown)]
        waits = [int(answer.headers.pop("Retry-After", "0")) for answer in answers]
        assert seen_by_a_stranger(answers[0]) == seen_by_a_stranger(answers[1])
        assert abs(waits[0] - waits[1]) <= 1
    assert answers[0].json()["code"] == "account_locked"
