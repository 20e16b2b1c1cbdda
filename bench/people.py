"""What lists, searches and sign-ins cost among a thousand people and among a million, on both databases.

    .venv/bin/python -m bench.people [--large 1000000] [--rounds 5] [sqlite] [postgres]

For each database it makes two houses in a temporary directory, fills them by SQL, lets a process serve each without a
network in between, and asks both in turn, so that a busy machine is busy for both. It prints for each call the number
of statements, the milliseconds of both and their ratio, and the same for the time spent in the database: what a quarter
of the calls keep below, as the median of the rounds. A million people take some minutes and 2 GB; all of it is deleted
at the end.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import IO, Any, cast

import django
import psycopg

from config.testing.servers import Postgres

ROOT = Path(__file__).resolve().parents[1]
SMALL = 1_000


def main() -> None:
    """Measure on the databases that were named, or on both."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("databases", nargs="*", choices=["sqlite", "postgres", []], metavar="sqlite|postgres")
    options.add_argument("--large", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.serve:
        _serve(given.serve)
        return
    for name in given.databases or ["sqlite", "postgres"]:
        with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as directory, _urls(name, Path(directory)) as urls:
            _compare(name, urls, Path(directory), large=given.large, rounds=given.rounds)


@contextlib.contextmanager
def _urls(name: str, directory: Path) -> Iterator[list[str]]:
    """Yield the addresses of two empty databases."""
    if name == "sqlite":
        yield [f"sqlite:///{directory}/{size}.sqlite3" for size in ("small", "large")]
        return
    with Postgres() as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            for size in ("small", "large"):
                connection.execute(f"CREATE DATABASE {size}")
        yield [f"{server.url.rpartition('/')[0]}/{size}" for size in ("small", "large")]


def _compare(name: str, urls: list[str], directory: Path, *, large: int, rounds: int) -> None:
    houses = [_House(url, size, directory) for url, size in zip(urls, (SMALL, large), strict=True)]
    try:
        for house in houses:
            _tell(f"{name}: {house.size:,} people made in {house.ready():.0f} s")
        answers = [[house.ask() for house in houses] for _ in range(rounds)]
    finally:
        for house in houses:
            house.close()
    _tell(
        f"\n{'':42}  statements {'ms at ' + str(SMALL):>14} {'ms at ' + str(large):>14}  ratio   of it in the database"
    )
    for case in answers[0][0]:
        _tell(_line(case, [answer[0][case] for answer in answers], [answer[1][case] for answer in answers]))
    _tell()


def _line(case: str, small: list[dict[str, float]], large: list[dict[str, float]]) -> str:
    """Return what the table says of one call."""
    whole, within = ([statistics.median(one[key] for one in side) for side in (small, large)] for key in ("ms", "db"))
    statements = max(one["statements"] for one in (*small, *large))
    return (
        f"{case:42}  {statements:10} {whole[0]:14.2f} {whole[1]:14.2f}  {whole[1] / whole[0]:5.2f}"
        f"   {within[0]:7.2f} {within[1]:7.2f}  {within[1] / within[0]:5.2f}"
    )


def _tell(line: str = "") -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class _House:
    """A process of its own on a database of its own, that measures when it is asked to."""

    def __init__(self, url: str, size: int, directory: Path) -> None:
        self.size = size
        home = directory / f"home-{size}"
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "GATEHOUSE_HOME": str(home),
            "RATE_LIMIT_SCALE": "1000000",
            "ALLOWED_HOSTS": "testserver",
            "LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        self._child = subprocess.Popen(
            [sys.executable, "-m", "bench.people", "--serve", str(size)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._into, self._out = cast("IO[str]", self._child.stdin), cast("IO[str]", self._child.stdout)

    def ready(self) -> float:
        """Wait until the house is full; return the seconds that took."""
        return float(self._read()["seconds"])

    def ask(self) -> dict[str, Any]:
        """Return what each call costs now."""
        self._into.write("measure\n")
        self._into.flush()
        return self._read()

    def close(self) -> None:
        """Let the process end."""
        self._into.close()
        self._child.wait(timeout=60)

    def _read(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self._out.readline())
        return answer


def _serve(size: int) -> None:
    """Be the process of one house: Django first, then what needs it."""
    django.setup()
    import_module("bench.house").serve(size)


if __name__ == "__main__":
    main()
