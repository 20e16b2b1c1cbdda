"""The runner of the suite: `python -m config.testing.run [embedded] [distributed] [browser]`, what `make test` calls.

Each of the two set-ups gets the whole suite: every app by itself with only its floor and those below installed, the
tests of the house, and the journeys through really started processes. Embedded is SQLite and one process; distributed
is PostgreSQL, Redis, Celery's processes and an SMTP server. Asked for both, it runs them side by side: one goes on its
journeys while the other tests apps and house. What cannot run has failed.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from types import FrameType

from config.testing import coverage_floors, parts
from config.testing.children import NotReady
from config.testing.parts import REPORTS, ROOT, Part
from config.testing.reports import Outcome, closing_line, table
from config.testing.servers import Database, Missing, Postgres, Redis, require_redis

SETUPS = ("embedded", "distributed", "browser")
PARTS = ("apps", "house", "journeys")
# Two processes help a set-up that runs alone, where there are minutes of tests; elsewhere their start costs more.
LARGE = frozenset({"accounts", "mfa", "notifications", "roles"})
BOTH_CORES = ("-n", "2", "--dist", "worksteal")
# Journeys wait more than they work. Those of a file share services, and stay together.
TWO_JOURNEYS = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
# Random walks that are short in `make test`, and how far they go in `make test-long`.
WALKS = {
    "accounts": ("accounts/tests/test_password_walk.py",),
    "mfa": ("mfa/tests/test_sequences.py",),
    "roles": ("roles/tests/test_model.py", "roles/tests/test_holders.py"),
}
FAR = {"GATEHOUSE_CALLS": "5000", "GATEHOUSE_SEQUENCES": "400", "GATEHOUSE_STEPS": "2000", "GATEHOUSE_HOUSES": "20"}


class Interrupted(Exception):
    """A signal asked the run to end."""


@dataclass(frozen=True)
class Wanted:
    """What of the suite to run, and more arguments for pytest."""

    setups: Sequence[str]
    parts: Sequence[str]
    extra: Sequence[str]
    long: bool = False

    @property
    def side_by_side(self) -> bool:
        """Tell whether the two set-ups run at once, a core for each; what takes minutes measures, and runs alone."""
        return {*SETUPS[:2]} <= {*self.setups} and not self.long

    @property
    def is_everything(self) -> bool:
        """Tell whether it is the suite as `make test` runs it."""
        whole = {*SETUPS[:2]} <= {*self.setups} and {*PARTS} <= {*self.parts}
        return whole and not self.extra and not self.long


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is wanted and print what came of it; return the exit status."""
    wanted = _parse(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    started = time.monotonic()
    _clear_reports(wanted.setups)
    outcomes: list[Outcome] = []
    try:
        for outcome in _outcomes(wanted):
            outcomes.append(outcome)  # noqa: PERF402 - one by one: what is there at an interruption stays
    except (KeyboardInterrupt, Interrupted):
        print("\nInterrupted: what was started has been stopped.", flush=True)
        return 130
    _combine_coverage()
    reached = _reaches_enough(wanted)
    print(table(sorted(outcomes, key=lambda one: SETUPS.index(one.setup))))
    print(closing_line(outcomes, time.monotonic() - started), flush=True)
    return 0 if outcomes and reached and all(outcome.passed for outcome in outcomes) else 1


def _parse(arguments: Sequence[str] | None) -> Wanted:
    parser = argparse.ArgumentParser(prog="config.testing.run", description=__doc__)
    parser.add_argument("setups", nargs="*", metavar="set-up", help=f"{', '.join(SETUPS)} (default: the first two)")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this part of the suite")
    parser.add_argument("--long", action="store_true", help="only the journeys and random walks that take minutes")
    parser.add_argument("-k", dest="only", default="", help="as pytest's -k, for every part")
    parser.add_argument("-x", dest="first", action="store_true", help="end a part at its first failure")
    options = parser.parse_args(arguments)
    if unknown := set(options.setups) - set(SETUPS):
        parser.error(f"no such set-up: {', '.join(sorted(unknown))}")
    extra = [*(["-k", options.only] if options.only else []), *(["-x"] if options.first else [])]
    parts = ["journeys"] if options.long else options.part or PARTS
    return Wanted(options.setups or SETUPS[:2], parts, extra, options.long)


def _outcomes(wanted: Wanted) -> Iterator[Outcome]:
    with ExitStack() as stack:
        lanes = []
        if "embedded" in wanted.setups:
            lanes.append(_suite("embedded", "SQLite, one process", wanted, {}))
        if "distributed" in wanted.setups:
            try:
                servers = stack.enter_context(real_servers())
                lanes.append(_suite("distributed", "PostgreSQL, Redis, Celery, SMTP", wanted, servers))
            except (Missing, NotReady) as error:
                print(f"\nThe distributed half cannot run here.\n{error}", flush=True)
                yield Outcome("distributed", "all of it", status=1, note="could not run")
        if "browser" in wanted.setups:
            lanes.append(iter([_browser(wanted)]))
        yield from parts.run(lanes if wanted.side_by_side else [chain.from_iterable(lanes)])


def _suite(setup: str, servers: str, wanted: Wanted, environment: dict[str, str]) -> Iterator[Part]:
    """Yield the whole suite on one set-up, or the long part of it."""
    if wanted.long:
        yield from _walks(setup, servers, wanted, environment)
    # Journeys wait, and the others work: side by side, each set-up does one while the other does the other.
    for part in reversed(PARTS) if setup == "distributed" else PARTS:
        if part in wanted.parts:
            yield from {"apps": _apps, "house": _house, "journeys": _journeys}[part](
                setup, servers, wanted, environment
            )


def _apps(setup: str, servers: str, wanted: Wanted, environment: dict[str, str]) -> Iterator[Part]:
    for app in apps_with_tests():
        yield Part(
            setup=setup,
            name=app,
            heading=f"{servers}: {app}, only its floor and those below installed",
            arguments=[app, f"--ds={app}.tests.settings", *_cores(wanted, large=app in LARGE), *wanted.extra],
            environment=environment,
            measured=_measured(setup),
        )


def _house(setup: str, servers: str, wanted: Wanted, environment: dict[str, str]) -> Iterator[Part]:
    chosen = ["-m", f"not journey and not browser{_but(setup)}"]
    yield Part(
        setup=setup,
        name="house",
        heading=f"{servers}: the house",
        arguments=["config/tests", *_cores(wanted), *chosen, *wanted.extra],
        environment=environment,
        measured=_measured(setup),
    )


def _journeys(setup: str, servers: str, wanted: Wanted, environment: dict[str, str]) -> Iterator[Part]:
    """Go on the journeys, or on the long ones alone."""
    kind = "long" if wanted.long else "not long"
    chosen = ["-m", f"journey and {kind}{_but(setup)}", "-p", "no:randomly"]
    yield Part(
        setup=setup,
        name="journeys-long" if wanted.long else "journeys",
        heading=f"{servers}: journeys through started processes",
        arguments=["config/tests/journeys", *chosen, *([] if wanted.long else TWO_JOURNEYS), *wanted.extra],
        environment=environment,
    )


def _walks(setup: str, servers: str, wanted: Wanted, environment: dict[str, str]) -> Iterator[Part]:
    """Let the random walks go far."""
    for app, walks in WALKS.items():
        yield Part(
            setup=setup,
            name=f"{app}-walks",
            heading=f"{servers}: {app}, random walks that go far",
            arguments=[*walks, f"--ds={app}.tests.settings", *_cores(wanted, large=app in LARGE), *wanted.extra],
            environment=environment | FAR,
        )


def _browser(wanted: Wanted) -> Part:
    arguments = ["config/tests/browser", "-m", "browser", *wanted.extra]
    return Part(setup="browser", name="pages", heading="Chromium", arguments=arguments, environment={})


def _cores(wanted: Wanted, *, large: bool = True) -> Sequence[str]:
    return BOTH_CORES if large and not wanted.side_by_side else ()


def _but(setup: str) -> str:
    """Return which tests to leave out, in pytest's words: those that say the same on every database run embedded."""
    return "" if setup == "embedded" else " and not any_database"


def _measured(setup: str) -> bool:
    """Tell whether to measure: the other half reaches every line that counts, and measuring adds half to its time."""
    return setup == "embedded"


def apps_with_tests() -> list[str]:
    """Return the apps of the floors below config that have tests, in the order of their names."""
    return sorted(path.parent.parent.name for path in ROOT.glob("*/tests/__init__.py") if path.parts[-3] != "config")


@contextmanager
def real_servers() -> Iterator[dict[str, str]]:
    """Yield the environment that names a PostgreSQL and a Redis; raises Missing when one cannot be had."""
    with ExitStack() as stack:
        database = os.environ.get("TEST_DATABASE_URL") or stack.enter_context(Postgres()).url
        redis_url = require_redis(os.environ.get("TEST_REDIS_URL") or stack.enter_context(Redis()).url)
        # The run's own database: pytest makes its test databases beside it, under its unique name.
        own = stack.enter_context(Database(database))
        yield {
            "DATABASE_URL": own.url,
            "REDIS_URL": redis_url,
            "TEST_DATABASE_URL": database,
            "TEST_REDIS_URL": redis_url,
        }


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise Interrupted


def _clear_reports(setups: Sequence[str]) -> None:
    """Delete what earlier runs said of these set-ups; what they said of others stays."""
    (REPORTS / "logs").mkdir(parents=True, exist_ok=True)
    for setup in setups:
        for path in (*REPORTS.glob(f"junit-{setup}-*.xml"), *REPORTS.glob(f".coverage.{setup}-*")):
            path.unlink()
        for path in (REPORTS / "logs").glob(f"{setup}*"):
            shutil.rmtree(path, ignore_errors=True)


def _combine_coverage() -> None:
    """Write one report of the branches that all parts covered together: coverage.xml and coverage/index.html."""
    data = sorted(str(path) for path in REPORTS.glob(".coverage.*"))
    if not data:
        return
    environment = os.environ | {"COVERAGE_FILE": str(REPORTS / ".coverage")}
    for arguments in (
        ["combine", "--quiet", "--keep", *data],
        ["xml", "--quiet", "-o", str(REPORTS / "coverage.xml")],
        ["json", "--quiet", "-o", str(REPORTS / "coverage.json")],
        ["html", "--quiet", "-d", str(REPORTS / "coverage")],
        ["report", "--format=total"],
    ):
        if arguments[0] == "report":
            print("\nBranch coverage of all parts together, per cent: ", end="", flush=True)
        subprocess.run([sys.executable, "-m", "coverage", *arguments], cwd=ROOT, env=environment, check=False)


def _reaches_enough(wanted: Wanted) -> bool:
    """Tell, and say, whether the tests reach what they must; a part of the suite is not asked."""
    if not wanted.is_everything:
        print("Floors of coverage: not judged, since only a part of the suite ran.", flush=True)
        return True
    try:
        breaches = coverage_floors.find_breaches(REPORTS / "coverage.json")
    except OSError as error:
        breaches = [f"no report of coverage: {error}"]
    print(
        "\n".join(["Floors of coverage: FAILED", *breaches] if breaches else ["Floors of coverage: held"]), flush=True
    )
    return not breaches


if __name__ == "__main__":
    sys.exit(main())
