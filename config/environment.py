"""The operator's settings, read from the environment: what is asked for, what is missing, and what is refused.

Problems are collected and told together, one line each, naming the setting and never its value. Values are read as
they stand (django-environ would take one that begins with `$` for a reference), each also from a file as NAME_FILE.
"""

import base64
import binascii
import os
import re
import secrets
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from environ.fileaware_mapping import FileAwareMapping

BASE_DIR = Path(__file__).resolve().parent.parent

MIN_SECRET = 32
MIN_DISTINCT = 12  # of the characters of a secret or the bytes of a key: repetition is not randomness
VAULT_KEY_BYTES = 32
_PLACEHOLDER = re.compile(r"change.?me|insecure|example|placeholder|your.?secret", re.IGNORECASE)
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


class Environment:
    """The environment with `.env` under it. Every reader returns something usable and notes what was wrong."""

    def __init__(self, variables: MutableMapping[str, str] | None = None) -> None:
        if variables is None and (BASE_DIR / ".env").exists():
            environ.Env.read_env(BASE_DIR / ".env", overwrite=False)
        self.problems: list[str] = []
        self._source = FileAwareMapping(os.environ if variables is None else variables, cache=False)
        self.production = self.choice("GATEHOUSE_ENV", ("development", "production")) == "production"
        self.home = self._home()

    def text(self, name: str, default: str = "") -> str:
        """Return a value without the white space around it; the default when it is missing or empty."""
        try:
            value = str(self._source.get(name) or "").strip()
        except OSError:
            self.refuse(f"{name}_FILE", "names a file that cannot be read")
            return default
        return value or default

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """Return one of the choices; the first is the default."""
        value = self.text(name, choices[0])
        if value not in choices:
            self.refuse(name, f"must be one of: {', '.join(choices)}")
            return choices[-1]
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a truth value: 1/0, true/false, yes/no, on/off."""
        value = self.text(name).lower()
        if value and value not in _TRUE | _FALSE:
            self.refuse(name, "must be true or false")
        return value in _TRUE or (default and value not in _FALSE)

    def number(self, name: str, default: int, *, least: int = 0, most: int = 2**31) -> int:
        """Return a whole number within bounds."""
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
            self.refuse(name, f"must be a whole number from {least} to {most}")
            return default
        return int(value)

    def factor(self, name: str, default: float) -> float:
        """Return a number above zero."""
        try:
            value = float(self.text(name, str(default)))
        except ValueError:
            value = 0.0
        if not 0 < value < 1e9:
            self.refuse(name, "must be a number above zero")
            return default
        return value

    def listing(self, name: str, default: tuple[str, ...] = ()) -> list[str]:
        """Return the parts of a comma-separated value, each without white space around it."""
        return [part.strip() for part in self.text(name).split(",") if part.strip()] or list(default)

    def url(self, name: str, default: str) -> str:
        """Return the address of a site: scheme and host, perhaps a port, and nothing behind."""
        value = self.text(name, default).rstrip("/")
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query or parts.username:
            self.refuse(name, "must be an address such as https://accounts.example.com, with no path")
            return default
        return value

    def secret(self, name: str, made: "Maker") -> str:
        """Return a secret: as given; in development made on first start; in production its lack is a problem."""
        value = self.text(name)
        if not value and not self.production:
            return kept_secret(self.home / "secrets" / name.lower(), made)
        if not value:
            self.refuse(name, f"is missing. Make one with: {made.recipe}")
        elif self.production and (weakness := made.weakness(value)):
            self.refuse(name, f"{weakness}. Make one with: {made.recipe}")
        return value or made.make()  # never used: the start is refused

    def database(self) -> dict[str, Any]:
        """Return Django's description of the database that DATABASE_URL names; by default SQLite at home."""
        url = self.text("DATABASE_URL", f"sqlite:///{self.home / 'gatehouse.sqlite3'}")
        try:
            database: dict[str, Any] = environ.Env.db_url_config(url)
            vendor = database["ENGINE"].rpartition(".")[2]
        except Exception:
            vendor = ""
        if vendor not in {"sqlite3", "postgresql"}:
            self.refuse("DATABASE_URL", "must be sqlite:///path or postgres://user:password@host:port/name")
            return {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
        return database

    def refuse(self, name: str, why: str) -> None:
        """Note that a setting cannot be accepted."""
        self.problems.append(f"{name} {why}.")

    def stop_if_refused(self) -> None:
        """End the process with one line for each problem, if there are any."""
        if self.problems:
            stop(self.problems)

    def _home(self) -> Path:
        home = Path(self.text("GATEHOUSE_HOME", str(BASE_DIR / "var"))).resolve()
        try:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            self.refuse("GATEHOUSE_HOME", "names a directory that cannot be made")
        return home


class Maker:
    """How a kind of secret is made, and how a bad one is told."""

    recipe = "python -c 'import secrets; print(secrets.token_urlsafe(48))'"

    def make(self) -> str:
        """Return a new secret."""
        return secrets.token_urlsafe(48)

    def weakness(self, value: str) -> str:
        """Return what is wrong with a secret, or nothing."""
        if len(value) < MIN_SECRET or len(set(value)) < MIN_DISTINCT or _PLACEHOLDER.search(value):
            return f"is too weak: at least {MIN_SECRET} random characters"
        return ""


class VaultKeys(Maker):
    """The keys of the vault: `id:base64 of 32 bytes`, the active one first, older ones after commas."""

    recipe = "python -c 'import base64, os; print(\"k1:\" + base64.b64encode(os.urandom(32)).decode())'"

    def make(self) -> str:
        """Return a key ring of one new key."""
        return "k1:" + base64.b64encode(secrets.token_bytes(VAULT_KEY_BYTES)).decode()

    def weakness(self, value: str) -> str:
        """Return what is wrong with the key ring, or nothing."""
        ids = []
        for part in value.split(","):
            key_id, _, encoded = part.strip().partition(":")
            ids.append(key_id)
            try:
                key = base64.b64decode(encoded, validate=True)
            except binascii.Error:
                key = b""
            if not _KEY_ID.match(key_id) or len(key) != VAULT_KEY_BYTES or len(set(key)) < MIN_DISTINCT:
                return "is not a list of id:key where each key is 32 random bytes in base64"
        return "has one id twice" if len(set(ids)) != len(ids) else ""


def kept_secret(path: Path, made: Maker) -> str:
    """Return the secret in a file, making it (mode 600) when it is missing. Of several racing starts one wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(made.make())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # whole or not at all, and never over another's
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def stop(problems: list[str]) -> None:
    """End the process, non-zero, with one line for each problem on standard error."""
    raise SystemExit("\n".join(["Gatehouse does not start:", *(f"  {problem}" for problem in problems)]))
