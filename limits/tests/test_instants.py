"""Moments as milliseconds."""

import datetime as dt

import pytest

from limits import instants

NOW = dt.datetime(2026, 11, 1, 12, 0, 0, 123_000, tzinfo=dt.UTC)


def test_moment_survives_the_way_there_and_back() -> None:
    assert instants.moment(instants.milliseconds(NOW)) == NOW


@pytest.mark.parametrize(("later", "seconds"), [(-5_000, 1), (0, 1), (1, 1), (1_000, 1), (1_001, 2), (60_000, 60)])
def test_seconds_are_rounded_up_and_at_least_one(later: int, seconds: int) -> None:
    assert instants.seconds_between(0, later) == seconds
