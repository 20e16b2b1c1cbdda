"""Guessing at accounts (B): how many tries are compared, by which roads, and whether the owner is locked out."""

import json
import random
import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import requests

from config.testing.cases import case
from config.testing.processes import Gatehouse
from config.testing.servers import Redis
from config.testing.walks import new_address, new_person, patiently
from config.tests.journeys.conftest import make_house

FREE = 10
WRONG = "Not-Her-Password-1"
ADDRESS_LIMIT = 60  # sign-ins of one network address in ten minutes


@pytest.fixture(scope="module")
def counting_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gatehouse]:
    """A service that counts by network address as it does for an operator, behind one proxy."""
    yield from counting(tmp_path_factory.mktemp("counting"), "counting", TRUSTED_PROXIES="1")


@pytest.fixture(scope="module")
def bare_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gatehouse]:
    """A service that counts by network address, with no proxy before it."""
    yield from counting(tmp_path_factory.mktemp("bare"), "bare")


def counting(home: Path, name: str, **settings: Any) -> Iterator[Gatehouse]:
    """Run a service that nobody else has called from this machine's address."""
    with make_house(home, name, RATE_LIMIT_SCALE="1", **settings) as house:
        yield house


def guess(
    house: Gatehouse, name: str, *, by: str = "email", password: str = WRONG, **headers: str
) -> requests.Response:
    return house.post("/auth/login", {by: name, "password": password}, headers=headers)


def codes(answers: list[requests.Response]) -> Counter[str]:
    return Counter(answer.json()["code"] for answer in answers)


def some_network() -> str:
    """Return the first half of an IPv6 address that no test has called from."""
    return f"2001:db8:{random.getrandbits(16):x}:{random.getrandbits(16):x}"


def some_address(network: str = "") -> str:
    return f"{network or some_network()}::{random.getrandbits(16):x}"


@case("B01")
def test_a_hundred_wrong_passwords_are_compared_ten_times(house: Gatehouse) -> None:
    person = new_person(house)
    answers = [guess(house, person.email) for _ in range(100)]
    assert [answer.status_code for answer in answers] == [401] * FREE + [429] * 90
    assert all(0 < int(answer.headers["Retry-After"]) <= 30 for answer in answers[FREE:])


@case("B02")
def test_a_hundred_at_once_are_compared_ten_times(house: Gatehouse) -> None:
    person, together = new_person(house), Barrier(100)

    def one(_: int) -> requests.Response:
        together.wait()
        return patiently(lambda: guess(house, person.email))

    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(one, range(100)))
    assert codes(answers) == {"invalid_credentials": FREE, "account_locked": 100 - FREE}


@case("B03")
def test_the_right_password_does_not_pass_a_pause_and_does_not_lengthen_it(house: Gatehouse) -> None:
    person = new_person(house)
    waits = [guess(house, person.email).headers.get("Retry-After") for _ in range(FREE + 1)]
    for _ in range(5):
        answer = guess(house, person.email, password=person.password)
        assert (answer.status_code, answer.json()["code"]) == (429, "account_locked")
        assert int(answer.headers["Retry-After"]) <= int(waits[-1] or 0)


@case("B04")
def test_every_spelling_of_a_name_is_one_account(house: Gatehouse) -> None:
    person, name = new_person(house), f"anna{random.getrandbits(32):08x}"
    assert house.request("PATCH", "/api/v1/auth/me", bearer=person.access, json={"username": name}).status_code == 200
    wide = "".join(chr(ord(letter) + 0xFEE0) if letter.isalnum() else letter for letter in person.email)
    spellings = [person.email, person.email.upper(), f" {person.email} ", wide]
    answers = [guess(house, spellings[turn % 4]) for turn in range(5)]
    answers += [guess(house, one, by="username") for one in (name, name.upper(), f" {name}", name, name.title())]
    assert codes(answers) == {"invalid_credentials": FREE}
    for one in spellings:
        assert guess(house, one).json()["code"] == "account_locked"
    assert guess(house, name, by="username").json()["code"] == "account_locked"


