"""The runner of the suite: `python -m config.testing.run [embedded] [distributed] [browser]`, what `make test` calls.

Each of the two set-ups gets the whole suite: every app by itself with only its floor and those below installed, the
tests of the house, and the journeys through really started processes. Embedded is SQLite and one process; distributed
is PostgreSQL, Redis, Celery's processes and an SMTP server. What cannot run has failed.
"""

import argparse
import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from xml.etree import ElementTree

from config.testing import coverage_floors
from config.testing.children import NotReady, ended_with_parent
from config.testing.reports import Outcome, closing_line, outcome_of, table
from config.testing.servers import Database, Missing, Postgres, Redis, require_redis

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ROOT / "reports"
SETUPS = ("embedded", "distributed", "browser")
PARTS = ("apps", "house", "journeys")
SECONDS_FOR_A_PART = 1_500
# Two processes help where there are minutes of tests; elsewhere their start costs more.
LARGE = frozenset({"accounts", "mfa", "notifications", "roles"})
BOTH_CORES = ("-n", "2", "--dist", "worksteal")
# Journeys wait more than they work. Those of a file share services, and stay together.
TWO_JOURNEYS = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
# Where the tests leave what they need no more; deleted at the end.
SCRATCH = Path(tempfile.mkdtemp(prefix="gatehouse-run-"))
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)
# Random walks that are short in `make test`, and how far they go in `make test-long`.
WALKS = {
    "accounts": "accounts/tests/test_password_walk.py",
    "mfa": "mfa/tests/test_sequences.py",
    "roles": "roles/tests/test_model.py",
}
FAR = {"GATEHOUSE_CALLS": "5000", "GATEHOUSE_SEQUENCES": "400", "GATEHOUSE_STEPS": "2000"}
# What a developer's shell may say of the service is not about its tests.
OUTSIDE = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "DJANGO_SETTINGS_MODULE")


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
    print(table(outcomes))
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
    if "embedded" in wanted.setups:
        yield from _suite("embedded", "SQLite, one process", wanted, {})
    if "distributed" in wanted.setups:
        try:
            with real_servers() as servers:
                yield from _suite("distributed", "PostgreSQL, Redis, Celery, SMTP", wanted, servers)
        except (Missing, NotReady) as error:
            print(f"\nThe distributed half cannot run here.\n{error}", flush=True)
            yield Outcome("distributed", "all of it", status=1, note="could not run")
    if "browser" in wanted.setups:
        yield pytest("browser", "pages", ["config/tests/browser", "-m", "browser", *wanted.extra], {}, "Chromium")


def _suite(setup: str, servers: str, wanted: Wanted, environment: dict[str, str]) -> Iterator[Outcome]:
    """Run the whole suite on one set-up, or the long part of it."""
    if "apps" in wanted.parts:
        for app in apps_with_tests():
            heading = f"{servers}: {app}, only its floor and those below installed"
            arguments = [app, f"--ds={app}.tests.settings", *(BOTH_CORES if app in LARGE else []), *wanted.extra]
            yield pytest(setup, app, arguments, environment, heading)
    if wanted.long:
        yield from _walks(setup, servers, wanted, environment)
    if "house" in wanted.parts:
        chosen = ["-m", f"not journey and not browser{'' if setup == 'embedded' else ' and not any_database'}"]
        arguments = ["config/tests", *BOTH_CORES, *chosen, *wanted.extra]
        yield pytest(setup, "house", arguments, environment, f"{servers}: the house")
    if "journeys" in wanted.parts:
        yield _journeys(setup, servers, wanted, environment)


def _journeys(setup: str, servers: str, wanted: Wanted, environment: dict[str, str]) -> Outcome:
    """Go on the journeys, or on the long ones alone."""
    chosen = ["-m", "journey and long" if wanted.long else "journey and not long", "-p", "no:randomly"]
    arguments = ["config/tests/journeys", *chosen, *([] if wanted.long else TWO_JOURNEYS), *wanted.extra]
    part = "journeys-long" if wanted.long else "journeys"
    return pytest(setup, part, arguments, environment, f"{servers}: journeys through started processes")


def _walks(setup: str, servers: str, wanted: Wanted, environment: dict[str, str]) -> Iterator[Outcome]:
    """Let the random walks go far."""
    for app, walk in WALKS.items():
        heading = f"{servers}: {app}, random walks that go far"
        arguments = [walk, f"--ds={app}.tests.settings", *(BOTH_CORES if app in LARGE else []), *wanted.extra]
        yield pytest(setup, f"{app}-walks", arguments, environment | FAR, heading)


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


def pytest(setup: str, part: str, arguments: Sequence[str], environment: dict[str, str], heading: str) -> Outcome:
    """Run pytest in a process of its own, with its JUnit report; read what came of it."""
    print(f"\n{'=' * 4} {heading} {'=' * max(4, 112 - len(heading))}", flush=True)
    junit = REPORTS / f"junit-{setup}-{part}.xml"
    # The other half of the suite reaches every line that counts; measuring would add half to this one's time.
    measured = [] if setup == "distributed" else ["--cov", "--cov-report="]
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={junit}", *measured, *arguments]
    variables = {name: value for name, value in os.environ.items() if name not in OUTSIDE}
    variables["COVERAGE_FILE"] = str(REPORTS / f".coverage.{setup}-{part}")
    variables["TMPDIR"] = str(SCRATCH)
    variables["GATEHOUSE_LOGS"] = str(REPORTS / "logs")
    variables |= environment
    status = _run(command, variables)
    try:
        return outcome_of(setup, part, status, junit)
    except (OSError, ElementTree.ParseError):
        return Outcome(setup, part, status=status or 1, note="left no report")


def _run(command: Sequence[str], environment: dict[str, str]) -> int:
    """Run a command in this terminal and return its status; when the run is interrupted it gets time to clean up."""
    # In a session of its own a signal to the terminal's group reaches the runner alone, which then ends it in order.
    process = subprocess.Popen(
        list(command),
        cwd=ROOT,
        env=environment,
        start_new_session=True,
        preexec_fn=ended_with_parent(signal.SIGINT),  # noqa: PLW1509 - one thread starts them
    )
    try:
        return process.wait(SECONDS_FOR_A_PART)
    except subprocess.TimeoutExpired:
        print(f"\nStill running after {SECONDS_FOR_A_PART} s: stopping it.", flush=True)
        _end(process)
        return 1
    except BaseException:
        _end(process)
        raise


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


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
