"""The operator's settings, read from the environment: what is asked for, what is missing, and what is refused.

Problems are collected and told together, one line each, naming the setting and never its value. Values are read as
they stand (django-environ would take one that begins with `$` for a reference), each also from a file as NAME_FILE.
Whoever reads one says what it means, so that no setting can exist without a line in `docs/configuration.md`.
"""

import base64
import ipaddress
import os
import re
import secrets
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from environ.fileaware_mapping import FileAwareMapping

BASE_DIR = Path(__file__).resolve().parent.parent

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MIN_SECRET = 32
MIN_DISTINCT = 12  # of the characters of a secret: repetition is not randomness
VAULT_KEY_BYTES = 32
MAX_FACTOR = 1e9
_PLACEHOLDER = re.compile(r"change.?me|insecure|example|placeholder|your.?secret", re.IGNORECASE)
_AMOUNT = re.compile(r"(?=[0-9.]*[1-9])[0-9]{1,9}(\.[0-9]{1,3})?")
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """One setting that was read: its name, what values it takes, what is in force without it, what it means."""

    name: str
    kind: str
    default: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Section:
    """The settings read under one heading."""

    title: str
    text: str = ""
    variables: list[Variable] = field(default_factory=list)


class Environment:
    """The environment with `.env` under it. Every reader returns something usable and notes what was wrong.

    Each takes the `meaning` of what it reads, for the operator, and says what is in force without a value: `unset` in
    words where the default depends on other settings, the default itself elsewhere.
    """

    def __init__(self, variables: MutableMapping[str, str] | None = None) -> None:
        if variables is None and (BASE_DIR / ".env").exists():
            environ.Env.read_env(BASE_DIR / ".env", overwrite=False)
        self.problems: list[str] = []
        self.sections: list[Section] = [Section("Always")]
        self._variables = os.environ if variables is None else variables
        self._source = FileAwareMapping(self._variables, cache=False)
        kinds = ("development", "production")
        meaning = "`production` refuses to start on anything unsafe (below)."
        self.production = self.choice("GATEHOUSE_ENV", kinds, meaning=meaning) == "production"
        self.home = _home(self)

    def section(self, title: str, text: str = "") -> None:
        """Put what is read from now on under a heading."""
        self.sections.append(Section(title, text))

    def text(self, name: str, default: str = "", *, meaning: str, unset: str = "") -> str:
        """Return a value without the white space around it; the default when it is missing or empty."""
        self._note(name, "text", unset or _shown(default), meaning)
        return self._read(name, default)

    def choice(self, name: str, choices: tuple[str, ...], *, meaning: str) -> str:
        """Return one of the choices; the first is the default."""
        self._note(name, " or ".join(f"`{choice}`" for choice in choices), _shown(choices[0]), meaning)
        value = self._read(name, choices[0])
        if value not in choices:
            self.refuse(name, f"must be one of: {', '.join(choices)}")
            return choices[-1]
        return value

    def flag(self, name: str, *, default: bool, meaning: str, unset: str = "") -> bool:
        """Return a truth value: 1/0, true/false, yes/no, on/off."""
        self._note(name, "`true` or `false`", unset or _shown(str(default).lower()), meaning)
        value = self._read(name).lower()
        if value and value not in _TRUE | _FALSE:
            self.refuse(name, "must be true or false")
        return value in _TRUE or (default and value not in _FALSE)

    def number(
        self, name: str, default: int, *, meaning: str, unset: str = "", least: int = 0, most: int = 2**31
    ) -> int:
        """Return a whole number within bounds."""
        self._note(name, f"whole number, {least} to {most}", unset or _shown(str(default)), meaning)
        value = self._read(name, str(default))
        if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
            self.refuse(name, f"must be a whole number from {least} to {most}")
            return default
        return int(value)

    def factor(self, name: str, default: float, *, meaning: str) -> float:
        """Return a number above zero."""
        self._note(name, "number above zero", _shown(str(default)), meaning)
        try:
            value = float(self._read(name, str(default)))
        except ValueError:
            value = 0.0
        if not 0 < value < MAX_FACTOR:
            self.refuse(name, "must be a number above zero")
            return default
        return value

    def listing(self, name: str, default: tuple[str, ...] = (), *, meaning: str, unset: str = "") -> list[str]:
        """Return the parts of a comma-separated value, each without white space around it."""
        self._note(name, "list", unset or _shown(",".join(default)), meaning)
        return [part.strip() for part in self._read(name).split(",") if part.strip()] or list(default)

    def mapping(self, name: str, kind: str, *, meaning: str, numbers: bool = False) -> dict[str, str]:
        """Return the pairs of a list of `name=value`, values perhaps numbers above zero."""
        self._note(name, kind, "", meaning)
        pairs = [part.strip().partition("=") for part in self._read(name).split(",") if part.strip()]
        given = {key.strip(): value.strip() for key, _, value in pairs}
        if not all(key and value and (not numbers or _AMOUNT.fullmatch(value)) for key, value in given.items()):
            self.refuse(name, "must be a list of name=value" + (", each value a number above zero" if numbers else ""))
            return {}
        return given

    def networks(self, name: str, *, meaning: str) -> list[Network]:
        """Return the networks of a comma-separated list; a single address is one as well."""
        try:
            return [ipaddress.ip_network(part) for part in self.listing(name, meaning=meaning)]
        except ValueError:
            self.refuse(name, "must be addresses and networks such as 10.1.0.0/16, with no bit beyond the prefix")
            return []

    def url(self, name: str, default: str, *, meaning: str, unset: str = "") -> str:
        """Return the address of a site: scheme and host, perhaps a port, and nothing behind; empty without any."""
        self._note(name, "address with no path", unset or _shown(default), meaning)
        value = self._read(name, default).rstrip("/")
        if value and not _is_origin(value):
            self.refuse(name, "must be an address such as https://accounts.example.com, with no path")
            return default
        return value

    def secret(self, name: str, made: "Maker", *, meaning: str, given: str = "") -> str:
        """Return a secret: as given; in development made on first start; in production its lack is a problem.

        `given` is what came by another way; two ways at once, a file being one of them, are refused.
        """
        self._note(name, made.kind, "made on first start; in production it must be given", meaning)
        if sum(map(bool, (self._variables.get(name), self._variables.get(f"{name}_FILE"), given))) > 1:
            self.refuse(name, "is given twice: name one source")
        value = self._read(name) or given
        if not value and not self.production:
            return kept_secret(self.home / "secrets" / name.lower(), made)
        if not value:
            self.refuse(name, f"is missing. Make one with: {made.recipe}")
        elif self.production and (weakness := made.weakness(value)):
            self.refuse(name, f"{weakness}. Make one with: {made.recipe}")
        return value or made.make()  # never used: the start is refused

    def database(self, name: str, *, meaning: str) -> dict[str, Any]:
        """Return Django's description of the database that a URL names; by default SQLite at home."""
        kind = "`postgres://user:password@host:port/name` or `sqlite:///path`"
        self._note(name, kind, "SQLite under `GATEHOUSE_HOME`", meaning)
        url = self._read(name, f"sqlite:///{self.home / 'gatehouse.sqlite3'}")
        database = _described(url)
        if not database:
            self.refuse(name, "must be sqlite:///path or postgres://user:password@host:port/name")
        return database or {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}

    def refuse(self, name: str, why: str) -> None:
        """Note that a setting cannot be accepted."""
        self.problems.append(f"{name} {why}.")

    def stop_if_refused(self) -> None:
        """End the process with one line for each problem, if there are any."""
        if self.problems:
            stop(self.problems)

    def _read(self, name: str, default: str = "") -> str:
        try:
            value = str(self._source.get(name) or "").strip()
        except (OSError, ValueError):  # no file, not ours to read, or no text
            self.refuse(f"{name}_FILE", "names a file that cannot be read")
            return default
        return value or default

    def _note(self, name: str, kind: str, default: str, meaning: str) -> None:
        self.sections[-1].variables.append(Variable(name=name, kind=kind, default=default, meaning=meaning))


