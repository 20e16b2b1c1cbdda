"""What the environment may say, and what is refused, naming the setting and never its value."""

import base64
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from config.environment import BASE_DIR, Environment, Maker, VaultKeys, kept_secret

pytestmark = pytest.mark.any_database

SAID = "what it is for"


@pytest.fixture
def environment(tmp_path: Path) -> Any:
    """Make an environment of just these variables."""
    return lambda **variables: Environment({"GATEHOUSE_HOME": str(tmp_path), **variables})


def test_the_parts_of_a_list_are_stripped(environment: Any) -> None:
    assert environment(ALLOWED_HOSTS=" a.example , b.example,, ").listing("ALLOWED_HOSTS", meaning=SAID) == [
        "a.example",
        "b.example",
    ]


@pytest.mark.parametrize("value", ["$abc", "a#b", "a=b", " padded "])
def test_a_value_is_taken_as_it_stands(environment: Any, value: str) -> None:
    assert environment(SECRET_KEY=value).text("SECRET_KEY", meaning=SAID) == value.strip()


def test_a_value_may_lie_in_a_file(environment: Any, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from the file\n")
    assert environment(SECRET_KEY_FILE=str(tmp_path / "key")).text("SECRET_KEY", meaning=SAID) == "from the file"


def test_a_file_that_cannot_be_read_is_refused(environment: Any, tmp_path: Path) -> None:
    env = environment(SECRET_KEY_FILE=str(tmp_path / "none"))
    env.text("SECRET_KEY", meaning=SAID)
    assert env.problems == ["SECRET_KEY_FILE names a file that cannot be read."]


def test_an_empty_value_is_none(environment: Any) -> None:
    assert environment(PORT="").number("PORT", 8000, meaning=SAID) == 8000


@pytest.mark.parametrize("value", ["abc", "-1", "70000", "１２"])
def test_a_number_out_of_bounds_is_refused(environment: Any, value: str) -> None:
    env = environment(PORT=value)
    assert env.number("PORT", 8000, least=1, most=65535, meaning=SAID) == 8000
    assert env.problems == ["PORT must be a whole number from 1 to 65535."]


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "x"])
def test_a_factor_is_above_zero(environment: Any, value: str) -> None:
    env = environment(RATE_LIMIT_SCALE=value)
    assert env.factor("RATE_LIMIT_SCALE", 1, meaning=SAID) == 1
    assert len(env.problems) == 1


@pytest.mark.parametrize("value", ["ftp://a", "a.example", "https://a/b", "https://a?b", "https://u:p@a"])
def test_a_public_address_is_a_site(environment: Any, value: str) -> None:
    env = environment(PUBLIC_URL=value)
    env.url("PUBLIC_URL", "http://localhost", meaning=SAID)
    assert len(env.problems) == 1
    assert value not in env.problems[0]


def test_an_unknown_kind_of_environment_is_taken_for_production(environment: Any) -> None:
    env = environment(GATEHOUSE_ENV="prod")
    assert env.production
    assert env.problems == ["GATEHOUSE_ENV must be one of: development, production."]


def test_development_makes_its_secrets_once(environment: Any, tmp_path: Path) -> None:
    made = environment().secret("SECRET_KEY", Maker(), meaning=SAID)
    assert made == environment().secret("SECRET_KEY", Maker(), meaning=SAID)
    assert stat.S_IMODE((tmp_path / "secrets" / "secret_key").stat().st_mode) == 0o600


def test_racing_starts_agree_on_a_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(20) as pool:
        found = set(pool.map(lambda _: kept_secret(tmp_path / "secrets" / "key", Maker()), range(50)))
    assert len(found) == 1
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["key"]


@pytest.mark.parametrize("value", ["", "short", "a" * 64, "changeme-qzKv8PrnWmXs4TjYbLd7HcGf2RxUe5Aw"])
def test_production_refuses_a_missing_or_weak_secret(environment: Any, value: str) -> None:
    env = environment(GATEHOUSE_ENV="production", SECRET_KEY=value)
    env.secret("SECRET_KEY", Maker(), meaning=SAID)
    assert len(env.problems) == 1
    assert not value or value not in env.problems[0]
    assert not (env.home / "secrets").exists()


def key(text: bytes) -> str:
    return base64.b64encode(text).decode()


