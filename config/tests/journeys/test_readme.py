"""The walk in the README, pasted as a reader would, against the service in one process."""

import re
import subprocess
from pathlib import Path

import pytest

from config.testing.processes import Gatehouse
from config.testing.servers import ROOT

WALK = re.compile(r"<!-- walk -->(.*)<!-- end of walk -->", re.DOTALL)
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)


@pytest.fixture
def walked(tmp_path: Path) -> str:
    """Start the service as `make run` does, paste every block, and return what the terminal showed."""
    walk = WALK.search((ROOT / "README.md").read_text())
    assert walk is not None
    script = "\n".join(BLOCK.findall(walk.group(1)))
    with Gatehouse(tmp_path / "home") as house:
        result = subprocess.run(
            ["bash", "-eu", "-c", script],
            cwd=ROOT,
            env=house.environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.mark.any_database
def test_the_walk_in_the_readme_works_as_pasted(walked: str) -> None:
    shown = [
        "a mail is on its way",
        "Subject: Confirm your address",
        "The address is confirmed",
        '"email":"anna@example.com"',
        '"current":true',
        '{"allowed":false}',
        '{"allowed":true}',
        '"status":"queued"',
        '"status":"sent"',
        '"code": "invalid_token"',
        "Created superuser staff@example.com",
    ]
    assert [text for text in shown if text not in walked] == []
