"""Guesses at an account, counted by all doors together."""

import contextlib
import datetime as dt
import itertools

import pytest

from accounts import guessing, hashing, login
from accounts.models import Device, Session, User
from accounts.testing import ORIGIN, PASSWORD, make_person, sign_in
from audit.testing import entries, the_entry
from kit.errors import Invalid
from kit.origin import Origin
from limits.guesses import FREE_TRIES, TRIES_A_DAY, Locked

pytestmark = pytest.mark.django_db


def asked_again(user: User, password: str, *, now: dt.datetime, device: Device | None = None) -> bool:
    return guessing.checked_password(
        user=user, password=password, device=device, door="reauthentication", now=now, origin=ORIGIN
    )


def knock(user: User, now: dt.datetime) -> guessing.Knock:
    return guessing.Knock(door="api", name=user.email, device=None, now=now, origin=ORIGIN)


def test_a_signed_in_person_proves_her_password(now: dt.datetime) -> None:
    assert asked_again(make_person(), PASSWORD, now=now)


def test_a_wrong_password_of_a_signed_in_person_is_recorded_as_hers(now: dt.datetime) -> None:
    user = make_person()
    assert not asked_again(user, "wrong", now=now)
    entry = the_entry("accounts.password.refused")
    assert (entry.actor, entry.target) == (user.pk, str(user.pk))
    assert entry.details == {"reason": "credentials", "door": "reauthentication", "known_device": False}


def test_an_account_that_may_not_act_proves_nothing(now: dt.datetime) -> None:
    assert not asked_again(make_person(is_active=False), PASSWORD, now=now)


def test_an_oversize_password_is_refused_before_anything_is_counted(now: dt.datetime) -> None:
    user = make_person()
    for _ in range(FREE_TRIES + 1):
        with pytest.raises(Invalid):
            asked_again(user, "x" * 1025, now=now)
    assert asked_again(user, PASSWORD, now=now)


def test_all_doors_share_one_counter(now: dt.datetime) -> None:
    user = make_person()
    for n in range(FREE_TRIES):
        if n % 3 == 0:
            assert not asked_again(user, "wrong", now=now)
            continue
        door = Session.Door.API if n % 3 == 1 else Session.Door.ADMIN
        credentials = login.Credentials(name=user.email, password="wrong")
        with pytest.raises(login.InvalidCredentials):
            login.begin(credentials=credentials, door=door, now=now, origin=ORIGIN)
    with pytest.raises(Locked):
        asked_again(user, PASSWORD, now=now)
    assert [entry.details["reason"] for entry in entries("accounts.password.refused")][-1] == "locked"


def test_a_known_device_has_a_budget_of_its_own(now: dt.datetime) -> None:
    session = sign_in(now=now).session
    for _ in range(FREE_TRIES):
        assert not asked_again(session.user, "wrong", now=now)
    with pytest.raises(Locked):
        asked_again(session.user, PASSWORD, now=now)
    assert asked_again(session.user, PASSWORD, now=now, device=session.device)


def test_another_factor_is_counted_before_it_is_looked_at(now: dt.datetime) -> None:
    user, looks = make_person(), itertools.count()
    for _ in range(FREE_TRIES):
        assert not guessing.is_counted_right(knock(user, now), user, "code", lambda: next(looks) < 0)
    with pytest.raises(Locked):
        guessing.is_counted_right(knock(user, now), user, "code", lambda: next(looks) < 0)
    assert next(looks) == FREE_TRIES
    assert guessing.is_right(knock(user, now), user, PASSWORD)


def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count what is compared from here on; nothing is right but the right password."""
    done: list[str] = []

    def counted(password: str, _encoded: str | None, **_decoy: object) -> bool:
        done.append(password)
        return password == PASSWORD

    monkeypatch.setattr(hashing, "matches", counted)
    return done


def try_at(knocking: guessing.Knock, user: User | None, factor: str) -> None:
    """Make a wrong try with a password, or with another factor."""
    with contextlib.suppress(Locked):
        if factor == guessing.PASSWORD:
            guessing.is_right(knocking, user, "wrong")
        else:
            guessing.is_counted_right(knocking, user, factor, lambda: hashing.matches("wrong", None))


@pytest.mark.parametrize("exists", [True, False], ids=["known", "unknown"])
def test_a_thousand_guesses_in_a_day_by_all_doors_are_compared_a_hundred_times_at_most(
    exists: bool, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, compared = make_person() if exists else None, hashes(monkeypatch)
    factors = (guessing.PASSWORD, *(f"code{n}" for n in range(12)))
    for n in range(1000):
        moment = now + dt.timedelta(seconds=n * 86)
        door = ("api", "admin", "reauthentication", "password_change")[n % 4]
        origin = Origin(address=f"198.51.100.{n % 200}")
        name = user.email if user else "nobody@example.com"
        knocking = guessing.Knock(door=door, name=name, device=None, now=moment, origin=origin)
        try_at(knocking, user, factors[n % len(factors)])
    assert len(compared) == TRIES_A_DAY


def test_the_owners_device_signs_in_all_day_while_strangers_guess(
    now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, compared = sign_in(now=now).session, hashes(monkeypatch)
    for n in range(100):
        moment = now + dt.timedelta(minutes=n * 14)
        for stranger in range(10):
            origin = Origin(address=f"198.51.100.{(n * 10 + stranger) % 200}")
            knocking = guessing.Knock(door="api", name=session.user.email, device=None, now=moment, origin=origin)
            try_at(knocking, session.user, guessing.PASSWORD)
        assert asked_again(session.user, PASSWORD, now=moment, device=session.device)
    wrong = [password for password in compared if password != PASSWORD]
    assert (len(compared) - len(wrong), len(wrong) <= TRIES_A_DAY) == (100, True)
