"""Guessing by many at once (B): at one account from everywhere, at everybody with one password, with stolen lists."""

import hashlib
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from config.testing.cases import case
from config.testing.processes import METRICS_TOKEN, Gatehouse
from config.testing.servers import Redis
from config.testing.walks import Person, new_address, new_staff, patiently
from config.tests.journeys.conftest import make_house
from kit.testing.metrics import parse

pytestmark = pytest.mark.long

FREE = 10
A_DAY = 100
ADDRESS_LIMIT = 60  # sign-ins of one network address in ten minutes
PRESSURE = 100
THREADS = 20


@pytest.fixture
def besieged_house(tmp_path: Path, own_redis: Redis | None) -> Iterator[Gatehouse]:
    """A service behind one proxy, which asks robots for work under pressure; what it counts, no other test sees."""
    settings: dict[str, Any] = {
        "TRUSTED_PROXIES": "1",
        "RATE_LIMIT_SCALE": "1",
        "LIMITS_PRESSURE": str(PRESSURE),
        "ACCOUNTS_ROBOT_CHALLENGE": "proof-of-work",
        "ACCOUNTS_ROBOT_DIFFICULTY": "8",
    }
    url = own_redis.url if own_redis else ""
    with make_house(tmp_path / "house", "besieged", redis_url=url, **settings) as running:
        yield running


def some_address() -> str:
    """Return an address of a network that nobody else calls from."""
    return f"2001:db8:{random.getrandbits(16):x}:{random.getrandbits(16):x}::1"


def try_(house: Gatehouse, name: str, password: str, *, address: str, **more: str) -> requests.Response:
    body = {"email": name, "password": password, **more}
    return patiently(lambda: house.post("/auth/login", body, headers={"X-Forwarded-For": address}))


def codes(answers: list[requests.Response]) -> Counter[str]:
    return Counter(str(answer.json()["code"]) for answer in answers)


def all_at_once(calls: list[Any]) -> list[Any]:
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda call: call(), calls))


def compared(house: Gatehouse) -> float:
    """Return how many wrong passwords have been compared, as the service's own figures say."""
    figures = house.request("GET", "/metrics", bearer=METRICS_TOKEN).text
    return parse(figures, "sign_ins_total")[("api", "credentials")]


def counted(house: Gatehouse, model: str, **fields: str) -> int:
    """Count rows, past the service, in its database."""
    app, name = model.split(".")
    wanted = ", ".join(f"{field}={value!r}" for field, value in fields.items())
    script = f"from {app}.models import {name}; print('rows:', {name}.objects.filter({wanted}).count())"
    return int(house.inside(script).rpartition("rows:")[2])


def make_owner(house: Gatehouse) -> Person:
    """Return somebody who has signed in once; registering would ask for work."""
    person, address = new_staff(house), some_address()
    answer = try_(house, person.email, person.password, address=address)
    return Person(person.email, person.password, answer.json())


def solved(house: Gatehouse) -> str:
    """Return a solved challenge."""
    challenge = house.get("/auth/robot-challenge?purpose=login").json()["challenge"]
    tries = (f"{challenge}:{number}" for number in range(1_000_000))
    return next(proof for proof in tries if hashlib.sha256(proof.encode()).digest()[0] == 0)


@case("B11")
def test_a_thousand_guesses_from_two_hundred_addresses_leave_the_owner_signed_in(
    besieged_house: Gatehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    house = besieged_house
    owner = make_owner(house)
    addresses = [some_address() for _ in range(200)]
    known = {"device_token": owner.tokens["device_token"]}
    guesses = [
        lambda n=n: try_(house, owner.email, f"Wrong-{n}-Password", address=addresses[n % 200]) for n in range(1000)
    ]
    hers = [lambda n=n: try_(house, owner.email, owner.password, address=f"192.0.2.{n}", **known) for n in range(100)]
    mixed = [call for n in range(100) for call in (*guesses[n * 10 : n * 10 + 10], hers[n])]
    answers = all_at_once(mixed)
    strangers = codes([answer for answer in answers if answer.status_code != 200])
    with capsys.disabled():
        print(  # noqa: T201 - the figures of the run are what it is for
            f"\n{type(house).__name__}: 1000 guesses at one account: {dict(strangers)}; {compared(house):.0f} compared"
        )
    assert [answer.status_code for answer in answers].count(200) == 100
    assert strangers == {"invalid_credentials": compared(house), "account_locked": 1000 - compared(house)}
    assert compared(house) <= FREE + 2  # a pause of 30 s, then one of 60 s, may end while the test runs


@case("B09")
def test_one_password_for_a_thousand_people_stops_at_the_address_and_raises_an_alert(besieged_house: Gatehouse) -> None:
    house, address = besieged_house, some_address()
    answers = all_at_once([lambda: try_(house, new_address(), "Winter-2026!", address=address) for _ in range(1000)])
    assert codes(answers)["throttled"] >= 1000 - ADDRESS_LIMIT  # who was told to come back may have been counted twice
    assert compared(house) <= FREE + THREADS  # then this address is asked for work
    throttled = [answer for answer in answers if answer.status_code == 429]
    assert {answer.headers["RateLimit-Limit"] for answer in throttled} == {str(ADDRESS_LIMIT)}
    assert counted(house, "audit.Entry", action="accounts.address.throttled") == 3  # the 1st, the 10th, the 100th
    others = all_at_once([lambda: try_(house, new_address(), "Winter-2026!", address=some_address())] * (2 * PRESSURE))
    assert codes(others)["validation_error"] > 0
    assert counted(house, "audit.Entry", action="accounts.pressure.risen") == 1


@case("B10")
def test_a_thousand_pairs_from_a_thousand_addresses_meet_a_challenge(besieged_house: Gatehouse) -> None:
    house = besieged_house
    owner = make_owner(house)
    calls = [lambda: try_(house, new_address(), "Stolen-1-Password", address=some_address()) for _ in range(1000)]
    answers = all_at_once(calls)
    assert set(codes(answers)) == {"invalid_credentials", "validation_error"}
    assert PRESSURE < compared(house) <= PRESSURE + THREADS
    assert counted(house, "audit.Entry", action="accounts.pressure.risen") == 1
    refused = try_(house, owner.email, owner.password, address=some_address())
    assert [error["code"] for error in refused.json()["errors"]] == ["robot_proof_required"]
    proof = solved(house)
    assert try_(house, owner.email, owner.password, address=some_address(), robot_proof=proof).status_code == 200
    known = {"device_token": owner.tokens["device_token"]}
    assert try_(house, owner.email, owner.password, address=some_address(), **known).status_code == 200
