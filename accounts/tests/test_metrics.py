"""What accounts counts of what it does."""

import contextlib
import datetime as dt
import threading
from typing import Any

import pytest

from accounts import hashing, login, refresh
from accounts.models import Session
from accounts.testing import ORIGIN, PASSWORD, make_person, sign_in
from kit.errors import InvalidToken, Refusal, Unavailable
from kit.testing.metrics import Values, read

pytestmark = pytest.mark.django_db(transaction=True)

SECOND = dt.timedelta(seconds=1)


def since(name: str, before: Values) -> Values:
    """Return by how much each value has grown."""
    return {key: value - before.get(key, 0) for key, value in read(name).items() if value != before.get(key, 0)}


def test_sign_ins_are_counted_by_outcome_and_door(now: dt.datetime) -> None:
    person = make_person(now=now, is_staff=True)
    before = read("sign_ins_total")
    for password, door in (
        (PASSWORD, Session.Door.API),
        (PASSWORD, Session.Door.ADMIN),
        *[("wrong", Session.Door.API)] * 12,
    ):
        credentials = login.Credentials(name=person.email, password=password)
        with contextlib.suppress(Refusal):
            login.begin(credentials=credentials, door=door, now=now, origin=ORIGIN)
    assert since("sign_ins_total", before) == {
        ("api", "succeeded"): 1,
        ("admin", "succeeded"): 1,
        ("api", "credentials"): 10,
        ("api", "locked"): 2,
    }


def test_refresh_tokens_are_counted_by_verdict(now: dt.datetime) -> None:
    token = sign_in(now=now).refresh
    before = read("refreshes_total")
    for given, at in (
        (token, now),
        (token, now + SECOND),
        ("nonsense", now),
        (token, now + 60 * SECOND),
        (token, now + 61 * SECOND),
    ):
        with contextlib.suppress(InvalidToken):
            refresh.renew(token=given, now=at, origin=ORIGIN)
    counted = since("refreshes_total", before)
    assert counted == {("renewed",): 1, ("grace",): 1, ("unknown",): 1, ("reused",): 1, ("ended",): 1}


def test_the_queue_of_hashes_is_shown_and_who_is_sent_away(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ACCOUNTS_HASH_WAIT = 0.2
    place = threading.BoundedSemaphore(1)
    monkeypatch.setattr(hashing, "_turns", lambda: place)
    before = (read("hashing_refused_total").get((), 0), read("hashing_wait_seconds_count").get((), 0))
    with hashing.turn():
        assert read("hashing_running") == {(): 1}
        with pytest.raises(Unavailable):
            hashing.make(PASSWORD)
    assert (read("hashing_running"), read("hashing_waiting")) == ({(): 0}, {(): 0})
    assert (read("hashing_refused_total")[()], read("hashing_wait_seconds_count")[()]) == (before[0] + 1, before[1] + 2)