class Maker:
    """How a kind of secret is made, and how a bad one is told."""

    kind = f"at least {MIN_SECRET} random characters"
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

    kind = "`id:key,older:key…`, each key 32 random bytes in base64"
    recipe = "python -c 'import base64, os; print(\"k1:\" + base64.b64encode(os.urandom(32)).decode())'"

    def make(self) -> str:
        """Return a key ring of one new key."""
        return "k1:" + base64.b64encode(secrets.token_bytes(VAULT_KEY_BYTES)).decode()

    def weakness(self, value: str) -> str:
        """Return what the vault finds wrong with the key ring, or nothing."""
        from vault import keyring  # not with this module: the process that only waits for signals needs no cryptography

        try:
            keyring.parse(value)
        except keyring.BadKeys as error:
            return f"cannot be used: {str(error).rstrip('.')}"
        return ""


def _is_origin(value: str) -> bool:
    parts = urlsplit(value)
    bare = not (parts.path or parts.query or parts.username)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and bare


def _home(env: Environment) -> Path:
    """Return the directory of the service's state, made when it is missing."""
    meaning = "Where state lies: the SQLite database, secrets made on first start, mail as files."
    home = Path(env.text("GATEHOUSE_HOME", str(BASE_DIR / "var"), meaning=meaning, unset="`./var`")).resolve()
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        env.refuse("GATEHOUSE_HOME", "names a directory that cannot be made")
    return home


def _described(url: str) -> dict[str, Any]:
    """Return Django's description of a database that we run on, nothing for any other."""
    try:
        database: dict[str, Any] = environ.Env.db_url_config(url)
        vendor = database["ENGINE"].rpartition(".")[2]
    except Exception:  # noqa: BLE001 - whatever the parser stumbles over, the URL is no good
        return {}
    return database if vendor in {"sqlite3", "postgresql"} else {}


def _shown(default: str) -> str:
    """Return a default as the documentation shows it; an empty one as nothing."""
    return f"`{default}`" if default else ""


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
