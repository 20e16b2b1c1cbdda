"""Limits that were hit are counted, by their own names."""

import contextlib
import datetime as dt
from typing import Any

import pytest

from kit.clock import utcnow
from kit.errors import Throttled
from kit.testing.metrics import read
from limits import addresses, conf, guesses, metrics

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_limit_by_address_that_is_hit_is_counted_by_its_route(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LIMITS_BY_ADDRESS = {"login": (1, 60)}
    settings.REDIS_URL = ""
    monkeypatch.setattr(metrics.HIT, "_words", {"route": conf.by_address})  # asked once, perhaps by another test
    before = read("limits_hit_total").get(("login",), 0)
    for _ in range(3):
        with contextlib.suppress(Throttled):
            addresses.hit(route="login", address="192.0.2.1", now=utcnow())
    assert read("limits_hit_total")[("login",)] == before + 2


def test_a_locked_account_is_counted_by_whose_lane_it_is() -> None:
    before, now = read("limits_locked_total"), utcnow() + dt.timedelta(days=2)
    for lane in (guesses.STRANGERS, guesses.device_lane("0190")):
        for _ in range(guesses.FREE_TRIES + 1):
            with contextlib.suppress(guesses.Locked):
                guesses.reserve(subject="metrics", factor="password", lane=lane, now=now)
    counted = read("limits_locked_total")
    assert {key: value - before.get(key, 0) for key, value in counted.items()} == {("strangers",): 1, ("device",): 1}