@case("B05")
def test_a_forged_forwarded_address_changes_nothing(bare_house: Gatehouse) -> None:
    answers = [
        guess(bare_house, new_address(), **{"X-Forwarded-For": some_address()}) for _ in range(ADDRESS_LIMIT + 5)
    ]
    assert codes(answers) == {"invalid_credentials": ADDRESS_LIMIT, "throttled": 5}


@case("B08")
def test_addresses_of_one_network_count_together(counting_house: Gatehouse) -> None:
    network = some_network()
    answers = [
        guess(counting_house, new_address(), **{"X-Forwarded-For": some_address(network)})
        for _ in range(ADDRESS_LIMIT + 5)
    ]
    assert codes(answers) == {"invalid_credentials": ADDRESS_LIMIT, "throttled": 5}


@case("B05")
def test_what_a_stranger_puts_before_the_proxys_word_is_not_believed(counting_house: Gatehouse) -> None:
    real = some_address()
    answers = [
        guess(counting_house, new_address(), **{"X-Forwarded-For": f"{some_address()}, {real}"})
        for _ in range(ADDRESS_LIMIT + 5)
    ]
    assert codes(answers) == {"invalid_credentials": ADDRESS_LIMIT, "throttled": 5}


@case("B12")
def test_an_attackers_own_success_forgets_nothing(house: Gatehouse) -> None:
    victim, attacker = new_person(house), new_person(house)
    answers = []
    for _ in range(FREE + 1):
        answers.append(guess(house, victim.email))
        assert guess(house, attacker.email, password=attacker.password).status_code == 200
    assert codes(answers) == {"invalid_credentials": FREE, "account_locked": 1}


@case("B14")
def test_a_body_in_another_form_is_no_other_road(house: Gatehouse) -> None:
    person = new_person(house)
    body = {"email": person.email, "password": WRONG}
    as_json = {"Content-Type": "application/json; charset=utf-16"}
    kinds: list[dict[str, Any]] = [
        {"data": body},
        {"files": {name: (None, value) for name, value in body.items()}},
        {"data": json.dumps(body).encode("utf-16"), "headers": as_json},
    ]
    for kind in kinds:
        for _ in range(FREE):
            assert house.request("POST", "/api/v1/auth/login", **kind).status_code in {400, 415}
    answers = [guess(house, person.email) for _ in range(FREE + 1)]
    assert codes(answers) == {"invalid_credentials": FREE, "account_locked": 1}


@case("B15")
def test_several_tries_in_one_body_are_none(house: Gatehouse) -> None:
    person = new_person(house)
    answer = house.post("/auth/login", [{"email": person.email, "password": WRONG}] * 50)
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")


@case("B15")
def test_requests_in_one_go_on_one_connection_count_each(house: Gatehouse) -> None:
    person = new_person(house)
    body = f'{{"email": "{person.email}", "password": "{WRONG}"}}'
    one = (
        f"POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )
    last = one.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1)
    with socket.create_connection(("127.0.0.1", house.port), timeout=30) as line:
        line.sendall((one * FREE + one * 4 + last).encode())
        received = b"".join(iter(lambda: line.recv(65_536), b""))
    assert received.count(b'"invalid_credentials"') <= FREE
    assert guess(house, person.email).json()["code"] == "account_locked"


@case("B17")
def test_the_count_outlives_redis_and_the_process(fragile_house: Gatehouse, own_redis: Redis | None) -> None:
    person = new_person(fragile_house)
    assert codes([guess(fragile_house, person.email) for _ in range(FREE)]) == {"invalid_credentials": FREE}
    if own_redis:
        own_redis.flush()
    fragile_house.kill()
    fragile_house.start()
    fragile_house.wait_until_ready()
    assert guess(fragile_house, person.email).json()["code"] == "account_locked"


@case("B18")
def test_a_flood_from_one_address_leaves_its_neighbours_signed_in(counting_house: Gatehouse) -> None:
    network = {"X-Forwarded-For": some_address()}
    person = new_person(counting_house)
    answers = [guess(counting_house, new_address(), **network) for _ in range(ADDRESS_LIMIT + 5)]
    assert codes(answers)["throttled"] == 5
    for path in ("/auth/me", "/auth/sessions", "/auth/permissions"):
        url = f"/api/v1{path}"
        assert counting_house.request("GET", url, bearer=person.access, headers=network).status_code == 200
