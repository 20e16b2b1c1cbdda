"""Categories: which must arrive, which are bulk, and what any other word is."""

from typing import Any

import pytest

from notifications import categories


@pytest.mark.parametrize("name", ["security", "codes", "account"])
def test_what_must_arrive_is_neither_bulk_nor_gathered(name: str) -> None:
    category = categories.find(name)
    assert (category.must_arrive, category.bulk, category.digest_allowed) == (True, False, False)


@pytest.mark.parametrize("name", ["bulk", "marketing", "newsletter"])
def test_bulk_can_be_unsubscribed(name: str) -> None:
    category = categories.find(name)
    assert (category.must_arrive, category.can_be_unsubscribed, category.digest_allowed) == (False, True, True)


def test_any_word_is_a_category_with_the_defaults() -> None:
    category = categories.find("late_invoices")
    assert (category.title, category.must_arrive, category.bulk) == ("Late invoices", False, False)
    assert categories.find("").name == categories.OTHER


def test_a_project_declares_its_own(settings: Any) -> None:
    settings.NOTIFICATIONS_CATEGORIES = {
        "tips": {"title": "Tips", "bulk": True, "default_channels": ["email"]},
        "outages": {"must_arrive": True},
    }
    tips = categories.find("tips")
    assert (tips.title, tips.can_be_unsubscribed, tips.default_channels) == ("Tips", True, ("email",))
    assert categories.find("outages").must_arrive
    assert [*categories.declared()][-2:] == ["tips", "outages"]


def test_what_the_house_promises_of_its_own_stays(settings: Any) -> None:
    settings.NOTIFICATIONS_CATEGORIES = {"security": {"title": "Safety", "must_arrive": False, "bulk": True}}
    category = categories.find("security")
    assert (category.title, category.must_arrive, category.bulk) == ("Safety", True, False)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("No Word", {}),
        ("tips", {"bulk": True, "must_arrive": True}),
        ("tips", {"default_channels": ["pigeon"]}),
    ],
)
def test_what_is_no_category_is_told_at_the_start(settings: Any, name: str, values: dict[str, Any]) -> None:
    settings.NOTIFICATIONS_CATEGORIES = {name: values}
    with pytest.raises(ValueError, match=r"categor|bulk|channels"):
        categories.declared()
