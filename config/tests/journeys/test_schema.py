"""Every call of the published schema, by Schemathesis: what the schema says is what the service does."""

import os
import sys
from pathlib import Path

import pytest

from config.testing import fuzz
from config.tests.journeys.conftest import make_house

# The distributed set-up answers by the same code on another database: fewer cases, none of them at the boundaries, tell
# whether that matters. Schemathesis makes fewer than asked for where it finds no new ones; the boundaries are thousands
# by themselves.
EMBEDDED = not os.environ.get("TEST_DATABASE_URL")
ASKED, CASES = (800, 2000) if EMBEDDED else (400, 150)


def test_every_call_does_what_the_schema_says(tmp_path: Path) -> None:
    with make_house(tmp_path / "house", "fuzzed", **fuzz.SETTINGS) as house:
        tried = list(fuzz.try_every_call(house, tmp_path, cases=ASKED, boundaries=EMBEDDED))
    sys.stdout.writelines(f"{one}\n" for one in tried)
    if failed := [one.said for one in tried if not one.passed]:
        pytest.fail("\n".join(failed), pytrace=False)
    assert sum(one.cases for one in tried) >= CASES
