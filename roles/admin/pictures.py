"""Roles as a picture: who inherits from whom, drawn by the server in columns, with arrows to what is inherited.

Geometry in whole numbers, which a template writes as SVG attributes: no style and no script, so the strictest content
policy lets it through. A role stands in the column after the last of those that inherit it. An arrow that spans
columns keeps a place free in each of them, so that no arrow runs through a role; each column is put in the order of
what its roles are linked to, which is what keeps arrows from crossing (Sugiyama's method).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

HEIGHT, GAP, BETWEEN = 32, 12, 64  # of a role, below it, and between columns
PASS = 8  # the height of the place that an arrow keeps free
CHARACTER, PADDING = 8, 12
MOST_CHARACTERS = 22
MARGIN = 4
ROUNDS = 4

Link = tuple[str, str]  # a role, and one that it inherits
_Spot = tuple[str, ...]  # a role, or the place of an arrow in a column: role, inherited role, column


@dataclass(frozen=True, slots=True)
class Box:
    """One role: where it stands, what is written in it, and whether the picture is about it."""

    name: str
    x: int
    y: int
    width: int
    height: int = HEIGHT
    is_chosen: bool = False

    @property
    def label(self) -> str:
        """Return as much of the name as there is room for."""
        return self.name if len(self.name) <= MOST_CHARACTERS else f"{self.name[: MOST_CHARACTERS - 1]}…"

    @property
    def text_x(self) -> int:
        """Return where the middle of the label is."""
        return self.x + self.width // 2

    @property
    def text_y(self) -> int:
        """Return where the middle of the label is."""
        return self.y + self.height // 2


@dataclass(frozen=True, slots=True)
class Picture:
    """All that the template draws: roles, arrows (as SVG paths) and the size of the whole."""

    boxes: Sequence[Box]
    arrows: Sequence[str]
    width: int
    height: int


def draw(links: Iterable[Link], *, chosen: str = "") -> Picture:
    """Return the picture of these links, and of the chosen role even if it has none."""
    pairs = sorted(set(links))
    names = sorted({name for pair in pairs for name in pair} | ({chosen} if chosen else set()))
    columns = _columns(names, pairs)
    lines = [_line(pair, columns) for pair in pairs]
    boxes, places = _stand(_in_order(names, lines, columns), chosen)
    width = max((box.x + box.width for box in boxes.values()), default=0) + MARGIN
    bottoms = [*(box.y + box.height for box in boxes.values()), *(y for _, y in places.values())]
    height = max(bottoms, default=0) + MARGIN
    arrows = [_path(line, boxes, places) for line in lines]
    return Picture(boxes=list(boxes.values()), arrows=arrows, width=width, height=height)


def _columns(names: Iterable[str], pairs: Iterable[Link]) -> dict[str, int]:
    """Return the column of each role: behind all that inherit it. As many rounds as roles, so a circle would end."""
    columns = dict.fromkeys(names, 0)
    for _ in range(len(columns)):
        moved = False
        for upper, lower in pairs:
            if columns[lower] <= columns[upper]:
                columns[lower], moved = columns[upper] + 1, True
        if not moved:
            break
    return columns


def _line(pair: Link, columns: Mapping[str, int]) -> list[_Spot]:
    """Return the spots that an arrow goes through: its role, its place in each column between, what is inherited."""
    upper, lower = pair
    between: list[_Spot] = [(upper, lower, str(column)) for column in range(columns[upper] + 1, columns[lower])]
    return [(upper,), *between, (lower,)]


def _in_order(names: Iterable[str], lines: Iterable[Sequence[_Spot]], columns: Mapping[str, int]) -> list[list[_Spot]]:
    """Return the spots of each column from above to below, near what they are linked to."""
    before, after = defaultdict[_Spot, list[_Spot]](list), defaultdict[_Spot, list[_Spot]](list)
    order: list[list[_Spot]] = [[] for _ in range(max(columns.values(), default=-1) + 1)]
    for name in names:
        order[columns[name]].append((name,))
    for line in lines:
        for spot in line[1:-1]:
            order[int(spot[-1])].append(spot)
        for left, right in pairwise(line):
            after[left].append(right)
            before[right].append(left)
    for _ in range(ROUNDS):
        _settle(order, before)
        _settle(order[::-1], after)
    return order


def _settle(columns: Sequence[list[_Spot]], linked: Mapping[_Spot, Sequence[_Spot]]) -> None:
    """Put each column in the order of the mean place of what its spots are linked to in the one before."""
    for fixed, moving in pairwise(columns):
        place = {spot: index / len(fixed) for index, spot in enumerate(fixed)}
        own = {spot: index / len(moving) for index, spot in enumerate(moving)}
        means = {
            spot: sum(found) / len(found)
            if (found := [place[each] for each in linked.get(spot, ()) if each in place])
            else own[spot]
            for spot in moving
        }
        moving.sort(key=lambda spot, means=means: means[spot])  # type: ignore[misc]


def _stand(order: Sequence[Sequence[_Spot]], chosen: str) -> tuple[dict[str, Box], dict[_Spot, tuple[int, int]]]:
    """Return where each role stands, and the left and right end of each place that an arrow keeps free, at one height.

    Each column is centred on the highest one.
    """
    heights = [sum(_height(spot) + GAP for spot in column) for column in order]
    boxes, places, x = dict[str, Box](), dict[_Spot, tuple[int, int]](), MARGIN
    for column, height in zip(order, heights, strict=True):
        width = max((_width(spot[0]) for spot in column if len(spot) == 1), default=0)
        y = MARGIN + (max(heights) - height) // 2
        for spot in column:
            if len(spot) == 1:
                boxes[spot[0]] = Box(name=spot[0], x=x, y=y, width=width, is_chosen=spot[0] == chosen)
            else:
                places[spot] = (x, y + PASS // 2)
                places[(*spot, "end")] = (x + width, y + PASS // 2)
            y += _height(spot) + GAP
        x += width + BETWEEN
    return boxes, places


def _height(spot: _Spot) -> int:
    return HEIGHT if len(spot) == 1 else PASS


def _width(name: str) -> int:
    return min(len(name), MOST_CHARACTERS) * CHARACTER + 2 * PADDING


def _path(line: Sequence[_Spot], boxes: Mapping[str, Box], places: Mapping[_Spot, tuple[int, int]]) -> str:
    """Return an arrow as an SVG path: from the right edge of a role to the left edge of what it inherits."""
    start, end = boxes[line[0][0]], boxes[line[-1][0]]
    points = [(start.x + start.width, start.text_y)]
    for spot in line[1:-1]:
        points += [places[spot], places[(*spot, "end")]]
    points.append((end.x, end.text_y))
    first, *rest = points
    steps, at = [f"M{first[0]} {first[1]}"], first
    for number, point in enumerate(rest):
        middle = (at[0] + point[0]) // 2
        curved = f"C{middle} {at[1]} {middle} {point[1]} {point[0]} {point[1]}"
        steps.append(curved if number % 2 == 0 else f"H{point[0]}")
        at = point
    return " ".join(steps)
