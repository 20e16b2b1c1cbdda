"""Requests that cost more than they should (S): what is refused before it is dear, and who is still served."""

import socket
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from statistics import quantiles
from time import perf_counter

import pytest
import requests

from config.testing.cases import case
from config.testing.processes import Gatehouse
from config.testing.walks import PASSWORD, Person, new_address, new_person, new_staff, patiently, sign_in

PATIENCE = 20.0
CLIENTS = 24
ENTRIES_A_MINUTE = 20  # of one cause from one source; more are counted in one


@pytest.fixture(scope="module")
def person(house: Gatehouse) -> Person:
    return new_person(house)


@pytest.fixture(scope="module")
def staff(house: Gatehouse) -> Person:
    return sign_in(house, new_staff(house).email)


def served(house: Gatehouse, person: Person) -> bool:
    return house.get("/auth/me", bearer=person.access).status_code == 200


@case("S01")
def test_passwords_of_a_megabyte_are_refused_unhashed(house: Gatehouse, person: Person) -> None:
    body = {"email": person.email, "password": "x" * 1_000_000}
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: house.post("/auth/login", body), range(50)))
    assert {answer.status_code for answer in answers} == {413}
    short = {"email": person.email, "password": "x" * 1025}
    answers = [house.post("/auth/login", short) for _ in range(15)]
    assert {(answer.status_code, answer.json()["errors"][0]["field"]) for answer in answers} == {(400, "password")}
    assert sign_in(house, person.email).access  # nothing was counted as a guess


@case("S02")
def test_two_hundred_sign_ins_at_once_leave_others_served(house: Gatehouse, person: Person) -> None:
    names = [new_address() for _ in range(200)]
    with ThreadPoolExecutor(200) as pool:
        running = [pool.submit(house.post, "/auth/login", {"email": name, "password": PASSWORD}) for name in names]
        assert served(house, person)
        answers = [one.result() for one in running]
    told = Counter(answer.status_code for answer in answers)
    assert set(told) <= {401, 429, 503}
    assert all("Retry-After" in answer.headers for answer in answers if answer.status_code != 401)
    assert served(house, person)


@case("S02")
def test_while_passwords_are_hashed_what_hashes_nothing_does_not_wait_for_it(
    house: Gatehouse, person: Person, record_property: Callable[[str, str], None]
) -> None:
    quiet = quantile([timed(lambda: others(house, person)) for _ in range(20)], 95)
    with ThreadPoolExecutor(CLIENTS) as pool:
        running = [pool.submit(seconds_to_sign_in, house) for _ in range(200)]
        during = [timed(lambda: others(house, person)) for _ in iter(running[-1].done, True)]
        hashed = quantile([one.result() for one in running], 50)
    meanwhile = quantile(during, 95)
    record_property(
        "figures",
        f"{type(house).__name__}: 200 passwords hashed in {sum(during):.1f} s, {1000 * hashed:.0f} ms each; "
        f"others take {1000 * quiet:.0f} ms before and {1000 * meanwhile:.0f} ms meanwhile (p95 of {len(during)})",
    )
    assert meanwhile < hashed


def others(house: Gatehouse, person: Person) -> None:
    """Make a call that hashes nothing; it must be served."""
    assert house.request("GET", "/health").status_code == 200
    assert served(house, person)


def timed(call: Callable[[], object]) -> float:
    started = perf_counter()
    call()
    return perf_counter() - started


def seconds_to_sign_in(house: Gatehouse) -> float:
    """Sign in under an unknown name, as often as the house says so; return how long the call took that was hashed."""
    took: list[float] = []

    def once() -> requests.Response:
        started = perf_counter()
        answer = house.post("/auth/login", {"email": new_address(), "password": PASSWORD})
        took.append(perf_counter() - started)
        return answer

    assert patiently(once).status_code == 401
    return took[-1]


def quantile(times: list[float], percent: int) -> float:
    return quantiles(times, n=100, method="inclusive")[percent - 1]


@case("S03")
@pytest.mark.parametrize("fragment", ["aA1!", "anna.berg@", "\ufdfa", "e\u0301"])
def test_a_long_password_and_long_names_are_judged_quickly(house: Gatehouse, fragment: str) -> None:
    body = {
        "email": new_address(),
        "password": (fragment * 1024)[:1024],
        "first_name": (fragment * 150)[:150],
        "last_name": (fragment * 150)[:150],
    }
    started = perf_counter()
    assert house.post("/auth/register", body).status_code in {202, 400}
    assert perf_counter() - started < PATIENCE


@case("S04")
@pytest.mark.parametrize("query", ["page_size=1000000000", f"page_size={'9' * 400}", "page=1000000000", "page=-1"])
def test_no_page_is_larger_than_a_hundred(house: Gatehouse, staff: Person, query: str) -> None:
    for path in ("/auth/sessions", "/users", "/auth/activity"):
        answer = house.get(f"{path}?{query}", bearer=staff.access)
        assert answer.status_code in {200, 400, 404}
        assert answer.status_code != 200 or len(answer.json()["results"]) <= 100


@case("S04")
def test_thousands_of_ids_in_an_address_are_refused(house: Gatehouse, staff: Person) -> None:
    answer = house.get(f"/users?ids={','.join(['0193a5c8-7c1e-7b2a-9d4f-3e5a6b7c8d9e'] * 10_000)}", bearer=staff.access)
    assert 400 <= answer.status_code < 500 or len(answer.json()["results"]) <= 100


@case("S05")
@pytest.mark.parametrize(
    "query", ["search=%25%25%25%25", "search=" + "_%25" * 2_000, "ordering=password", "order=phone"]
)
def test_a_search_is_no_pattern_and_no_order_but_by_an_index(house: Gatehouse, staff: Person, query: str) -> None:
    answer = house.get(f"/users?{query}", bearer=staff.access)
    assert answer.status_code in {200, 400, 414}
    assert answer.status_code != 200 or "ordering" in query or "order=" in query or answer.json()["results"] == []


@case("S06")
def test_slow_and_idle_connections_leave_others_served(house: Gatehouse, person: Person) -> None:
    with ExitStack() as stack:
        for number in range(200):
            line = stack.enter_context(socket.create_connection(("127.0.0.1", house.port), timeout=5))
            if number % 2:
                line.sendall(b"POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        for _ in range(5):
            assert served(house, person)


@case("S09")
def test_a_flood_of_refusals_becomes_few_entries(house: Gatehouse) -> None:
    before = entries(house)
    answers = [house.post("/auth/refresh", {"refresh": "ghr_" + "x" * 43}) for _ in range(100)]
    assert {answer.status_code for answer in answers} == {401}
    assert 0 < entries(house) - before <= 2 * ENTRIES_A_MINUTE  # the hundred may fall into two minutes


def entries(house: Gatehouse) -> int:
    """Count what the audit log says of refused refresh tokens."""
    query = "Entry.objects.filter(action='accounts.refresh.refused').count()"
    script = f"from audit.models import Entry; print('entries:', {query})"
    return int(house.inside(script).rpartition("entries:")[2])
