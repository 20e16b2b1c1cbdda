from itertools import product

import pytest

from roles import vocabulary


@pytest.mark.parametrize(
    "name", ["letters.send_letter", "letters.*", "*", "roles.view_grant", "people.add_person", "people.greet_person"]
)
def test_declared_names_model_permissions_and_their_wildcards_are_known(name: str) -> None:
    assert vocabulary.of_apps().knows(name)


@pytest.mark.parametrize(
    "name",
    ["letters.burn_letter", "letters", "nobody.*", "", "letters.", ".*", "**", "letters.send_letter.*", "LETTERS.*"],
)
def test_everything_else_is_unknown(name: str) -> None:
    assert not vocabulary.of_apps().knows(name)


def test_declared_description_replaces_that_of_the_model() -> None:
    assert vocabulary.of_apps().names["roles.view_role"] == "See the roles and what they hold"


def test_wildcard_expands_to_the_names_it_covers() -> None:
    assert vocabulary.of_apps().expand({"letters.*"}) == {"letters.*", "letters.send_letter", "letters.read_letter"}


def test_any_of_many_names_is_touched_as_each_by_itself_is() -> None:
    names = ("*", "letters.*", "letters.send_letter", "letters.read_letter", "stamps.*", "stamps.buy_stamp")
    for held, asked in product(names, repeat=2):
        assert vocabulary.touched(frozenset({held}), asked) == vocabulary.touches(held, asked)
        assert vocabulary.touched(frozenset({"other.thing", held}), asked) == (
            vocabulary.touches(held, asked) or asked == "*"
        )
    assert not vocabulary.touched(frozenset(), "*")


def test_star_expands_to_everything() -> None:
    assert vocabulary.of_apps().expand({"*"}) == {"*", *vocabulary.of_apps().names}
