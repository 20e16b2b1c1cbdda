"""Production starts with everything right, and not at all otherwise; the message names the setting, not its value."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.environment import BASE_DIR, Maker, VaultKeys
from config.testing.children import measured

pytestmark = pytest.mark.any_database  # each process is given a database file of its own
SECRET = "hidden-value"


def run(home: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the house in production, in an environment that is right but for the changes."""
    environment = {
        "PATH": os.environ["PATH"],
        "GATEHOUSE_ENV": "production",
        "GATEHOUSE_HOME": str(home),
        "SECRET_KEY": Maker().make(),
        "VAULT_KEYS": VaultKeys().make(),
        "PUBLIC_URL": "https://accounts.example",
        "EMAIL_HOST": "mail.example",
        "DATABASE_URL": f"sqlite:///{home}/gatehouse.sqlite3",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        **measured(),
        **changes,
    }
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


PRINT = "from config import settings as s; print(s.DEBUG, s.SECURITY_HEADERS['Strict-Transport-Security'], s.DOCS_OPEN)"


def test_production_with_everything_right_starts(tmp_path: Path) -> None:
    result = run(tmp_path, "-c", PRINT)
    assert result.stdout == "False max-age=31536000; includeSubDomains False\n", result.stderr


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", SECRET),
        ("VAULT_KEYS", ""),
        ("VAULT_KEYS", SECRET),
        ("PUBLIC_URL", f"http://{SECRET}.example"),
        ("ALLOWED_HOSTS", f"*,{SECRET}"),
        ("ALLOWED_HOSTS", f".{SECRET}"),
        ("CORS_ORIGINS", f"https://*.{SECRET}"),
        ("EMAIL_HOST", ""),
        ("EMAIL_USE_TLS", "false"),
        ("NOVU_URL", f"http://{SECRET}.example"),
        ("TWILIO_URL", f"http://{SECRET}.example"),
        ("RESEND_URL", f"http://{SECRET}.example"),
        ("METRICS_TOKEN", SECRET),
        ("GATEHOUSE_ENV", "staging"),
        ("DATABASE_URL", f"oracle://{SECRET}/x"),
    ],
)
def test_production_refuses_to_start(tmp_path: Path, setting: str, value: str) -> None:
    result = run(tmp_path, "manage.py", "check", **{setting: value})
    assert result.returncode == 1
    lines = result.stderr.strip().splitlines()
    assert lines[0] == "Gatehouse does not start:"
    assert [line.split()[0] for line in lines[1:]] == [setting]
    assert SECRET not in result.stderr + result.stdout


@pytest.mark.parametrize("module", ["import config.wsgi", "from config.serve import prepare; prepare()"])
def test_an_unreachable_database_stops_the_start(tmp_path: Path, module: str) -> None:
    url = f"sqlite:///{tmp_path}/{SECRET}/none/db.sqlite3"
    result = run(tmp_path, "-c", module, DATABASE_URL=url)
    assert result.returncode == 1
    assert "DATABASE_URL names a database that cannot be reached." in result.stderr
    assert SECRET not in result.stderr + result.stdout


SERVE = "import config.wsgi"


@pytest.fixture
def migrated(tmp_path: Path) -> dict[str, str]:
    """A migrated database, and the secrets it was migrated with."""
    secrets = {"SECRET_KEY": Maker().make(), "VAULT_KEYS": VaultKeys().make(), "ALLOWED_HOSTS": "accounts.example"}
    result = run(tmp_path, "manage.py", "migrate", "--verbosity", "0", **secrets)
    assert result.returncode == 0, result.stderr
    return secrets


def test_a_process_serves_from_a_migrated_database(tmp_path: Path, migrated: dict[str, str]) -> None:
    assert run(tmp_path, "-c", SERVE, **migrated).returncode == 0


def test_no_process_serves_from_a_database_that_is_not_migrated(tmp_path: Path) -> None:
    result = run(tmp_path, "-c", SERVE)
    assert (result.returncode, "migrate" in result.stderr) == (1, True)


def test_no_process_serves_with_keys_that_open_nothing(tmp_path: Path, migrated: dict[str, str]) -> None:
    foreign = migrated | {"VAULT_KEYS": VaultKeys().make()}
    result = run(tmp_path, "-c", SERVE, **foreign)
    assert (result.returncode, "VAULT_KEYS" in result.stderr) == (1, True)
    assert foreign["VAULT_KEYS"] not in result.stderr


def test_no_process_serves_while_the_log_can_be_altered(tmp_path: Path, migrated: dict[str, str]) -> None:
    drop = "import django; django.setup(); from audit import triggers; triggers.drop()"
    assert run(tmp_path, "-c", drop, **migrated).returncode == 0
    result = run(tmp_path, "-c", SERVE, **migrated)
    assert (result.returncode, "audit log" in result.stderr) == (1, True)
