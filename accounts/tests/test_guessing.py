"""Guesses at an account, counted by all doors together."""

import datetime as dt
import itertools

import pytest

from accounts import guessing, login
from accounts.models import Device, Session, User
from accounts.testing import ORIGIN, PASSWORD, make_person, sign_in
from audit.testing import entries, the_entry
from kit.errors import Invalid
from limits.guesses import FREE_TRIES, Locked

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
