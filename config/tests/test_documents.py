"""What the documents say is what the code does."""

import ast
import re
from pathlib import Path

import pytest

from config import variables
from config.documents import committed, configuration, events, licences, metrics
from config.documents.licences import NOTES, NPM, PINS, TOLD_ELSEWHERE, is_permissive, licence_of, list_npm, list_pinned
from config.environment import BASE_DIR
from config.tests.test_architecture import python_files
from config.tests.test_production import run

pytestmark = pytest.mark.any_database

PINNED = sorted({name for file in PINS.values() for name in list_pinned(file)})


@pytest.mark.parametrize("name", committed.MAKERS)
def test_a_committed_document_says_what_the_code_does(name: str) -> None:
    said = (committed.DIRECTORY / name).read_text(encoding="utf-8")
    assert said == committed.MAKERS[name](), f"docs/{name} is out of date: run `make docs`"


def test_fields_within_fields_and_headers_of_answers_stand_in_the_calls() -> None:
    said = (committed.DIRECTORY / "api.md").read_text(encoding="utf-8")
    for told in ("`attempts[].outcome`", "`checks.database`", "- header `Idempotency-Replay`"):
        assert told in said


def test_a_missing_or_altered_document_is_found(tmp_path: Path) -> None:
    committed.write(tmp_path)
    assert committed.list_stale(tmp_path) == []
    (tmp_path / "events.md").unlink()
    (tmp_path / "permissions.md").write_text("nothing is allowed")
    assert committed.list_stale(tmp_path) == ["events.md", "permissions.md"]


def test_the_documents_are_the_same_whatever_the_environment_says(tmp_path: Path) -> None:
    result = run(
        tmp_path, "-m", "config.documents", "--check", PORT="9000", EMAIL_USE_SSL="true", EMAIL_USE_TLS="false"
    )
    assert result.returncode == 0, result.stderr


PAGES = sorted([*BASE_DIR.glob("*.md"), *(BASE_DIR / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
NAMED = re.compile(r"`((?:[a-z_]+/)+[a-z_]+\.py)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_points_to_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    places = [page.parent / target for target in LINK.findall(text)]
    places += [BASE_DIR / target for target in NAMED.findall(text)]
    assert [str(place) for place in places if not place.exists()] == []


def test_each_setting_of_an_app_is_explained() -> None:
    assert configuration.list_unexplained() == []


def test_each_variable_is_read_once_and_says_what_it_means() -> None:
    read = [one for section in variables.env.sections for one in section.variables]
    assert [one.name for one in read if not one.meaning.endswith(".")] == []
    assert len({one.name for one in read}) == len(read)


def test_the_environment_is_read_through_its_readers_alone() -> None:
    """Anything else would be a setting without a line in the documents."""
    own = {path for path in python_files() if "tests" not in path.parts and "testing" not in path.parts}
    readers = {
        str(path.relative_to(BASE_DIR))
        for path in own
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"} and ast.unparse(node.value) == "os"
    }
    # The last one tells a library where to look, and reads nothing.
    ours = {
        "config/celery.py",
        "config/environment.py",
        "config/streams.py",
        "config/key_sources.py",
        "config/serve.py",
        "config/wsgi.py",
        "kit/metric_files.py",
    }
    assert readers == ours


def test_event_types_are_declared_where_they_are_looked_for() -> None:
    places = {
        path.name
        for path in python_files()
        if not {"tests", "testing"} & set(path.parts) and "= EventType(" in path.read_text()
    }
    assert places == {"event_types.py"}
    assert {event.name.partition(".")[0] for event in events.list_declared()} >= {"accounts", "house", "roles", "vault"}


@pytest.mark.parametrize("name", PINNED)
def test_a_licence_is_permissive_or_explained(name: str) -> None:
    assert is_permissive(licence_of(name)) or name in NOTES


@pytest.mark.parametrize(("name", "licence"), list_npm().items())
def test_a_licence_of_npm_is_permissive_or_explained(name: str, licence: str) -> None:
    assert is_permissive(licence) or name in NOTES


def test_every_list_of_pins_and_every_lock_is_in_the_licences() -> None:
    assert {path.name for path in BASE_DIR.glob("requirements*.txt")} == {*PINS.values()}
    locks = [path for path in BASE_DIR.glob("[!.]*/**/package-lock.json") if "node_modules" not in path.parts]
    assert [str(path.relative_to(BASE_DIR)) for path in locks] == [NPM]


def test_nothing_is_said_of_what_is_not_pinned() -> None:
    assert NOTES.keys() | TOLD_ELSEWHERE.keys() <= {*PINNED, *list_npm()}


@pytest.mark.parametrize("licence", ["LGPL-3.0-only", "GPL-3.0-or-later", "MIT OR SSPL-1.0", "Proprietary", ""])
def test_a_licence_that_asks_for_more_is_not_taken_for_permissive(licence: str) -> None:
    assert not is_permissive(licence)


def test_a_package_that_is_not_installed_is_told() -> None:
    with pytest.raises(LookupError, match="not installed"):
        licences.licence_of("no-such-package-anywhere")


def test_each_label_of_a_metric_is_explained() -> None:
    unexplained = [
        (one.name, label) for one in metrics.list_all() for label in one.labels if not metrics.words_of(one, label)
    ]
    assert unexplained == []
