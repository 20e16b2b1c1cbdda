"""What the answer to "may she?" costs, whatever the number of roles, grants and levels, and what a change costs.

    .venv/bin/python -m bench.roles_speed [--people 100000] [--rounds 7] [sqlite] [postgres]

Three people hold 1, 100 and 10,000 roles, every one of them twelve levels deep, and what is asked for lies at the
bottom of the last. They are asked in turn, so that a busy machine is busy for all of them. For each it prints the
statements and the calls of a cache of a warm question over the API, its milliseconds (what a quarter of the questions
keep below, median of the rounds), the microseconds of `has_perm` alone, and what it costs to load a set anew. Then a
role that one person has is changed, and one that so many people have.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import django

from config.testing.servers import Postgres

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Measure on the databases that were named, or on both, each in a process of its own."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("databases", nargs="*", choices=["sqlite", "postgres", []], metavar="sqlite|postgres")
    options.add_argument("--people", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.inside:
        django.setup()
        import_module("bench.roles_house").measure(people=given.people, rounds=given.rounds)
        return
    for name in given.databases or ["sqlite", "postgres"]:
        with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as home, database(name, home) as url:
            sys.stdout.write(f"== {name}\n")
            sys.stdout.flush()
            arguments = ["--inside", "--people", str(given.people), "--rounds", str(given.rounds)]
            subprocess.run(
                [sys.executable, "-m", "bench.roles_speed", *arguments],
                cwd=ROOT,
                env=environment(url, home),
                check=True,
            )


@contextmanager
def database(name: str, home: str) -> Iterator[str]:
    """Yield the address of an empty database."""
    if name == "sqlite":
        yield f"sqlite:///{home}/bench.sqlite3"
        return
    with Postgres() as server:
        yield server.url


def environment(url: str, home: str) -> dict[str, str]:
    """Return what a process needs to be a house on this database."""
    return {
        **os.environ,
        "DATABASE_URL": url,
        "GATEHOUSE_HOME": home,
        "RATE_LIMIT_SCALE": "1000000",
        "ALLOWED_HOSTS": "testserver",
        "LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


if __name__ == "__main__":
    main()
