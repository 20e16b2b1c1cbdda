import itertools

import pytest

from roles.admin import pictures
from roles.admin.pictures import Box, Link


def boxes(links: list[Link], chosen: str = "") -> dict[str, Box]:
    return {box.name: box for box in pictures.draw(links, chosen=chosen).boxes}


def test_role_stands_right_of_every_role_that_inherits_it() -> None:
    links = [("a", "b"), ("b", "c"), ("a", "c"), ("d", "c")]
    found = boxes(links)
    assert all(found[upper].x + found[upper].width < found[lower].x for upper, lower in links)


def test_no_two_roles_touch() -> None:
    links = [(f"upper-{n % 7}", f"lower-{n % 11}") for n in range(60)] + [("upper-1", "upper-2"), ("lower-3", "base")]
    for one, other in itertools.combinations(boxes(links).values(), 2):
        apart = one.x + one.width < other.x or other.x + other.width < one.x
        assert apart or one.y + one.height < other.y or other.y + other.height < one.y


def test_arrow_begins_at_one_role_and_ends_at_the_other() -> None:
    picture = pictures.draw([("a", "b")])
    start, end = (next(box for box in picture.boxes if box.name == name) for name in "ab")
    assert picture.arrows[0].startswith(f"M{start.x + start.width} {start.text_y} ")
    assert picture.arrows[0].endswith(f" {end.x} {end.text_y}")


def test_arrow_over_several_columns_runs_straight_past_the_roles_between() -> None:
    picture = pictures.draw([("a", "b"), ("b", "c"), ("a", "c")])
    middle = next(box for box in picture.boxes if box.name == "b")
    around = next(arrow for arrow in picture.arrows if "H" in arrow)
    assert f"H{middle.x + middle.width} " in around
    height = int(around.split("H")[0].rsplit(" ", 1)[0].rsplit(" ", 1)[1])
    assert not middle.y <= height <= middle.y + middle.height


def test_crossed_links_are_put_straight() -> None:
    found = boxes([("a", "z"), ("b", "y"), ("c", "x")])
    assert (found["a"].y < found["b"].y) == (found["z"].y < found["y"].y)
    assert (found["b"].y < found["c"].y) == (found["y"].y < found["x"].y)


def test_chosen_role_is_drawn_even_by_itself() -> None:
    assert boxes([], chosen="hermit")["hermit"].is_chosen
    assert not boxes([("a", "b")], chosen="a")["b"].is_chosen


def test_everything_lies_within_the_picture() -> None:
    picture = pictures.draw([("a", f"role-{number}") for number in range(30)])
    assert all(box.x >= 0 and box.x + box.width <= picture.width for box in picture.boxes)
    assert all(box.y >= 0 and box.y + box.height <= picture.height for box in picture.boxes)


def test_arrow_past_the_lowest_role_lies_within_the_picture() -> None:
    picture = pictures.draw([("a", "b"), ("b", "c"), ("a", "c")])
    straight = next(arrow for arrow in picture.arrows if "H" in arrow)
    assert int(straight.split(" H")[0].split()[-1]) < picture.height


@pytest.mark.parametrize(("name", "label"), [("x" * 22, "x" * 22), ("x" * 23, "x" * 21 + "…")])
def test_long_name_is_cut_where_there_is_no_room(name: str, label: str) -> None:
    assert boxes([], chosen=name)[name].label == label


def test_circle_is_drawn_all_the_same() -> None:
    assert set(boxes([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")])) == {"a", "b", "c", "d"}


def test_nothing_is_an_empty_picture() -> None:
    assert pictures.draw([]).boxes == []
