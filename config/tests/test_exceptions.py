"""Each exception to a gate is a decision: it says why, something needs it, and none leaves a part of the house out."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from config.documents import readings
from config.testing.gates.catalogue import PACKAGES, ROOT
from config.tests.test_architecture import named, python_files

pytestmark = pytest.mark.any_database

TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
LINT = TOOLS["ruff"]["lint"]
REMARK = re.compile(
    r"#\s*(?:noqa|nosec|nosemgrep|pragma:|pylint:|mypy:|ruff:|flake8:|isort:|fmt:|type: ignore)(?![\w`])[^#]*"
)
WHOLE_FILE = re.compile(r"#\s*(?:(?:ruff|flake8|mypy|pylint|isort):|fmt: off)")


def program(name: str) -> str:
    """Return a program beside the running Python."""
    return str(Path(sys.executable).parent / name)


def run(*command: str) -> str:
    """Return what a program prints, whatever it thinks of the code."""
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout


def remarks() -> Iterator[tuple[str, str]]:
    """Yield each remark that silences a gate, outside tests, with its place."""
    for path in python_files():
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if "tests" not in path.parts and (told := REMARK.findall(line)):
                yield f"{named(path)}:{number}", told[-1]


def test_every_exception_to_a_gate_says_why() -> None:
    # A `type: ignore` names its code, which mypy asks for.
    silent = [place for place, told in remarks() if "type: ignore[" not in told and " - " not in told]
    assert silent == []


def test_no_file_is_excepted_as_a_whole() -> None:
    assert [place for place, told in remarks() if WHOLE_FILE.search(told)] == []


@pytest.fixture(scope="module")
def found_without_exceptions() -> list[tuple[str, str]]:
    """File and rule of everything that ruff finds when nothing is excepted but by a remark."""
    command = [program("ruff"), "check", ".", "--isolated", "--no-cache", "--line-length", "120"]
    command += ["--target-version", "py311", "--output-format", "json"]
    for folder in TOOLS["ruff"]["extend-exclude"]:
        command += ["--exclude", folder]
    # Of two rules that contradict each other, "all" takes one.
    found = [one for rules in ("ALL", "D203", "D213") for one in json.loads(run(*command, "--select", rules))]
    return [(str(Path(one["filename"]).relative_to(ROOT)), one["code"]) for one in found]


@pytest.mark.parametrize("rule", LINT["ignore"])
def test_a_rule_that_is_switched_off_would_find_something(
    rule: str, found_without_exceptions: list[tuple[str, str]]
) -> None:
    assert any(code == rule for _, code in found_without_exceptions)


@pytest.mark.parametrize(
    ("pattern", "rule"), [(pattern, rule) for pattern, rules in LINT["per-file-ignores"].items() for rule in rules]
)
def test_an_exception_for_some_files_is_needed_by_one(
    pattern: str, rule: str, found_without_exceptions: list[tuple[str, str]]
) -> None:
    assert any(code.startswith(rule) and matches(name, pattern) for name, code in found_without_exceptions)


def matches(name: str, pattern: str) -> bool:
    """Tell whether a path is meant by a pattern of ruff's, as it is written in pyproject.toml."""
    alternatives = re.search(r"\{(.*)\}", pattern)
    choices = alternatives[1].split(",") if alternatives else [""]
    return any(fnmatch(f"/{name}", re.sub(r"\{.*\}", choice, f"*/{pattern}")) for choice in choices)


def test_each_dependency_that_is_not_imported_is_listed_and_no_other(tmp_path: Path) -> None:
    report = tmp_path / "deptry.json"
    run(program("deptry"), ".", "--per-rule-ignores", "DEP002=none", "--json-output", str(report))
    unused = {one["module"] for one in json.loads(report.read_text()) if one["error"]["code"] == "DEP002"}
    assert unused == set(TOOLS["deptry"]["per_rule_ignores"]["DEP002"])


@pytest.mark.parametrize("test", TOOLS["bandit"]["skips"])
def test_a_test_of_bandit_that_is_skipped_would_find_something(test: str, tmp_path: Path) -> None:
    own = tmp_path / "bandit.yaml"
    own.write_text(json.dumps({"exclude_dirs": TOOLS["bandit"]["exclude_dirs"]}))
    command = (program("bandit"), "-q", "-r", "-c", str(own), "-t", test, "-f", "json", *PACKAGES)
    assert json.loads(run(*command))["results"]


def listed() -> dict[str, list[Any]]:
    """Return each list of the packages of the house that a tool is given."""
    contracts = TOOLS["importlinter"]["contracts"]
    return {
        "deptry": TOOLS["deptry"]["known_first_party"],
        "import-linter": TOOLS["importlinter"]["root_packages"],
        "the floors": [name for layer in contracts[0]["layers"] for name in layer.split(" | ")],
        "those above kit": [*contracts[1]["source_modules"], *contracts[1]["forbidden_modules"]],
        "those below config": [*contracts[2]["source_modules"], *contracts[2]["forbidden_modules"]],
        "coverage": TOOLS["coverage"]["run"]["source"],
        "settings": [*readings.APPS, "config"],
    }


@pytest.mark.parametrize("tool", listed())
def test_every_package_is_judged_by_every_tool(tool: str) -> None:
    assert sorted(listed()[tool]) == list(PACKAGES)


def test_mypy_is_told_of_no_library_that_nobody_imports() -> None:
    untyped = TOOLS["mypy"]["overrides"][0]["module"]
    code = "\n".join(path.read_text() for path in python_files())
    imported = set(re.findall(r"^\s*(?:from|import) (\w+)", code, re.MULTILINE))
    assert {name.removesuffix(".*") for name in untyped} - imported == set()
