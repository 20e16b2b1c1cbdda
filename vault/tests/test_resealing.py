"""Everything comes under the active key, and what others write meanwhile stays as they wrote it."""

import datetime as dt
import io
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from kit.testing import races
from vault import resealing
from vault.models import SigningKey
from vault.testing import OTHER_KEY, root_keys
from vault.tests.papers.models import Cover, Paper

NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
NEWEST = "n1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
pytestmark = pytest.mark.django_db


@pytest.fixture
def both(settings: Any) -> Iterator[str]:
    """Two papers and a cover under `t1`; from then on `t2` is active and `t1` still opens."""
    SigningKey.objects.all().delete()
    Paper.objects.create(text="one", stamp=b"1")
    Cover.objects.create(paper=Paper.objects.create(text="two"), note="three")
    ring = f"{OTHER_KEY},{settings.VAULT_KEYS}"
    with root_keys(ring):
        yield ring


def run() -> resealing.Outcome:
    return resealing.run(tell=lambda number: None)


def command(*arguments: str) -> str:
    out = io.StringIO()
    call_command("vault_rotate", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def keep_letters(key_id: str, *, now: dt.datetime) -> Iterator[str]:
    yield f"letters need {key_id}"


@pytest.mark.usefixtures("both")
def test_everything_comes_under_the_active_key() -> None:
    assert resealing.waiting() == 4
    assert run() == resealing.Outcome(renewed=4)
    assert resealing.waiting() == 0
    with root_keys(OTHER_KEY):
        assert sorted(paper.text for paper in Paper.objects.all()) == ["one", "two"]
        assert (Paper.objects.get(stamp__isnull=False).stamp, Cover.objects.get().note) == (b"1", "three")


@pytest.mark.usefixtures("both")
def test_second_run_finds_nothing_to_do() -> None:
    run()
    before = list(Paper.objects.order_by("pk").values("text", "stamp"))
    assert run() == resealing.Outcome()
    assert list(Paper.objects.order_by("pk").values("text", "stamp")) == before


def test_batches_follow_each_other(monkeypatch: pytest.MonkeyPatch, both: str) -> None:
    monkeypatch.setattr(resealing, "BATCH", 2)
    Paper.objects.bulk_create([Paper(text="more") for _ in range(3)])
    told: list[int] = []
    with root_keys(",".join(reversed(both.split(",")))):
        resealing.run(tell=told.append)
    assert told == [2, 1]
    assert resealing.waiting() == 7


@pytest.mark.usefixtures("both")
def test_value_changed_since_it_was_read_stays_changed() -> None:
    column = Paper._meta.get_field("stamp")
    paper = Paper.objects.get(stamp__isnull=False)
    sealed = Paper.objects.values_list("stamp", flat=True).get(pk=paper.pk)
    paper.stamp = b"changed"
    paper.save()
    assert not resealing.renew(column, row=paper.pk, sealed=sealed)
    assert Paper.objects.get(pk=paper.pk).stamp == b"changed"


@pytest.mark.usefixtures("both")
def test_value_that_does_not_open_is_named_and_left(capsys: pytest.CaptureFixture[str]) -> None:
    broken = Paper.objects.get(text__under="t1", stamp__isnull=False)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE papers_paper SET text = stamp WHERE stamp IS NOT NULL")
    with pytest.raises(CommandError, match="1 values are not under t2"):
        call_command("vault_rotate")
    told = capsys.readouterr()
    assert f"Does not open: papers.paper.text {broken.pk}" in told.err
    assert "3 values encrypted anew under t2, 0 written by others meanwhile, 1 that do not open." in told.out
    assert "t1 must stay: 1 encrypted values are left under it" in told.out


@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_while_others_write(settings: Any) -> None:
    papers = Paper.objects.bulk_create([Paper(text="before") for _ in range(60)])
    turns = itertools.count()

    def work() -> None:
        turn = next(turns)
        if turn % 6 == 0:
            run()
        paper = Paper.objects.get(pk=papers[turn].pk)
        assert paper.text == "before"
        paper.text = str(turn)
        paper.save()

    with root_keys(f"{OTHER_KEY},{settings.VAULT_KEYS}"):
        assert races.run(60, work, threads=6) == [None] * 60
        run()
        assert resealing.waiting() == 0
        assert [Paper.objects.get(pk=paper.pk).text for paper in papers] == [str(turn) for turn in range(60)]


@pytest.mark.usefixtures("both")
def test_command_says_what_is_under_which_key() -> None:
    with pytest.raises(CommandError, match="4 values are not under t2"):
        command("--check")
    assert resealing.waiting() == 4
    told = command()
    assert "4 values encrypted anew under t2" in told
    assert "papers.paper.text: 2 under t2\n" in told
    assert "vault.SigningKey.sealed: none\n" in told
    assert "0 values encrypted anew" in command()


def test_key_is_needed_for_what_apps_above_say_and_as_the_last(both: str) -> None:
    settings_of = override_settings(VAULT_KEY_HOLDERS=("vault.tests.test_resealing.keep_letters",))
    with settings_of:
        assert list(resealing.holders("t1", now=NOW))[1:] == ["letters need t1"]
        assert "t1 must stay: as the last of the list it makes the digests" in command()
    with root_keys(f"{both},{NEWEST}"):
        assert "t1 may be removed, unless callers keep" in command()


@pytest.mark.usefixtures("both")
def test_values_that_name_no_key_are_counted_apart() -> None:
    with root_keys(NEWEST):
        assert resealing.remaining()["papers.paper.text"] == {"": 2}
        with pytest.raises(CommandError):
            assert "papers.paper.text: 2 under no key we have" in command("--check")
