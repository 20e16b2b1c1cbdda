"""Root keys in a file that changes while the process runs."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from kit.testing import races
from vault import keyring, sealing
from vault.testing import OTHER_KEY, root_keys

ANOTHER = "t2:k4QICz8yBTPalnCyd1CshSQAI9xF39rQrs/DMN/ejCY="
NEWER = "n1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.fixture
def path(tmp_path: Path, settings: Any) -> Path:
    file = tmp_path / "keys"
    file.write_text(OTHER_KEY)
    settings.VAULT_KEYS, settings.VAULT_KEYS_FILE = OTHER_KEY, str(file)
    return file


@pytest.fixture
def put(path: Path) -> Callable[[str], None]:
    """Put another text in the place of the file, as a careful operator does."""

    def replace(text: str) -> None:
        draft = path.with_name("draft")
        draft.write_text(text)
        draft.replace(path)

    return replace


def test_file_that_did_not_change_is_not_read_again(path: Path) -> None:
    before = keyring.ring(seconds=0)
    assert keyring.ring(seconds=0) is before


def test_changed_file_is_in_force_when_it_is_looked_at(put: Callable[[str], None]) -> None:
    assert keyring.active_id() == "t2"
    put(f"{NEWER},{OTHER_KEY}")
    assert keyring.ring(seconds=3600).active == "t2"
    assert keyring.ring(seconds=0).active == "n1"
    assert keyring.active_id() == "n1"


def test_value_under_a_key_that_is_not_known_yet_opens(put: Callable[[str], None]) -> None:
    assert keyring.active_id() == "t2"
    with root_keys(NEWER), override_settings(VAULT_KEYS_FILE=""):
        sealed = sealing.seal(b"by another process", label="l", row="r")
    put(f"{NEWER},{OTHER_KEY}")
    assert sealing.unseal(sealed, label="l", row="r") == b"by another process"


@pytest.mark.parametrize("text", ["", "n1:short", "é", OTHER_KEY[:20]])
def test_bad_file_leaves_the_keys_of_before(
    text: str, put: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    before = keyring.ring(seconds=0)
    put(text)
    with caplog.at_level(logging.ERROR):
        assert [keyring.ring(seconds=0) for _ in range(3)] == [before] * 3
    assert len(caplog.records) == 1
    assert OTHER_KEY[3:20] not in caplog.text
    put(f"{NEWER},{OTHER_KEY}")
    assert keyring.ring(seconds=0).active == "n1"


def test_missing_file_leaves_the_keys_of_before(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.unlink()
    assert [keyring.ring(seconds=0).active for _ in range(3)] == ["t2"] * 3
    assert [record.getMessage().split()[-1] for record in caplog.records] == ["FileNotFoundError"]


def test_file_whose_owner_or_mode_has_changed_is_looked_at_again(
    put: Callable[[str], None], path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.unlink()
    path.mkdir()  # not to be read, by root either
    before = keyring.ring(seconds=0)
    assert "IsADirectoryError" in caplog.text
    path.chmod(0o750)
    keyring.ring(seconds=0)
    assert [record.getMessage().split()[-1] for record in caplog.records] == ["IsADirectoryError"] * 2
    path.rmdir()
    put(f"{NEWER},{OTHER_KEY}")
    assert (before.active, keyring.ring(seconds=0).active) == ("t2", "n1")


@pytest.mark.parametrize("text", [f"{NEWER},{ANOTHER}", ANOTHER])
def test_file_in_which_an_id_names_another_key_changes_nothing(
    text: str, put: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    before = keyring.ring(seconds=0)
    put(text)
    assert keyring.ring(seconds=0) is before
    assert caplog.records[0].getMessage().endswith("An id names another key than before.")


def test_active_key_that_is_gone_is_told_of_and_another_is_not(
    put: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    put(f"{NEWER},{OTHER_KEY}")
    assert keyring.ring(seconds=0).active == "n1"
    put(NEWER)
    assert tuple(keyring.ring(seconds=0).keys) == ("n1",)
    assert caplog.records == []
    put(OTHER_KEY)  # as after a change that this process has slept through
    assert keyring.ring(seconds=0).active == "t2"
    assert [record.args for record in caplog.records] == [("n1",)]


def test_many_threads_see_one_ring(put: Callable[[str], None]) -> None:
    put(f"{NEWER},{OTHER_KEY}")
    assert {ring.active for ring in races.run(40, lambda: keyring.ring(seconds=0))} == {"n1"}  # type: ignore[union-attr]
