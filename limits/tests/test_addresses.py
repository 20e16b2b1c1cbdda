"""Limits by network address, in Redis and without it."""

import datetime as dt
import logging
import secrets
import socket
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from kit.errors import Throttled
from kit.testing import races
from limits import addresses, redis_counters
from limits.models import Counter
from limits.testing import forget_counts, wake_redis

NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def route() -> str:
    """Return a route that no other test has counted on, in a Redis that outlives the test."""
    return f"route-{secrets.token_hex(6)}"


def _allowed(times: int, route: str, address: str = "192.0.2.1") -> int:
    """Return how many of some requests are allowed, with a limit of three a minute."""
    return sum(_outcome(route, address) is None for _ in range(times))


def _outcome(route: str, address: str = "192.0.2.1") -> Throttled | None:
    with override_settings(LIMITS_BY_ADDRESS={route: (3, 60)}):
        try:
            addresses.hit(route=route, address=address, now=NOW)
        except Throttled as refusal:
            return refusal
    return None


@pytest.fixture(params=["database", "redis"])
def _store(request: pytest.FixtureRequest) -> Iterator[None]:
    url = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    with override_settings(REDIS_URL=url):
        yield


@pytest.mark.usefixtures("_store")
def test_requests_beyond_the_limit_are_throttled(route: str) -> None:
    assert _allowed(10, route) == 3
    refusal = _outcome(route)
    assert refusal is not None
    assert refusal.code == "throttled"
    assert 58 <= refusal.retry_after <= 60


@pytest.mark.usefixtures("_store")
def test_routes_and_addresses_are_counted_apart(route: str) -> None:
    assert _allowed(10, route) == _allowed(10, route, "192.0.2.2") == _allowed(10, f"{route}-other") == 3


@pytest.mark.usefixtures("_store")
def test_addresses_of_one_ipv6_network_are_counted_together(route: str) -> None:
    assert _allowed(3, route, "2001:db8::1") == 3
    assert _allowed(1, route, "2001:db8::ffff:ffff:1:2") == 0
    assert _allowed(1, route, "2001:db8:0:1::1") == 1


@pytest.mark.usefixtures("_store")
@pytest.mark.parametrize(("scale", "allowed"), [(2, 6), (0.5, 1), (0.01, 1)])
def test_scale_multiplies_the_limit(route: str, scale: float, allowed: int) -> None:
    with override_settings(RATE_LIMIT_SCALE=scale):
        assert _allowed(10, route) == allowed


@override_settings(LIMITS_BY_ADDRESS={}, REDIS_URL="")
def test_route_that_nobody_limited_is_limited_all_the_same() -> None:
    for _ in range(60):
        addresses.hit(route="forgotten", address="192.0.2.1", now=NOW)
    with pytest.raises(Throttled):
        addresses.hit(route="forgotten", address="192.0.2.1", now=NOW)


def test_redis_spares_the_database(route: str, redis_url: str) -> None:
    with override_settings(REDIS_URL=redis_url), CaptureQueriesContext(connection) as queries:
        _allowed(5, route)
    assert len(queries) == 0


def test_count_in_redis_ends_by_itself(route: str, redis_url: str) -> None:
    with override_settings(REDIS_URL=redis_url):
        _allowed(1, route)
    client = redis_counters.client(redis_url)
    assert 58_000 <= client.pttl(f"gatehouse:limits:address:{route}:192.0.2.1") <= 60_000


