"""Charts: geometry and words."""

import datetime as dt

import pytest

from kit import charts
from kit.tallies import last_days

pytestmark = pytest.mark.any_database

DAYS = last_days(dt.datetime(2026, 5, 6, 12, 0, tzinfo=dt.UTC), 3)


def chart(*rows: list[int]) -> charts.Chart:
    series = [charts.Series(label, values, label) for label, values in zip(("sent", "failed"), rows, strict=False)]
    return charts.draw(name="mail", title="Messages", link="/", days=DAYS, series=series)


@pytest.mark.parametrize(
    ("most", "ceiling"), [(0, 5), (5, 5), (6, 10), (11, 20), (21, 50), (100, 100), (101, 200), (1_000_001, 2_000_000)]
)
def test_the_ceiling_is_a_round_number_not_below_any_bar(most: int, ceiling: int) -> None:
    assert chart([0, most, 0]).ceiling == ceiling


def test_bars_stand_on_the_ground_and_on_each_other() -> None:
    bar = chart([0, 50, 0], [0, 50, 0]).bars[1]
    assert [(piece.y, piece.height) for piece in bar.pieces] == [(50, 50), (0, 50)]


def test_one_failure_among_thousands_is_seen_and_none_is_not() -> None:
    bars = chart([5000, 5000, 5000], [1, 0, 0]).bars
    assert [bar.pieces[1].height for bar in bars] == [2, 0, 0]


def test_the_numbers_are_there_in_words_and_as_rows() -> None:
    drawn = chart([1, 2, 3000], [0, 0, 1])
    assert drawn.bars[2].words == "Wednesday 6 May: 3,000 sent, 1 failed"
    assert drawn.summary == "Messages in the last 3 days: 3,003 sent, 3,000 of them today, 1 failed, 1 of them today."
    assert [values for _, values in drawn.rows] == [[3000, 1], [2, 0], [1, 0]]
