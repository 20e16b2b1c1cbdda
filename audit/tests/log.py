"""A small log to test on: made, sealed, and altered as the owner of the database could."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import connection

from audit import recording, triggers
from audit.models import Entry, Seal
from audit.testing import seal_all
from audit.tests.event_types import DOOR_OPENED
from kit.origin import Origin

NOW = dt.datetime(2026, 11, 20, 12, 0, 5, tzinfo=dt.UTC)
HOME = Origin(address="203.0.113.7", agent="Firefox", request_id="r-1")


def write(count: int, *, now: dt.datetime = NOW) -> list[Entry]:
    """Record entries, a second apart."""
    moments = [now + dt.timedelta(seconds=number) for number in range(count)]
    made = [recording.record(DOOR_OPENED, now=at, origin=HOME, name="anna", details={"count": 1}) for at in moments]
    return [entry for entry in made if entry]


def sealed(*counts: int) -> list[Entry]:
    """Record entries and seal them, a checkpoint after each count; return all in the order of the chain."""
    for number, count in enumerate(counts):
        write(count, now=NOW + dt.timedelta(hours=number))
        seal_all(now=NOW + dt.timedelta(hours=number + 1))
    return [seal.entry for seal in Seal.objects.select_related("entry").order_by("position")]


def execute(sql: str, *values: Any) -> None:
    """Run one statement as whoever holds the application's database account."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def as_owner(alter: Callable[[], Any]) -> None:
    """Change the log as the owner of the database could: with the triggers taken away."""
    with triggers.lifted():
        alter()
