"""What people would choose among wrongly is told at the start."""

from typing import Any

import pytest

from notifications.people_checks import check_categories, check_unsubscribe_address


def ids(errors: list[Any]) -> list[str]:
    return [error.id for error in errors]


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ({}, []),
        ({"tips": {"title": "Tips", "bulk": True}}, []),
        ({"No Word": {}}, ["notifications.E040"]),
        ({"tips": {"colour": "red"}}, ["notifications.E040"]),
        (["tips"], ["notifications.E040"]),
        ({f"tips.{n}": {} for n in range(126)}, []),
        ({f"tips.{n}": {} for n in range(127)}, ["notifications.E040"]),
    ],
)
def test_what_is_no_category_stops_the_start(declared: Any, told: list[str], settings: Any) -> None:
    settings.NOTIFICATIONS_CATEGORIES = declared
    assert ids(check_categories(None)) == told


@pytest.mark.parametrize(("address", "told"), [("", []), ("stop@example.com", []), ("stop", ["notifications.E041"])])
def test_an_address_to_unsubscribe_by_is_one(address: str, told: list[str], settings: Any) -> None:
    settings.NOTIFICATIONS_UNSUBSCRIBE_MAILTO = address
    assert ids(check_unsubscribe_address(None)) == told
