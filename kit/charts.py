"""Bar charts by day, drawn by the server: geometry in whole numbers, which a template writes as SVG attributes.

No style attribute and no script, so the strictest content policy lets them through; colours are classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kit.tallies import Span

HEIGHT = 100
STEP, WIDTH = 20, 14  # of a bar with its gap, and without


@dataclass(frozen=True, slots=True)
class Series:
    """One row of numbers, a day each; `tone` is the class that colours it."""

    label: str
    values: Sequence[int]
    tone: str

    @property
    def shown(self) -> str:
        """Return the sum over all days, as people write it."""
        return f"{sum(self.values):,}"


@dataclass(frozen=True, slots=True)
class Piece:
    """One rectangle: its upper edge and its height."""

    tone: str
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One day: its left edge, where its bar stands, what that is made of, from the ground up, and it all in words."""

    edge: int
    x: int
    pieces: list[Piece]
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with all that its template shows: a heading, bars, the same numbers as a table, where to read on."""

    name: str
    title: str
    link: str
    days: Sequence[Span]
    series: Sequence[Series]
    bars: list[Bar]
    ceiling: int

    @property
    def top(self) -> str:
        """Return what a bar of the full height stands for."""
        return f"{self.ceiling:,}"

    @property
    def width(self) -> int:
        """Return the width of the drawing in its own units."""
        return STEP * len(self.days)

    @property
    def summary(self) -> str:
        """Return in words what the drawing shows, for those who do not see it."""
        parts = ", ".join(f"{each.shown} {each.label}, {each.values[-1]:,} of them today" for each in self.series)
        return f"{self.title} in the last {len(self.days)} days: {parts}."

    @property
    def rows(self) -> list[tuple[Span, list[int]]]:
        """Return the numbers by day, the newest first."""
        by_day = zip(*(each.values for each in self.series), strict=True)
        return [(day, list(values)) for day, values in zip(self.days, by_day, strict=True)][::-1]


def draw(*, name: str, title: str, link: str, days: Sequence[Span], series: Sequence[Series]) -> Chart:
    """Return a chart of series stacked upon each other, the first one lowest."""
    tops = [sum(values) for values in zip(*(each.values for each in series), strict=True)]
    ceiling = _round_up(max(tops))
    bars = [_bar(position, day, series, ceiling) for position, day in enumerate(days)]
    return Chart(name=name, title=title, link=link, days=days, series=series, bars=bars, ceiling=ceiling)


def _bar(position: int, day: Span, series: Sequence[Series], ceiling: int) -> Bar:
    pieces, ground = [], HEIGHT
    for each in series:
        value = each.values[position]
        # Not one unit less than can be seen: a single failure among thousands shows.
        height = max(2, round(value * HEIGHT / ceiling)) if value else 0
        ground = max(0, ground - height)
        pieces.append(Piece(tone=each.tone, y=ground, height=height))
    numbers = ", ".join(f"{each.values[position]:,} {each.label}" for each in series)
    words = f"{day.since:%A} {day.since.day} {day.since:%B}: {numbers}"
    return Bar(edge=position * STEP, x=position * STEP + (STEP - WIDTH) // 2, pieces=pieces, words=words)


def _round_up(value: int) -> int:
    """Return the least of 5, 10, 20, 50, 100, 200 … that is not below a value."""
    power = 1
    while True:
        for ceiling in (5 * power, 10 * power, 20 * power):
            if ceiling >= value:
                return ceiling
        power *= 10
