"""Spraying and stuffing: what no account's counter shows."""

import datetime as dt
import hashlib
import random
from collections.abc import Iterator

import pytest
from django.test import override_settings

from accounts import devices, login, robots
from accounts.models import Session, User
from accounts.testing import PASSWORD, make_person, new_address
from audit.testing import entries, the_entry
from kit.errors import Invalid
from kit.origin import Origin
from limits.pressure import FREE_FAILURES, SPAN_SECONDS

pytestmark = pytest.mark.django_db

WRONG = "Winter-2026!"


@pytest.fixture(autouse=True)
def _limit() -> Iterator[None]:
    asked = {"ACCOUNTS_ROBOT_CHALLENGE": "proof-of-work", "ACCOUNTS_ROBOT_DIFFICULTY": 1}
    with override_settings(LIMITS_PRESSURE=15, RATE_LIMIT_SCALE=1, **asked):
        yield


@pytest.fixture
def now() -> dt.datetime:
    """Return a moment in a span that no other test has counted in, in a Redis that outlives the test."""
    return dt.datetime.fromtimestamp(random.randrange(10**6) * 4 * SPAN_SECONDS, tz=dt.UTC)


def begin(name: str, password: str, now: dt.datetime, *, address: str = "", **more: str) -> object:
    origin = Origin(address=address or new_address())
    credentials = login.Credentials(name=name, password=password, **more)
    return login.begin(credentials=credentials, door=Session.Door.API, now=now, origin=origin)


def refuse(times: int, now: dt.datetime, *, address: str = "") -> None:
    """Have one password refused with so many names, each from an address of its own unless one is given."""
    for n in range(times):
        with pytest.raises(login.InvalidCredentials):
            begin(f"name-{random.random()}-{n}", WRONG, now, address=address)


def solve(now: dt.datetime) -> str:
    """Return a solved challenge."""
    challenge = robots.issue(purpose="login", now=now).challenge
    numbers = (f"{challenge}:{number}" for number in range(1000))
    return next(proof for proof in numbers if hashlib.sha256(proof.encode()).digest()[0] < 128)


def test_many_wrong_passwords_from_everywhere_raise_one_alert(now: dt.datetime) -> None:
    refuse(15, now)
    assert not entries("accounts.pressure.risen")
    refuse(1, now)
    assert the_entry("accounts.pressure.risen").actor_kind == "system"


def test_strangers_must_solve_a_challenge_under_pressure(now: dt.datetime) -> None:
    user = make_person(now=now)
    refuse(16, now)
    for name in (user.email, "nobody@example.com"):
        with pytest.raises(Invalid) as refused:
            begin(name, PASSWORD, now)
        assert (refused.value.field, refused.value.reason) == ("robot_proof", "robot_proof_required")
    assert begin(user.email, PASSWORD, now, robot_proof=solve(now))


def test_a_sign_in_without_the_challenge_counts_nothing_and_hashes_nothing(now: dt.datetime) -> None:
    user = make_person(now=now)
    refuse(16, now)
    for _ in range(12):
        with pytest.raises(Invalid):
            begin(user.email, WRONG, now)
    assert begin(user.email, PASSWORD, now, robot_proof=solve(now))


def test_a_known_device_is_asked_for_nothing_more(now: dt.datetime) -> None:
    user = make_person(now=now)
    known = devices.token_of(devices.register(user=user, name="Phone", now=now))
    refuse(16, now)
    assert begin(user.email, PASSWORD, now, device_token=known)


def test_the_admins_door_asks_for_no_challenge(now: dt.datetime) -> None:
    staff = make_person(is_staff=True, now=now)
    refuse(16, now)
    credentials = login.Credentials(name=staff.email, password=PASSWORD)
    origin = Origin(address=new_address())
    result = login.begin(credentials=credentials, door=Session.Door.ADMIN, now=now, origin=origin)
    assert isinstance(result, login.StartedSession)


def test_pressure_passes_by_itself(now: dt.datetime) -> None:
    refuse(16, now)
    assert begin(make_person(now=now).email, PASSWORD, now + dt.timedelta(seconds=2 * SPAN_SECONDS))


def test_without_a_challenge_set_nobody_is_asked(now: dt.datetime) -> None:
    refuse(16, now)
    with override_settings(ACCOUNTS_ROBOT_CHALLENGE="off"):
        assert begin(make_person(now=now).email, PASSWORD, now)


def test_many_wrong_passwords_from_one_address_are_asked_about_there_alone(now: dt.datetime) -> None:
    user, here = make_person(now=now), new_address()
    refuse(FREE_FAILURES + 1, now, address=here)
    with pytest.raises(Invalid):
        begin(user.email, PASSWORD, now, address=here)
    assert begin(user.email, PASSWORD, now)


@override_settings(LIMITS_REFUSALS_WRITTEN=5, LIMITS_PRESSURE=0)
def test_a_flood_from_many_addresses_fills_no_table(now: dt.datetime) -> None:
    refuse(9, now)
    assert len(entries("accounts.login.refused")) == 5
    assert the_entry("accounts.refusals.unwritten").actor_kind == "system"
    assert User.objects.count() == 0
