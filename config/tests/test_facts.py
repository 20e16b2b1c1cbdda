"""What the first pages say of version, Python and licence is one fact each, wherever it is written."""

import re
import tomllib

import pytest
import yaml

from config import __version__
from config.environment import BASE_DIR

pytestmark = pytest.mark.any_database

TOOLS = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
LEAST = TOOLS["mypy"]["python_version"]


def said(name: str) -> str:
    """Return what a file of the repository says."""
    return (BASE_DIR / name).read_text(encoding="utf-8")


def test_the_changelog_begins_with_this_version_and_security_mends_it() -> None:
    assert re.findall(r"(?m)^## (\d+\.\d+\.\d+)", said("CHANGELOG.md"))[0] == __version__
    assert f"| {__version__.rpartition('.')[0]} | yes |" in said("SECURITY.md")


def test_the_oldest_python_is_the_same_everywhere() -> None:
    major, minor = LEAST.split(".")
    assert TOOLS["ruff"]["target-version"] == f"py{major}{minor}"
    assert f"sys.version_info < ({major}, {minor})" in said(".ci/venv")


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/images/facts.svg"])
def test_a_page_names_the_oldest_python(page: str) -> None:
    assert f"{LEAST} or newer" in said(page)


def test_the_forges_run_the_gates_and_the_suite_on_the_oldest_python() -> None:
    jobs = yaml.safe_load(said(".github/workflows/ci.yml"))["jobs"]
    steps = {name: [step["run"] for step in job["steps"] if "run" in step] for name, job in jobs.items()}
    versions = {
        step["with"]["python-version"] for job in jobs.values() for step in job["steps"] if "python" in str(step)
    }
    gitlab = yaml.safe_load(said(".gitlab-ci.yml"))
    assert steps == {"check": ["make check"], "test": ["make test"]}
    assert {name: gitlab[name]["script"] for name in steps} == steps
    assert versions == {LEAST}
    assert gitlab["default"]["image"].startswith(f"python:{LEAST}-")


def test_the_licence_is_named_as_it_is() -> None:
    assert "Apache License" in said("LICENSE").partition("\n\n")[0]
    assert "[Apache License 2.0](LICENSE)" in said("README.md")
