"""People going out: what a file holds, and that it comes in again as it was."""

import csv
import io
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts import hashing
from accounts.models import User
from accounts.testing import PASSWORD, make_person
from accounts.tests.bringing import bring, people, written
from audit.testing import the_entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def settled(tmp_path: Path) -> Path:
    names = {"first_name": '=HYPERLINK("x")', "last_name": "Meier, née Öz"}
    row = people(1, **names, other_emails=["a@home.example"], username="anna", phone="+4915112345678")
    bring(written(tmp_path, [*row, {"email": "berta@example.com", "is_active": False}]))
    return tmp_path


def out(path: Path, **options: Any) -> str:
    said, warned = io.StringIO(), io.StringIO()
    call_command("accounts_export", path, stdout=said, stderr=warned, **options)
    return said.getvalue() + warned.getvalue()


def everybody() -> list[Any]:
    fields = ("email", "username", "first_name", "last_name", "phone", "is_active", "created_at", "handles__canonical")
    return list(User.objects.order_by("email", "handles__canonical").values_list(*fields))


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl"])
def test_what_goes_out_comes_in_again(name: str, settled: Path) -> None:
    before = everybody()
    said = out(settled / name, with_password_hashes=True)
    assert "2 people in" in said
    assert "holds the hashes" in said
    User.objects.all().delete()
    assert "2 imported, 0 refused" in bring(settled / name)
    assert everybody() == before
    assert hashing.matches(PASSWORD, User.objects.get(username="anna").password)
    assert stat.S_IMODE((settled / name).stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl"])
def test_no_hash_goes_out_unasked(name: str, settled: Path) -> None:
    assert "hashes" not in out(settled / name)
    text = (settled / name).read_text()
    assert "password" not in text
    assert "bcrypt" not in text
    assert the_entry("accounts.people.exported").details == {"count": 2, "with_hashes": False}


def test_no_cell_is_a_formula(settled: Path) -> None:
    out(settled / "out.csv")
    with (settled / "out.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert '\'=HYPERLINK("x")' in cells
    assert "'+4915112345678" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_a_file_is_never_written_over(settled: Path) -> None:
    with pytest.raises(CommandError, match="exists"):
        out(settled / "people.jsonl")
    with pytest.raises(CommandError, match="say which it is"):
        out(settled / "people")


@pytest.mark.parametrize("name", ["=1", "'=1", "''@x", "'tis", "O'Neil", "\uff1d1"])
def test_a_cell_comes_back_as_it_was(name: str, tmp_path: Path) -> None:
    user = make_person(first_name=name)
    path = tmp_path / "out.csv"
    out(path)
    assert not next(csv.DictReader(path.open(encoding="utf-8")))["first_name"].startswith(("=", "\uff1d"))
    user.delete()
    bring(path)
    assert User.objects.get().first_name == name
