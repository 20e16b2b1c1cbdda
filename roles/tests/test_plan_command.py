import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from roles import as_code, planning
from roles.models import Role
from roles.testing import give_role, make_role
from roles.tests.people.making import make_person

pytestmark = pytest.mark.django_db

SEND, READ = "letters.send_letter", "letters.read_letter"
FILE = f"roles: {{editor: {{permissions: [{SEND}]}}}}"


def plan(tmp_path: Path, text: str = FILE, **options: Any) -> tuple[str, str]:
    """Run the command on a file; return what it writes to both streams."""
    path, out, err = tmp_path / "roles.yaml", io.StringIO(), io.StringIO()
    path.write_text(text)
    call_command("roles_plan", str(path), stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def editors() -> None:
    make_role("editor", READ)
    give_role(make_person("anna"), "editor")
    give_role(make_person("bert"), "editor", resource="org:7")


@pytest.mark.usefixtures("editors")
def test_it_lists_who_gains_and_loses_what_and_changes_nothing(tmp_path: Path) -> None:
    before = as_code.current()
    out, err = plan(tmp_path)
    assert out.splitlines() == [
        "2 people would gain or lose something.",
        f"  2 people would gain {SEND}",
        f"  2 people would lose {READ}",
        "anna@example.com everywhere",
        f"    + {SEND}",
        f"    - {READ}",
        "bert@example.com on org:7",
        f"    + {SEND}",
        f"    - {READ}",
    ]
    assert (err, as_code.current()) == ("", before)


@pytest.mark.usefixtures("editors")
def test_json_says_the_same_for_programs(tmp_path: Path) -> None:
    found = json.loads(plan(tmp_path, json=True, most=1)[0])
    [change] = found.pop("changes")
    assert found == {"people": 2, "gained": {SEND: 2}, "lost": {READ: 2}}
    assert change.pop("user")
    assert change == {"name": "anna@example.com", "resource": "", "gained": [SEND], "lost": [READ]}


@pytest.mark.usefixtures("editors")
def test_long_work_tells_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "AT_ONCE", 1)
    out, err = plan(tmp_path, most=0)
    assert err.splitlines() == ["1 of 2 people looked at", "2 of 2 people looked at"]
    assert len(out.splitlines()) == 3


@pytest.mark.usefixtures("editors")
def test_role_that_the_file_does_not_name_goes_only_with_prune(tmp_path: Path) -> None:
    make_role("unused", READ)
    assert plan(tmp_path, prune=True)[0].startswith("2 people")
    assert Role.objects.filter(name="unused").exists()
    with pytest.raises(CommandError, match="in use"):
        plan(tmp_path, "roles: {}", prune=True)


@pytest.mark.parametrize(
    "text", ["roles: [", "roles: {editor: {permissions: [letters.burn_letter]}}", "roles: {editor: {inherits: [none]}}"]
)
def test_file_that_could_not_be_applied_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(CommandError):
        plan(tmp_path, text)


def test_number_below_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--most"):
        plan(tmp_path, most=-1)
