"""Ids in the order of time."""

import datetime as dt

from kit.clock import utcnow
from kit.ids import earliest, uuid7

MOMENT = dt.datetime(2026, 2, 3, 4, 5, 6, 789_000, tzinfo=dt.UTC)


def test_whatever_is_made_now_lies_between_the_earliest_ids_around_it() -> None:
    now = utcnow()
    assert earliest(now) <= uuid7() < earliest(now + dt.timedelta(seconds=5))


def test_the_earliest_id_of_a_moment_is_a_version_7_uuid_that_says_its_milliseconds() -> None:
    found = earliest(MOMENT)
    assert (found.version, found.variant) == (7, "specified in RFC 4122")
    assert found.int >> 80 == int(MOMENT.timestamp() * 1000)
