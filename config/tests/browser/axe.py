"""axe-core, which looks for barriers in a page as it is shown. From npm, in the version of package-lock.json."""

import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

FOLDER = Path(__file__).parent
PROGRAM = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = {"serious", "critical"}
HOW = (
    f"No axe-core: {PROGRAM} is missing and could not be fetched. It needs npm (on Debian and Ubuntu: apt-get install "
    f"npm; elsewhere: https://nodejs.org) and its registry; then `npm ci` in {FOLDER}, which this test does by itself."
)


class Missing(Exception):
    """axe-core cannot be had here; the message says how to get it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A barrier: the rule it breaks, how grave it is, and where."""

    rule: str
    impact: str
    places: tuple[str, ...]


@cache
def program() -> str:
    """Return axe's source, fetched from npm the first time. Raises `Missing`."""
    if not PROGRAM.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise Missing(HOW)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            raise Missing(f"{HOW}\n{done.stderr[-1000:]}")
    return PROGRAM.read_text()


def findings(page: Page) -> list[Finding]:
    """Return every barrier that axe finds in a page as it stands, the slight ones too."""
    page.evaluate(program())
    answer: dict[str, Any] = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        Finding(rule=found["id"], impact=found["impact"], places=tuple(str(node["target"]) for node in found["nodes"]))
        for found in answer["violations"]
    ]


def grave(page: Page) -> list[Finding]:
    """Return the serious and critical findings alone."""
    return [found for found in findings(page) if found.impact in GRAVE]
