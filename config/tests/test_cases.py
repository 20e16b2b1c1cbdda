"""The list of attacks: each is tried by a test, and what a run tells of them is right."""

import ast
from pathlib import Path

import pytest

from config.testing import cases

pytestmark = pytest.mark.any_database

JOURNEYS = Path(__file__).parent / "journeys"


def numbers_in(source: Path) -> set[str]:
    """Return the numbers that a module marks tests with."""
    calls = (node for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    marks = (call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "case")
    return {argument.value for call in marks for argument in call.args if isinstance(argument, ast.Constant)}  # type: ignore[misc]


def test_every_case_is_tried_by_a_test() -> None:
    tried = set().union(*(numbers_in(path) for path in JOURNEYS.glob("test_*.py")))
    assert cases.KNOWN - tried == set()


def test_a_test_cannot_name_a_case_that_is_not_in_the_list() -> None:
    with pytest.raises(ValueError, match="Z99"):
        cases.case("Z99")


def test_a_case_of_which_one_test_failed_is_told_as_failed() -> None:
    lines = cases.told(["A01", "A01", "A03"], ["A03"])
    assert lines[0] == "A (telling who has an account): 1 of 8 cases held, 3 tests; FAILED: A03"
    assert lines[1].startswith("B (guessing and locking out): 0 of 14 cases held, 0 tests")
