"""What is counted, under which labels, and what comes out as text."""

import contextlib
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from kit import metrics
from kit.metrics import Counter, Durations, Level, Reading
from kit.testing.metrics import read

_numbers = itertools.count(1)


@pytest.fixture
def name() -> Iterator[str]:
    """A name that no other test declares."""
    name = f"tested_{next(_numbers)}"
    yield name
    for made in [made for made in metrics._declared if name in made]:
        del metrics._declared[made]


def test_what_happens_is_counted_by_its_labels(name: str) -> None:
    knocks = Counter(f"{name}_total", "Knocks.", door=("front", "back"))
    knocks.count(door="front")
    knocks.count(2, door="front")
    knocks.count(door="back")
    assert read(f"{name}_total") == {("front",): 3, ("back",): 1}


def test_what_has_never_happened_is_told_as_zero_where_it_can_be_named(name: str) -> None:
    Counter(f"{name}_total", "Knocks.", door=("front", "back"))
    Counter(f"{name}_routes_total", "Routes.", route=None)
    assert read(f"{name}_total") == {("front",): 0, ("back",): 0}
    assert read(f"{name}_routes_total") == {}


def test_a_label_takes_no_word_that_was_not_declared(name: str) -> None:
    knocks = Counter(f"{name}_total", "Knocks.", door=("front", "back"), by=lambda: {"hand"})
    for number in range(50):
        knocks.count(door=f'x"}} 1\nevil_{number}', by=f"foot-{number}")
    assert read(f"{name}_total") == {("other", "other"): 50}
    assert b"evil" not in metrics.expose()


def test_words_that_only_code_can_choose_are_still_not_without_end(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "MOST_SERIES", 3)
    routes = Counter(f"{name}_total", "Routes.", route=None)
    for number in range(9):
        routes.count(route=str(number))
    assert read(f"{name}_total") == {("0",): 1, ("1",): 1, ("2",): 1, ("other",): 6}


def test_labels_that_were_not_declared_are_a_mistake(name: str) -> None:
    knocks = Counter(f"{name}_total", "Knocks.", door=("front",))
    with pytest.raises(TypeError, match="has the labels"):
        knocks.count(window="front")


def test_a_figure_is_declared_once(name: str) -> None:
    Level(name, "Guests.")
    with pytest.raises(ValueError, match="twice"):
        Level(name, "Guests.")


def test_a_level_falls_when_its_block_ends_however_it_ends(name: str) -> None:
    guests = Level(name, "Guests.")
    with guests.raised():
        assert read(name) == {(): 1}
    with contextlib.suppress(ZeroDivisionError), guests.raised():
        raise ZeroDivisionError
    assert read(name) == {(): 0}


def test_durations_are_a_histogram(name: str) -> None:
    waits = Durations(name, "Waits.")
    for seconds in (0.001, 0.2, 60):
        waits.observe(seconds)
    assert read(f"{name}_count") == {(): 3}
    assert read(f"{name}_bucket")[("0.25",)] == 2


def test_a_reading_is_shown_and_not_kept(name: str) -> None:
    depth = Reading(name, "Depth.", lane=("urgent",))
    samples = [depth.of(4, lane="urgent"), depth.of(5, lane="imagined")]
    assert read(name, samples) == {("urgent",): 4, ("other",): 5}
    assert read(name) == {}


def test_a_full_disk_stops_nobody(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Counter, "_make", fail)
    Counter(f"{name}_total", "Knocks.").count()
    assert read(f"{name}_total") == {}


def test_a_request_is_counted_by_its_route_and_never_by_what_its_sender_wrote(client: APIClient) -> None:
    before = read("http_requests_total").get(("GET", "/refuse/<str:name>", "409"), 0)
    client.get("/refuse/conflict")
    client.generic("EVIL-METHOD", "/nowhere/evil-path")
    counted = read("http_requests_total")
    assert counted[("GET", "/refuse/<str:name>", "409")] == before + 1
    assert counted[("other", "other", "404")] >= 1
    assert b"evil" not in metrics.expose().lower()
    assert read("http_request_seconds_count")[("/refuse/<str:name>",)] >= 1
