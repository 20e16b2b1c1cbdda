"""How the log stands, as it is told to Prometheus, and refusals counted for those who watch."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import metrics, recording, statistics
from audit.testing import seal_all
from audit.tests.log import HOME, NOW, write
from audit.vocabulary import EventType, Outcome
from kit.origin import Origin
from kit.tallies import Span
from kit.testing.metrics import read

pytestmark = pytest.mark.django_db

MINUTE = dt.timedelta(minutes=1)
HELD_SHUT = EventType("tests.gate.held_shut", "A gate was held shut")


def figure(name: str, now: dt.datetime = NOW) -> float:
    return read(name, metrics.read(now))[()]


def refuse(times: int, at: dt.datetime, origin: Origin = HOME) -> None:
    for _ in range(times):
        recording.record(HELD_SHUT, now=at, outcome=Outcome.REFUSED, origin=origin)


def test_what_waits_for_its_seal_is_told_with_its_age() -> None:
    assert (figure("audit_unsealed_entries"), figure("audit_unsealed_seconds")) == (0, 0)
    write(3)
    assert figure("audit_unsealed_entries") == 3
    assert figure("audit_unsealed_seconds", NOW + MINUTE) == 60
    seal_all(now=NOW + MINUTE)
    assert (figure("audit_unsealed_entries"), figure("audit_unsealed_seconds")) == (0, 0)


def test_floods_are_told_while_they_are_counted() -> None:
    refuse(25, NOW)
    refuse(5, NOW, Origin(address="198.51.100.9"))
    assert (figure("audit_floods"), figure("audit_flooded_refusals")) == (1, 5)


def test_reading_costs_three_statements() -> None:
    write(5)
    refuse(25, NOW)
    with CaptureQueriesContext(connection) as captured:
        list(metrics.read(NOW))
    assert len(captured) == 3


def test_refusals_are_counted_in_full_whether_written_flooded_or_still_being_counted() -> None:
    hour, lately = Span(NOW - 70 * MINUTE, NOW - 10 * MINUTE), Span(NOW - 10 * MINUTE, NOW)
    refuse(3, NOW - 30 * MINUTE)
    refuse(30, NOW - 20 * MINUTE)
    recording.flush_floods(now=NOW - 15 * MINUTE)
    refuse(50, NOW - MINUTE)
    names = [HELD_SHUT.name, "tests.gate.opened"]
    assert statistics.count_refused(events=names, spans=[hour, lately]) == {names[0]: [33, 50], names[1]: [0, 0]}
