"""Bringing people over by command, and taking them out again."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from accounts import hashing, importing, people_files
from accounts.models import Handle, User
from accounts.testing import PASSWORD, make_person
from accounts.tests.bringing import HASH, bring, people, refused, written
from audit.testing import entries, the_entry
from kit.clock import utcnow

pytestmark = pytest.mark.django_db


class Killed(Exception):
    """The process ends here."""


ANNA = {
    "email": "Anna@Example.com",
    "other_emails": ["anna@home.example"],
    "username": "Anna.M",
    "first_name": "Anna",
    "last_name": "Meier",
    "phone": "+4915112345678",
    "locale": "de-AT",
    "time_zone": "Europe/Vienna",
    "is_active": False,
    "created_at": "2020-02-03T04:05:06Z",
}


def test_a_person_comes_over_whole_and_signs_in(tmp_path: Path) -> None:
    assert "1 imported, 0 refused" in bring(written(tmp_path, [{**people(1)[0], **ANNA}]))
    user = User.objects.get()
    shown = (user.email, user.username, user.last_name_key, user.is_active)
    assert shown == ("anna@example.com", "Anna.M", "meier", False)
    assert user.created_at == dt.datetime(2020, 2, 3, 4, 5, 6, tzinfo=dt.UTC)
    names = {handle.canonical for handle in Handle.objects.all()}
    assert names == {"anna@example.com", "anna@home.example", "anna.m"}
    assert hashing.matches(PASSWORD, user.password)
    assert the_entry("accounts.user.imported").target == str(user.pk)


def test_without_a_hash_no_password_fits(tmp_path: Path) -> None:
    bring(written(tmp_path, [{"email": "anna@example.com", "password_hash": None}]))
    assert not User.objects.get().has_usable_password()


def test_each_refused_line_is_told_with_its_reason(tmp_path: Path) -> None:
    make_person("held@example.com")
    rows = [
        *("no json", "[]", '{"email": "a@example.com", "password": "secret"}', "{}", ""),
        {"email": "no address"},
        {"email": "held@example.com"},
        {"email": "b@example.com", "password_hash": "$2b$31$" + "a" * 53},
        {"email": "c@example.com", "password_hash": 5},
        {"email": "d@example.com", "phone": "0151"},
        {"email": "e@example.com", "created_at": "2999-01-01T00:00:00Z"},
        {"email": "f@example.com", "username": "admin"},
        {"email": "g@example.com", "other_emails": ["G@example.com"]},
        {"email": "good@example.com"},
        {"email": "GOOD@example.com"},
        json.dumps({"email": "h@example.com", "first_name": "x" * 70_000}),
        {"email": "i@example.com", "other_emails": ["i@home.example", "no address"]},
    ]
    path = written(tmp_path, rows)
    assert "1 imported, 15 refused" in bring(path)
    told = ["malformed", "malformed", "unknown_field", "required", None, "invalid_email", "taken", "costly_hash"]
    told += ["malformed_hash", "invalid_phone", "invalid", "reserved", "duplicate", None, "duplicate", "too_long"]
    told += ["invalid_email"]
    assert refused(path) == {number: reason for number, reason in enumerate(told, 1) if reason}


def test_the_report_holds_no_hash(tmp_path: Path) -> None:
    path = written(tmp_path, people(1, password_hash=HASH[:-2]))
    bring(path)
    assert refused(path) == {1: "unknown_hash"}
    assert HASH[:20] not in path.with_name("people.jsonl.refused.csv").read_text()


def test_a_dry_run_changes_nothing_and_tells_the_same(tmp_path: Path) -> None:
    make_person("person-1@example.com")
    path = written(tmp_path, [*people(3), *people(1)])
    assert "Would be: 2 imported, 2 refused" in bring(path, dry_run=True)
    assert refused(path) == {2: "taken", 4: "duplicate"}
    assert User.objects.count() == 1
    assert not entries("accounts.import.advanced")
    assert "2 imported, 2 refused" in bring(path)


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH", 10)
    rows = [{"email": "no address"}, *people(25), {"email": "none"}, *people(3), *people(45)[40:]]
    path = written(tmp_path, rows)
    advance = importing._mark

    def killed(*args: Any) -> None:
        if User.objects.count() > 19:
            raise Killed
        advance(*args)

    monkeypatch.setattr(importing, "_mark", killed)
    with pytest.raises(Killed):
        bring(path)
    told = {1: "invalid_email", 27: "invalid_email", 28: "duplicate", 29: "duplicate", 30: "duplicate"}
    assert (User.objects.count(), refused(path)) == (19, told)
    monkeypatch.setattr(importing, "_mark", advance)
    said = bring(path)
    assert "Going on behind line 20" in said
    assert "30 imported, 5 refused" in said
    assert refused(path) == told
    assert len(entries("accounts.user.imported")) == User.objects.count() == 30


def test_a_file_that_is_done_is_not_done_again(tmp_path: Path) -> None:
    path = written(tmp_path, people(2))
    bring(path)
    assert "has been imported: 2 imported" in bring(path)
    other = written(tmp_path, [*people(2), {"email": "one@example.com"}], "other.jsonl")
    assert "1 imported, 2 refused" in bring(other)
    assert User.objects.count() == 3


def test_a_name_that_is_taken_meanwhile_costs_its_line_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sort_out = importing._sorted_out

    def raced(*args: Any) -> Any:
        sorted_out = sort_out(*args)
        make_person("person-1@example.com")
        return sorted_out

    monkeypatch.setattr(importing, "_sorted_out", raced)
    path = written(tmp_path, people(3))
    assert "2 imported, 1 refused" in bring(path)
    assert refused(path) == {2: "taken"}
    assert len(entries("accounts.user.imported")) == 2


def test_a_name_whose_time_of_being_held_is_over_is_free(tmp_path: Path) -> None:
    user, now = make_person("anna@example.com"), utcnow()
    held = {"user": user, "kind": "email", "confirmed_at": now}
    Handle.objects.create(canonical="person-0@example.com", held_until=now - dt.timedelta(days=1), **held)
    Handle.objects.create(canonical="person-1@example.com", held_until=now + dt.timedelta(days=1), **held)
    path = written(tmp_path, people(2))
    assert "1 imported, 1 refused" in bring(path)
    assert refused(path) == {2: "taken"}


def test_csv_is_read_with_its_quotes_and_its_empty_cells(tmp_path: Path) -> None:
    lines = [
        "\ufeffemail,first_name,last_name,other_emails,is_active,phone",
        'anna@example.com,"An,na",,a@home.example b@home.example,false,\'+4915112345678',
        "",
        '"berta@example.com","Ber',
        'ta",Meier,,,',
        "too,many,cells,in,this,line,here",
        '"broken"@example.com,,,,,',
    ]
    path = written(tmp_path, lines, "people.csv")
    assert "1 imported, 3 refused" in bring(path)
    anna = User.objects.get(email="anna@example.com")
    assert (anna.first_name, anna.is_active, anna.phone, anna.handles.count()) == ("An,na", False, "+4915112345678", 3)
    assert refused(path) == {4: "control", 6: "malformed", 7: "malformed"}


@pytest.mark.parametrize(
    ("name", "first", "words"),
    [
        ("people.txt", "{}", "say which it is with --format"),
        ("people.csv", "email,password", "Passwords themselves are never taken"),
        ("people.csv", "email,email", "names its columns"),
        ("people.csv", "username", "names its columns"),
        ("people.csv", "", "names its columns"),
    ],
)
def test_a_file_that_is_none_of_people_is_refused(name: str, first: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=words):
        bring(written(tmp_path, [first], name))
    with pytest.raises(CommandError, match="No such file"):
        bring(tmp_path / "nothing.csv")


def test_long_lines_and_long_files_are_read_in_pieces(tmp_path: Path) -> None:
    path = written(tmp_path, ["x" * 200_000, '{"email": "a@example.com"}', "y" * (people_files.MOST_OCTETS + 1)])
    found = list(people_files.rows(path, "jsonl"))
    assert [(row.line, row.refusal.reason if row.refusal else "") for row in found] == [
        *((1, "too_long"), (2, ""), (3, "too_long")),
    ]
    assert people_files.identify(path).lines == 3


@pytest.mark.parametrize(
    "text", ["x" * 131_050 + "{},V", '"' + "x" * 200_000 + '\n{},V\n"', '"' + "x\n" * 70_000 + '{},V\n"']
)
def test_what_stands_in_a_cell_too_long_is_no_row(text: str, tmp_path: Path) -> None:
    rows = ["email,first_name", "a@example.com," + text.format("victim@example.com"), "b@example.com,B"]
    with pytest.raises(CommandError, match="where its row ends cannot be told"):
        bring(written(tmp_path, rows, "p.csv"))
    assert not User.objects.exists()


def test_a_first_line_that_is_no_csv_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no CSV"):
        bring(written(tmp_path, ['"email"x'], "p.csv"))


def test_half_a_surrogate_pair_costs_its_line_alone(tmp_path: Path) -> None:
    lines = ['{"email": "a@a.example", "\\ud800": 1}', '{"email": "b@b.example", "first_name": "\\ud800"}']
    path = written(tmp_path, [*lines, *people(1)])
    bring(path)
    assert list(User.objects.values_list("email", flat=True)) == ["person-0@example.com"]
    assert set(refused(path)) == {1, 2}
