"""Every call of the published schema, by Schemathesis: what the schema says is what the service does."""

import sys
from pathlib import Path

import pytest

from config.testing import fuzz
from config.tests.journeys.conftest import make_house


def try_every_call(home: Path, *, asked: int, boundaries: bool) -> int:
    """Make about so many requests of a service of its own, and those at the boundaries; return how many were made."""
    with make_house(home / "house", "fuzzed", **fuzz.SETTINGS) as house:
        tried = list(fuzz.try_every_call(house, home, cases=asked, boundaries=boundaries))
    sys.stdout.writelines(f"{one}\n" for one in tried)
    if failed := [one.said for one in tried if not one.passed]:
        pytest.fail("\n".join(failed), pytrace=False)
    return sum(one.cases for one in tried)


# Schemathesis makes fewer than asked for where it finds no new ones.
def test_every_call_does_what_the_schema_says(tmp_path: Path) -> None:
    assert try_every_call(tmp_path, asked=400, boundaries=False) >= 150


# The boundaries are thousands of cases by themselves, for which one database is enough.
@pytest.mark.long
@pytest.mark.any_database
def test_it_does_so_at_each_boundary_of_each_value(tmp_path: Path) -> None:
    assert try_every_call(tmp_path, asked=800, boundaries=True) >= 2000
