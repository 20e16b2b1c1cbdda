"""Every gate of the house by name: the command that judges, and whether it is quick enough for each commit."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# The house itself. What measures it from outside is judged by the gates that read every file.
PACKAGES = tuple(sorted({path.parent.name for path in ROOT.glob("*/__init__.py")} - {"bench"}))
SEMGREP = str(ROOT / ".venv-semgrep" / "bin" / "semgrep")
RULES = ".ci/semgrep"


# Output for people and files alike; semgrep neither tells nor asks anybody anything.
_SILENT = {
    "NO_COLOR": "1",
    "SEMGREP_SEND_METRICS": "off",
    "SEMGREP_ENABLE_VERSION_CHECK": "0",
    "SEMGREP_SETTINGS_FILE": str(ROOT / ".venv-semgrep" / "settings.yml"),
}
# The gates read the settings of the tests: a home of their own, no secrets made in ./var.
_TESTS = {"DJANGO_SETTINGS_MODULE": "config.tests.settings"}


@dataclass(frozen=True)
class Gate:
    """One thing that must hold. The command's first word is a program beside the running Python, or its whole path."""

    name: str
    command: tuple[str, ...]
    quick: bool = False

    @property
    def arguments(self) -> list[str]:
        """Return the command as it is started, from the root of the repository."""
        program, *rest = self.command
        return [str(Path(sys.executable).parent / program), *rest]

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment it is started in."""
        return {**os.environ, **_TESTS, **_SILENT}


def _semgrep(*arguments: str) -> tuple[str, ...]:
    return (SEMGREP, "scan", "--metrics=off", "--disable-version-check", "--config", RULES, *arguments)


# The slowest first: they run several at a time.
GATES = (
    Gate("types", ("mypy", "--no-fast-exit", "--no-error-summary", ".")),
    Gate("duplicates", ("pylint", *PACKAGES)),
    Gate("patterns", _semgrep("--error", "--strict", "--exclude", "tests", "--exclude", "testing", *PACKAGES)),
    Gate("rules-of-patterns", _semgrep("--test", RULES)),
    Gate("secrets", ("python", "-m", "config.testing.gates.secrets_left"), quick=True),
    Gate("schema", ("python", "-m", "config.testing.schema", "--check")),
    Gate("documents", ("python", "-m", "config.documents", "--check")),
    Gate("migrations", ("python", "manage.py", "makemigrations", "--check", "--dry-run")),
    Gate("checks", ("python", "manage.py", "check", "--fail-level", "WARNING")),
    Gate("floors", ("lint-imports",), quick=True),
    Gate("security", ("bandit", "--quiet", "--recursive", "--configfile", "pyproject.toml", *PACKAGES), quick=True),
    Gate("maintainability", ("python", "-m", "config.testing.gates.maintainability"), quick=True),
    Gate("dependencies", ("deptry", "--no-ansi", "."), quick=True),
    Gate("advisories", ("python", "-m", "config.testing.gates.advisories")),
    Gate("lint", ("ruff", "check", "."), quick=True),
    Gate("format", ("ruff", "format", "--check", "."), quick=True),
)