@pytest.fixture
def dead_url() -> str:
    """Return the URL of a Redis that is not there."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"redis://127.0.0.1:{unused.getsockname()[1]}/0"


def test_limit_holds_in_the_database_while_redis_is_down(
    route: str, dead_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with override_settings(REDIS_URL=dead_url), caplog.at_level(logging.WARNING):
        assert _allowed(10, route) == 3
    assert Counter.objects.get().count == 10
    assert len(caplog.records) == 1
    assert dead_url not in caplog.text


def test_redis_that_hangs_costs_one_time_out(route: str) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        began = dt.datetime.now(dt.UTC)
        with override_settings(REDIS_URL=f"redis://127.0.0.1:{silent.getsockname()[1]}/0"):
            assert _allowed(10, route) == 3
    assert dt.datetime.now(dt.UTC) - began < dt.timedelta(seconds=2)


def test_redis_is_asked_again_after_its_rest(route: str, dead_url: str, redis_url: str) -> None:
    with override_settings(REDIS_URL=dead_url):
        _allowed(1, route)
    wake_redis()
    forget_counts()
    with override_settings(REDIS_URL=redis_url):
        assert _allowed(10, route) == 3
    assert not Counter.objects.exists()


def test_failures_at_once_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    redis_counters.rest.begin()
    redis_counters.rest.begin()
    assert len(caplog.records) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_store")
def test_parallel_requests_do_not_get_past_the_limit(route: str) -> None:
    with override_settings(LIMITS_BY_ADDRESS={route: (3, 60)}):
        outcomes = races.run(48, lambda: addresses.hit(route=route, address="192.0.2.1", now=NOW))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Tally"] * 3 + ["TooMany"] * 45


def _tally(route: str, *, with_others: bool = False, address: str = "192.0.2.1") -> addresses.Tally:
    limits = {route: (3, 60), addresses.ANYTHING: (4, 30), f"{route}{addresses.DEVICES}": (2, 60)}
    with override_settings(LIMITS_BY_ADDRESS=limits):
        try:
            return addresses.hit(route=route, address=address, now=NOW, with_others=with_others)
        except addresses.TooMany as refusal:
            return refusal.tally


@pytest.mark.usefixtures("_store")
def test_headers_tell_how_a_call_stands_to_the_strictest_of_its_limits(route: str) -> None:
    address = f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"
    told = [_tally(route, with_others=True, address=address).headers() for _ in range(4)]
    assert told[0] == {
        "RateLimit-Limit": "3",
        "RateLimit-Remaining": "2",
        "RateLimit-Reset": "60",
        "RateLimit-Policy": "3;w=60, 4;w=30",
    }
    assert [headers["RateLimit-Remaining"] for headers in told] == ["2", "1", "0", "0"]


@pytest.mark.usefixtures("_store")
def test_all_routes_together_have_a_limit_that_failures_of_clients_do_not_spend(route: str) -> None:
    address = f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"
    for _ in range(6):
        _tally(route, address=address)
    tallies = [_tally(f"{route}-{n}", with_others=True, address=address) for n in range(6)]
    assert [tally.strictest.allowed for tally in tallies] == [True] * 4 + [False] * 2
    assert [tally.refused for tally in tallies] == [0, 0, 0, 0, 1, 2]


@pytest.mark.usefixtures("_store")
def test_a_device_has_a_limit_of_its_own(route: str) -> None:
    one, other = uuid4(), uuid4()
    with override_settings(LIMITS_BY_ADDRESS={f"{route}{addresses.DEVICES}": (2, 60)}):
        for device in (one, one, other):
            addresses.hit_by_device(route=route, device=device, now=NOW)
        with pytest.raises(addresses.TooMany):
            addresses.hit_by_device(route=route, device=one, now=NOW)


def test_caller_has_a_limit_of_her_own_that_nothing_scales(route: str) -> None:
    limits = {f"{route}{addresses.CALLERS}": (2, 60)}
    caller, other = uuid4(), uuid4()
    with override_settings(LIMITS_BY_ADDRESS=limits, RATE_LIMIT_SCALE=100):
        tallies = [addresses.hit_by_caller(route=route, caller=caller, now=NOW) for _ in range(2)]
        assert [tally.headers()["RateLimit-Remaining"] for tally in tallies] == ["1", "0"]
        with pytest.raises(addresses.TooMany):
            addresses.hit_by_caller(route=route, caller=caller, now=NOW)
        assert addresses.hit_by_caller(route=route, caller=other, now=NOW).strictest.allowed
