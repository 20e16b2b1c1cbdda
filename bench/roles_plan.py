"""What it costs to plan a change of roles among a hundred thousand people, and whether the plan comes true.

    .venv/bin/python -m bench.roles_plan [--people 100000] [--compared 1000] [sqlite] [postgres]

It fills a house at random: own grants and groups, grants that end, denials, resources below others, superusers and
people who are inactive. Then it plans a change of a role that three have, of one that most have through inheritance, of
the role of everybody, and of a dozen roles at once. For each it prints how many people it concerns, the seconds, the
statements and the longest of them, and the longest that another process had to wait for the lock of every change
meanwhile. At the end each of these changes is made, and so many people are asked one by one before and after: every
difference is one of the plan, and the other way round.
"""

import argparse
import subprocess
import sys
import tempfile
from importlib import import_module

import django

from bench.roles_speed import ROOT, database, environment


def main() -> None:
    """Measure on the databases that were named, or on both, each in a process of its own."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("databases", nargs="*", choices=["sqlite", "postgres", []], metavar="sqlite|postgres")
    options.add_argument("--people", type=int, default=100_000)
    options.add_argument("--compared", type=int, default=1_000)
    options.add_argument("--role", choices=["measure", "change"], help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.role:
        django.setup()
        house = import_module("bench.roles_plan_house")
        house.measure(people=given.people, compared=given.compared) if given.role == "measure" else house.change()
        return
    for name in given.databases or ["sqlite", "postgres"]:
        with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as home, database(name, home) as url:
            sys.stdout.write(f"== {name}\n")
            sys.stdout.flush()
            numbers = ["--people", str(given.people), "--compared", str(given.compared)]
            command = [sys.executable, "-m", "bench.roles_plan", "--role", "measure", *numbers]
            subprocess.run(command, cwd=ROOT, env=environment(url, home), check=True)


if __name__ == "__main__":
    main()
