"""Root keys that a command fetches, and every way in which that may fail without a word of its output."""

import shlex
import sys
import time
from pathlib import Path

import pytest

from config import key_sources
from config.environment import Environment, VaultKeys
from config.testing.children import wait_until
from config.tests.test_production import run

SAID = "it says"
LOUD = "kept-to-itself-4711"


def python(code: str) -> str:
    """Return the command line that runs some Python."""
    return shlex.join([sys.executable, "-c", code])


def test_command_gives_the_keys() -> None:
    made = VaultKeys().make()
    assert key_sources.run(python(f"print({made!r})")) == made


def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    assert key_sources.run(f"echo $HOME; touch {tmp_path}/made") == f"$HOME; touch {tmp_path}/made"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (python(f"print('{LOUD}'); raise SystemExit(3)"), "ended with status 3"),
        (python(f"import sys; print('{LOUD}', file=sys.stderr)"), "wrote nothing"),
        (f"yes {LOUD}", "wrote more than 65536 bytes"),
        ("/nowhere/at-all", "cannot be run (FileNotFoundError)"),
        ("'open quote", "cannot be run (ValueError)"),
        ("''", "cannot be run"),
    ],
)
def test_command_that_fails_says_why_and_nothing_it_wrote(
    command: str, why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(key_sources.Failed) as failure:
        key_sources.run(command)
    assert why in str(failure.value)
    assert LOUD not in f"{failure.value}{''.join(capfd.readouterr())}"


def test_command_that_hangs_is_ended_with_all_it_started(tmp_path: Path) -> None:
    child = (
        "import pathlib, subprocess, time; started = subprocess.Popen(['sleep', '60']); "
        f"pathlib.Path('{tmp_path}/pid').write_text(str(started.pid)); time.sleep(60)"
    )
    began = time.monotonic()
    with pytest.raises(key_sources.Failed, match="did not end within 2 seconds"):
        key_sources.run(python(child), seconds=2)
    assert time.monotonic() - began < 20
    state = Path(f"/proc/{(tmp_path / 'pid').read_text()}/stat")
    wait_until("its end", lambda: not state.exists() or state.read_text().split()[2] in "ZX", seconds=10, pause=0.05)


def test_command_that_has_said_all_and_goes_on_is_ended() -> None:
    with pytest.raises(key_sources.Failed, match="did not end within 1 seconds"):
        key_sources.run(python("import os, time; os.close(1); time.sleep(60)"), seconds=1)


def environment(tmp_path: Path, **variables: str) -> Environment:
    return Environment({"GATEHOUSE_HOME": str(tmp_path), **variables})


def test_failed_command_is_a_problem_and_makes_no_key(tmp_path: Path) -> None:
    env = environment(tmp_path, VAULT_KEYS_COMMAND="/nowhere/at-all")
    env.secret("VAULT_KEYS", VaultKeys(), given=key_sources.fetched(env), meaning=SAID)
    assert env.problems == ["VAULT_KEYS_COMMAND cannot be run (FileNotFoundError)."]
    assert list(tmp_path.iterdir()) == []


def test_two_sources_are_refused(tmp_path: Path) -> None:
    env = environment(tmp_path, VAULT_KEYS=VaultKeys().make(), VAULT_KEYS_COMMAND="echo k1:x")
    env.secret("VAULT_KEYS", VaultKeys(), given=key_sources.fetched(env), meaning=SAID)
    assert env.problems == ["VAULT_KEYS is given twice: name one source."]


def test_variable_and_file_at_once_are_refused(tmp_path: Path) -> None:
    made = VaultKeys().make()
    (tmp_path / "keys").write_text(made)
    env = environment(tmp_path, VAULT_KEYS=made, VAULT_KEYS_FILE=str(tmp_path / "keys"))
    env.secret("VAULT_KEYS", VaultKeys(), meaning=SAID)
    assert env.problems == ["VAULT_KEYS is given twice: name one source."]


@pytest.mark.parametrize(
    ("encoding", "why"),
    [
        ("utf-16", "VAULT_KEYS_FILE names a file that cannot be read"),
        ("utf-8-sig", "Entry 1 of VAULT_KEYS is not of the form id:base64"),
        ("ascii", ""),
    ],
)
def test_file_that_an_editor_has_saved_otherwise_is_refused(encoding: str, why: str, tmp_path: Path) -> None:
    made = VaultKeys().make()
    (tmp_path / "keys").write_bytes(f"{made}\r\n".encode(encoding))
    show = "from config import settings"
    told = run(tmp_path, "-c", show, VAULT_KEYS="", VAULT_KEYS_FILE=str(tmp_path / "keys"))
    assert (told.returncode, why in told.stderr) == (int(bool(why)), True), told.stderr
    assert "Traceback" not in told.stderr
    assert made[5:20] not in told.stdout + told.stderr


def test_production_starts_with_a_command_and_refuses_one_that_gives_rubbish(tmp_path: Path) -> None:
    made = VaultKeys().make()
    show = "from django.conf import settings as s; print(s.VAULT_KEYS)"
    good = run(tmp_path, "-c", show, VAULT_KEYS="", VAULT_KEYS_COMMAND=python(f"print({made!r})"))
    assert good.stdout.strip() == made, good.stderr
    bad = run(tmp_path, "-c", show, VAULT_KEYS="", VAULT_KEYS_COMMAND=f"echo {LOUD}")
    assert bad.returncode == 1
    assert "VAULT_KEYS cannot be used" in bad.stderr
    assert LOUD not in bad.stdout + bad.stderr


def test_keys_of_a_file_are_watched(tmp_path: Path) -> None:
    made = VaultKeys().make()
    (tmp_path / "keys").write_text(f"{made}\n")
    show = "from vault import keyring; print(keyring.ring().active, keyring.conf.keys_file())"
    setup = f"import django; django.setup(); {show}"
    told = run(tmp_path, "-c", setup, VAULT_KEYS="", VAULT_KEYS_FILE=str(tmp_path / "keys"))
    assert told.stdout.split() == ["k1", str(tmp_path / "keys")], told.stderr
