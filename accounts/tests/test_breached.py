"""Passwords from breaches: the list on disk, how it is built, and the service that may be asked."""

import io
import random
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts import breach_service, breached, breached_building, checks, passwords
from accounts.tests.breach_service import BreachService, served
from kit.errors import Invalid, Unavailable

WORDS = ["correct horse battery", "Straße der Kastanien 5", "another fifteen letters"]


@pytest.fixture
def service(settings: Any) -> Iterator[BreachService]:
    breach_service.forget_failure()
    with served() as served_here:
        settings.ACCOUNTS_BREACHED_SERVICE = served_here.address
        yield served_here
    breach_service.forget_failure()


def build(directory: Path, lines: list[str], **options: Any) -> Path:
    source, target = directory / "source", directory / "list"
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    call_command("accounts_breached_build", source, target, stdout=io.StringIO(), **options)
    return target


def hashes(words: list[str], count: int = 5) -> list[str]:
    return [f"{breached.sha1(word).hex().upper()}:{count}" for word in words]


def reason(password: str) -> str:
    try:
        passwords.require_acceptable(password)
    except Invalid as refused:
        return refused.reason
    return "accepted"


@pytest.mark.parametrize(
    "lines",
    [[*WORDS, "", WORDS[0]], hashes(WORDS), sorted(hashes(WORDS)), [line[:40].lower() for line in hashes(WORDS)]],
)
def test_a_list_of_any_form_refuses_its_words(lines: list[str], tmp_path: Path, settings: Any) -> None:
    settings.ACCOUNTS_BREACHED_LIST = build(tmp_path, lines)
    assert [reason(word) for word in WORDS] == ["password_breached"] * 3
    assert reason("a password of nobody else") == "accepted"


def test_a_word_is_refused_in_any_case(tmp_path: Path, settings: Any) -> None:
    settings.ACCOUNTS_BREACHED_LIST = build(tmp_path, WORDS)
    assert reason("CORRECT Horse Battery") == "password_breached"
    assert reason("STRASSE DER KASTANIEN 5") == "password_breached"


def test_a_new_list_takes_the_place_of_the_old_one_at_once(tmp_path: Path, settings: Any) -> None:
    settings.ACCOUNTS_BREACHED_LIST = build(tmp_path, WORDS[:1])
    assert reason(WORDS[1]) == "accepted"
    build(tmp_path, WORDS[1:])
    assert [reason(word) for word in WORDS] == ["accepted", "password_breached", "password_breached"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["list", "source"]


def test_hashes_seen_too_seldom_are_left_out(tmp_path: Path) -> None:
    lines = [*hashes(WORDS[:1], 9), *hashes(WORDS[1:], 10)]
    assert len(breached.BreachedList(build(tmp_path, lines, at_least=10))) == 2


@pytest.mark.parametrize("in_order", [True, False])
def test_every_record_is_found_whatever_the_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, in_order: bool
) -> None:
    monkeypatch.setattr(breached_building, "AT_ONCE", 100)
    words = [f"word number {number}" for number in range(2500)]
    lines = hashes(words) * 2
    found = breached.BreachedList(build(tmp_path, sorted(lines) if in_order else lines))
    assert len(found) == len(words)
    assert all(breached.sha1(word) in found for word in words)
    assert not any(breached.sha1(f"other {number}") in found for number in range(1000))
    assert "no digest" not in found


def test_a_long_list_is_built_in_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breached_building, "AT_ONCE", 10_000)
    pick = random.Random(7)
    source = io.BytesIO(b"".join(pick.randbytes(20).hex().encode() + b"\n" for _ in range(150_000)))
    tracemalloc.start()
    breached_building.build(source=source, target=tmp_path / "list", are_hashes=True, tell=lambda _: None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * 1024**2
    assert len(breached.BreachedList(tmp_path / "list")) == 150_000


def test_a_line_that_is_no_hash_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Line 3 is no SHA-1"):
        build(tmp_path, [*hashes(WORDS[:1]), "", "word"])
    with pytest.raises(CommandError, match="Line 1 is no SHA-1"):
        build(tmp_path, WORDS, form="hashes")
    assert not (tmp_path / "list").exists()


def test_a_source_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("accounts_breached_build", tmp_path / "nothing", tmp_path / "list")


@pytest.mark.parametrize("content", [None, b"", b"BREACHED", b"x" * 24, breached.HEADER.pack(b"BREACHED", 1, 6, 5)])
def test_a_list_that_cannot_be_read_stops_the_start_and_lets_nobody_choose(
    content: bytes | None, tmp_path: Path, settings: Any
) -> None:
    settings.ACCOUNTS_BREACHED_LIST = tmp_path / "list"
    if content is not None:
        settings.ACCOUNTS_BREACHED_LIST.write_bytes(content)
    assert [problem.id for problem in checks.check_breached(None)] == ["accounts.E010"]
    with pytest.raises(Unavailable):
        passwords.require_acceptable(WORDS[0])


@pytest.mark.parametrize(
    ("address", "problems"),
    [("", []), ("https://pwned.example.com/api", []), ("ftp://x", ["accounts.E011"]), ("x?y", ["accounts.E011"])],
)
def test_the_address_of_a_service_is_checked(address: str, problems: list[str], settings: Any) -> None:
    settings.ACCOUNTS_BREACHED_SERVICE = address
    assert [problem.id for problem in checks.check_breached(None)] == problems


def test_a_sound_list_passes_the_check(tmp_path: Path, settings: Any) -> None:
    settings.ACCOUNTS_BREACHED_LIST = build(tmp_path, WORDS)
    assert checks.check_breached(None) == []


def test_the_service_learns_five_characters(service: BreachService) -> None:
    assert reason(WORDS[0]) == "password_breached"
    assert reason("a password of nobody else") == "accepted"
    digest = breached.sha1(WORDS[0]).hex().upper()
    assert service.asked[0] == f"/range/{digest[:5]}"
    assert digest[5:] not in "".join(service.asked)


def test_nobody_is_asked_unless_an_operator_says_so(service: BreachService, settings: Any) -> None:
    settings.ACCOUNTS_BREACHED_SERVICE = ""
    assert reason(WORDS[0]) == "accepted"
    assert service.asked == []


def test_padding_is_no_breach() -> None:
    assert not breach_service._is_among("A" * 35, f"{'A' * 35}:0")
    assert breach_service._is_among("A" * 35, f"{'a' * 35}:1")


@pytest.mark.parametrize("fault", ["error", "redirect", "garbage", "endless", "silent", "dripping"])
def test_a_service_that_fails_keeps_nobody_from_registering(fault: str, service: BreachService) -> None:
    service.fault = fault
    started = time.monotonic()
    assert reason(WORDS[0]) == "accepted"
    assert time.monotonic() - started < breach_service.CONNECT_WITHIN + 2 * breach_service.ANSWER_WITHIN
    service.fault = ""
    assert reason(WORDS[0]) == "accepted"  # left alone for a while
    assert len(service.asked) == 1
    breach_service.forget_failure()
    assert reason(WORDS[0]) == "password_breached"


def test_a_service_that_is_not_there_keeps_nobody_from_registering(settings: Any) -> None:
    with served() as gone:
        settings.ACCOUNTS_BREACHED_SERVICE = gone.address
    breach_service.forget_failure()
    assert reason(WORDS[0]) == "accepted"
    assert reason("short") == "password_weak"
    breach_service.forget_failure()