GOOD = key(bytes(range(32)))
BAD_KEYS = [
    "x",
    f"k1:{key(b'short')}",
    f"k1:{key(bytes(32))}",
    f"k1:{GOOD},k1:{GOOD}",
    f"k1:{GOOD},k2:{GOOD}",
    f":{GOOD}",
]


@pytest.mark.parametrize("value", BAD_KEYS)
def test_production_refuses_bad_vault_keys(environment: Any, value: str) -> None:
    env = environment(GATEHOUSE_ENV="production", VAULT_KEYS=value)
    env.secret("VAULT_KEYS", VaultKeys(), meaning=SAID)
    assert len(env.problems) == 1
    assert env.problems[0].startswith("VAULT_KEYS cannot be used: ")


def test_production_takes_the_keys_that_the_vault_takes(environment: Any) -> None:
    env = environment(GATEHOUSE_ENV="production", VAULT_KEYS="k1:" + GOOD.rstrip("=").translate({43: 45, 47: 95}))
    env.secret("VAULT_KEYS", VaultKeys(), meaning=SAID)
    assert env.problems == []


def test_what_the_makers_make_is_not_weak() -> None:
    assert not Maker().weakness(Maker().make())
    assert not VaultKeys().weakness(f"{VaultKeys().make()}, old:{GOOD}")


def test_another_database_is_refused_without_its_value(environment: Any) -> None:
    env = environment(DATABASE_URL="mysql://name:hidden@host/db")
    env.database("DATABASE_URL", meaning=SAID)
    assert "hidden" not in env.problems[0]


def test_all_problems_are_told_at_once(environment: Any) -> None:
    env = environment(GATEHOUSE_ENV="production", PORT="x")
    env.number("PORT", 8000, meaning=SAID)
    env.secret("SECRET_KEY", Maker(), meaning=SAID)
    with pytest.raises(SystemExit) as stopped:
        env.stop_if_refused()
    assert str(stopped.value.code).count("\n") == 2


@pytest.mark.parametrize(
    ("value", "numbers", "found"),
    [
        ("", True, {}),
        ("a=1, b = 0.5", True, {"a": "1", "b": "0.5"}),
        ("email=wf-1,sms=wf-2", False, {"email": "wf-1", "sms": "wf-2"}),
    ],
)
def test_pairs_are_read_by_name(environment: Any, value: str, numbers: bool, found: dict[str, str]) -> None:
    env = environment(PAIRS=value)
    assert env.mapping("PAIRS", "pairs", numbers=numbers, meaning=SAID) == found
    assert env.problems == []


@pytest.mark.parametrize("value", ["a", "a=", "=1", "a=0", "a=-1", "a=x", "a=1=2", "a=1,b"])
def test_what_is_no_pair_of_a_name_and_a_number_is_refused(environment: Any, value: str) -> None:
    env = environment(PAIRS=value)
    assert env.mapping("PAIRS", "pairs", numbers=True, meaning=SAID) == {}
    assert len(env.problems) == 1


def test_networks_are_addresses_or_ranges(environment: Any) -> None:
    env = environment(METRICS_ADDRESSES="10.1.0.0/16, ::1,")
    assert [str(network) for network in env.networks("METRICS_ADDRESSES", meaning=SAID)] == ["10.1.0.0/16", "::1/128"]
    assert env.problems == []


@pytest.mark.parametrize("value", ["10.1.2.3/16", "monitor.example", "10.1.0.0/33", "*"])
def test_what_is_no_network_is_refused(environment: Any, value: str) -> None:
    env = environment(METRICS_ADDRESSES=f"10.0.0.1,{value}")
    assert env.networks("METRICS_ADDRESSES", meaning=SAID) == []
    assert len(env.problems) == 1
    assert value not in env.problems[0]


@pytest.mark.parametrize("threads", [16, 64, 256])
def test_some_threads_never_hash(threads: int, tmp_path: Path) -> None:
    script = "from config import settings as s; print(s.ACCOUNTS_HASHES_AT_ONCE, s.ACCOUNTS_HASHES_WAITING)"
    given = {"PATH": os.environ["PATH"], "GATEHOUSE_HOME": str(tmp_path), "WEB_THREADS": str(threads)}
    told = subprocess.run([sys.executable, "-c", script], env=given, cwd=BASE_DIR, capture_output=True, check=True)
    at_once, waiting = map(int, told.stdout.split())
    assert at_once >= 1
    assert waiting >= 1
    assert at_once + waiting == threads - 8
