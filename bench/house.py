"""A house of many people, filled by SQL, that measures itself: the other half of `bench.people`, in its own process."""

import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts import hashing
from accounts.testing import PASSWORD, client_of, make_person, sign_in

STOPPED = 50  # each of these is stopped
TIMES = 15  # each call in one round
LEAST_MS = 0.5  # SQLite and Django tell milliseconds alone

# The same on both databases but for how they write hexadecimal digits and moments.
_DIALECTS = {
    "sqlite": {"id": "printf('%012x70008{0}00%012x', 1700000000000 + n * 1000, n)", "at": "datetime({0}, 'unixepoch')"},
    "postgresql": {
        "id": "(lpad(to_hex(1700000000000 + n * 1000), 12, '0') || '70008{0}00' || lpad(to_hex(n), 12, '0'))::uuid",
        "at": "to_timestamp({0})",
    },
}
_SERIES = "WITH RECURSIVE s(n) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT n + 1 FROM s WHERE n < %s)"
_FIRST = "CASE n % 7 WHEN 0 THEN 'anna' WHEN 1 THEN 'bert' WHEN 2 THEN 'carla' ELSE 'f' || (n * 7919 % 5003) END"
_LAST = "CASE n % 11 WHEN 0 THEN 'berg' ELSE 'l' || (n * 104729 % 20011) END"
_PEOPLE = """
INSERT INTO accounts_user (id, password, email, first_name, last_name, first_name_key, last_name_key,
    phone, locale, time_zone, is_active, is_staff, is_superuser, created_at)
{series}
SELECT {id}, %s, 'user' || n || '@example.com', {first}, {last}, {first}, {last},
    '', '', '', n % {stopped} <> 0, n % 10000 = 7, n < 0, {at} FROM s
"""
_NAMES = """
INSERT INTO accounts_handle (id, user_id, kind, canonical, confirmed_at, is_primary)
{series}
SELECT {handle}, {id}, 'email', 'user' || n || '@example.com', {at}, n > 0 FROM s
"""


def serve(size: int) -> None:
    """Fill a house, and measure each time a line comes in."""
    start = time.monotonic()
    _fill(size)
    calls = _calls(size)
    _tell({"seconds": time.monotonic() - start})
    for _line in sys.stdin:
        _tell({name: _measure(call) for name, call in calls.items()})


def _tell(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _fill(size: int) -> None:
    call_command("migrate", verbosity=0)
    dialect = _DIALECTS[connection.vendor]
    parts = {"id": dialect["id"].format(0), "handle": dialect["id"].format(1), "first": _FIRST, "last": _LAST}
    parts["stopped"] = str(STOPPED)
    parts["at"] = dialect["at"].format("1700000000 + n")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET statement_timeout = 0")
        for statement, more in ((_PEOPLE, [hashing.make(PASSWORD)]), (_NAMES, [])):
            # What the statement itself means by % is written twice for the driver.
            doubled = {name: part.replace("%", "%%") for name, part in parts.items()}
            cursor.execute(statement.format(series=_SERIES, **doubled).replace(" % ", " %% "), [size, *more])
        cursor.execute("ANALYZE")


def _listing(client: APIClient, query: str) -> Callable[[int], None]:
    """Return the call that lists people; it must find somebody."""

    def call(_number: int) -> None:
        answer = client.get(f"/api/v1/users?{query}")
        if not answer.json().get("results"):
            raise SystemExit(f"{query}: {answer.content!r}")

    return call


def _login(size: int, name: str, password: str, status: int) -> Callable[[int], None]:
    """Return the call that signs in the person of a number; it must be answered with this status."""

    def call(number: int) -> None:
        one = number % size
        body = {"email": name.format(one if one % STOPPED else one + 1), "password": password}
        answer = client_of().post("/api/v1/auth/login", body)
        if answer.status_code != status:
            raise SystemExit(f"{name}: {answer.content!r}")

    return call


def _calls(size: int) -> dict[str, Callable[[int], None]]:
    """Return the calls that are measured, by what the table shows."""
    client = client_of(sign_in(make_person("root@example.com", is_superuser=True)))
    middle = size // 2
    get, login = partial(_listing, client), partial(_login, size)
    following = client.get("/api/v1/users?ordering=email&search=").json()["next"].partition("?")[2]
    when = 1_700_000_000 + middle
    half = time.strftime("created_before=%Y-%m-%dT%H:%M:%SZ", time.gmtime(when))
    deep = client.get(f"/api/v1/users?{half}").json()["next"].partition("?")[2]
    return {
        "the newest": get(""),
        "the newest, 100 on a page": get("page_size=100"),
        "a page in the middle": get(deep),
        "by address": get("ordering=email"),
        "by address, the second page": get(following),
        "by last name, backwards": get("ordering=-last_name"),
        "staff": get("is_staff=true&is_active=true"),
        "staff by address": get("is_staff=true&ordering=email"),
        "stopped": get("state=inactive"),
        "search for one address": get(f"search=user{middle}@"),
        "search for a first name of many": get("search=anna"),
        "search for one letter, by last name": get("search=u&ordering=last_name"),
        "search for a first and a last name": get("search=anna+berg"),
        "sign in": login("user{0}@example.com", PASSWORD, 200),
        "sign in with a wrong password": login("user{0}@example.com", "wrong", 401),
        "sign in under an unknown name": login("nobody{0}@example.com", "wrong", 401),
    }


_number = iter(range(1, 10**9))


def _measure(call: Callable[[int], None]) -> dict[str, float]:

    call(next(_number))
    whole = []
    for _ in range(TIMES):
        start = time.perf_counter()
        call(next(_number))
        whole.append((time.perf_counter() - start) * 1000)
    within = []
    statements = 0
    for _ in range(TIMES):
        with CaptureQueriesContext(connection) as captured:
            call(next(_number))
        statements = len(captured)
        within.append(sum(float(query["time"]) for query in captured.captured_queries) * 1000)
    return {"ms": _quick(whole), "db": max(_quick(within), LEAST_MS), "statements": statements}


def _quick(times: list[float]) -> float:
    """Return the time that a quarter of the calls keep below: what else the machine does makes none of them quicker."""
    return statistics.quantiles(times, n=4)[0]
