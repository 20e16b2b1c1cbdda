"""The runner of the suite: `python -m config.testing.run [part ...]`, what `make test` calls.

Parts, in this order: `apps` (each app alone with only its floor installed), `sqlite` (the whole suite), `embedded`
(journeys against the one-process service), `postgres` (the whole suite on real PostgreSQL and Redis), `distributed`
(journeys against separate processes), and on request `browser`. A part that cannot run has failed.
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
from pathlib import Path
from types import FrameType
from xml.etree import ElementTree

from config.testing.children import NotReady
from config.testing.reports import Outcome, closing_line, outcome_of, table
from config.testing.servers import Database, Missing, Postgres, Redis

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ROOT / "reports"
DEFAULT = ("apps", "sqlite", "embedded", "postgres", "distributed")
PARTS = (*DEFAULT, "browser")
SECONDS_FOR_A_PART = 900
# Where the tests leave what they need no more; deleted at the end.
SCRATCH = Path(tempfile.mkdtemp(prefix="gatehouse-run-"))
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)
# What a developer's shell may say of the service is not about its tests.
OUTSIDE = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "DJANGO_SETTINGS_MODULE")


class Interrupted(Exception):
    """A signal asked the run to end."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts and print what came of them; return the exit status."""
    parser = argparse.ArgumentParser(prog="config.testing.run", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)} (default: all but browser)")
    parser.add_argument("-k", dest="only", default="", help="as pytest's -k, for every part")
    parser.add_argument("-x", dest="first", action="store_true", help="end a part at its first failure")
    options = parser.parse_args(arguments)
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, _interrupt)
    started = time.monotonic()
    extra = [*(["-k", options.only] if options.only else []), *(["-x"] if options.first else [])]
    _clear_reports()
    outcomes: list[Outcome] = []
    try:
        for outcome in _outcomes(options.parts or DEFAULT, extra):
            outcomes.append(outcome)
    except (KeyboardInterrupt, Interrupted):
        print("\nInterrupted: what was started has been stopped.", flush=True)
        return 130
    _combine_coverage()
    print(table(outcomes))
    print(closing_line(outcomes, time.monotonic() - started), flush=True)
    return 0 if outcomes and all(outcome.passed for outcome in outcomes) else 1


def _outcomes(parts: Sequence[str], extra: Sequence[str]) -> Iterator[Outcome]:
    if "apps" in parts:
        for app in apps_with_tests():
            arguments = [app, f"--ds={app}.tests.settings", *extra]
            heading = f"{app}: only its floor and those below installed"
            yield pytest(f"{app} alone", f"app-{app}", arguments, heading=heading)
    if "sqlite" in parts:
        yield pytest("SQLite", "sqlite", ["-n", "2", *extra], heading="The whole suite on SQLite")
    if "embedded" in parts:
        yield journeys("embedded", extra, heading="Journeys: one process, SQLite, mail to files")
    if {"postgres", "distributed"} & set(parts):
        yield from _on_real_servers(parts, extra)
    if "browser" in parts:
        yield pytest("browser", "browser", ["-m", "browser", *extra], heading="The pages in Chromium")


def _on_real_servers(parts: Sequence[str], extra: Sequence[str]) -> Iterator[Outcome]:
    try:
        with real_servers() as servers:
            if "postgres" in parts:
                heading = "The whole suite on PostgreSQL and Redis"
                yield pytest("PostgreSQL", "postgres", ["-n", "2", *extra], heading=heading, environment=servers)
            if "distributed" in parts:
                heading = "Journeys: web, worker and beat processes, PostgreSQL, Redis, SMTP"
                yield journeys("distributed", extra, heading=heading, environment=servers)
    except (Missing, NotReady) as error:
        print(f"\nThe distributed half cannot run here.\n{error}", flush=True)
        for part in ("postgres", "distributed"):
            if part in parts:
                yield Outcome(part, status=1, note="could not run")


def apps_with_tests() -> list[str]:
    """Return the apps of the floors below config that have tests, in the order of their names."""
    return sorted(path.parent.parent.name for path in ROOT.glob("*/tests/__init__.py") if path.parts[-3] != "config")


@contextmanager
def real_servers() -> Iterator[dict[str, str]]:
    """Yield the environment that names a PostgreSQL and a Redis; raises Missing when one cannot be had."""
    with ExitStack() as stack:
        database = os.environ.get("TEST_DATABASE_URL") or stack.enter_context(Postgres()).url
        redis_url = os.environ.get("TEST_REDIS_URL") or stack.enter_context(Redis()).url
        # The run's own database: pytest makes its test databases beside it, under its unique name.
        own = stack.enter_context(Database(database))
        yield {
            "DATABASE_URL": own.url,
            "REDIS_URL": redis_url,
            "TEST_DATABASE_URL": database,
            "TEST_REDIS_URL": redis_url,
        }


def journeys(setup: str, extra: Sequence[str], *, heading: str, environment: dict[str, str] | None = None) -> Outcome:
    """Run the journeys against the service set up in this way."""
    arguments = ["-m", "journey", "-p", "no:randomly", *extra]
    return pytest(f"journeys, {setup}", f"journeys-{setup}", arguments, heading=heading, environment=environment)


def pytest(
    name: str, slug: str, arguments: Sequence[str], *, heading: str, environment: dict[str, str] | None = None
) -> Outcome:
    """Run pytest in a process of its own, with its JUnit report and share of the coverage; read what came of it."""
    print(f"\n{'=' * 4} {heading} {'=' * max(4, 112 - len(heading))}", flush=True)
    junit = REPORTS / f"junit-{slug}.xml"
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={junit}", "--cov", "--cov-report=", *arguments]
    variables = {name: value for name, value in os.environ.items() if name not in OUTSIDE}
    variables["COVERAGE_FILE"] = str(REPORTS / f".coverage.{slug}")
    variables["TMPDIR"] = str(SCRATCH)
    variables["GATEHOUSE_LOGS"] = str(REPORTS / "logs")
    variables |= environment or {}
    status = _run(command, variables)
    try:
        return outcome_of(name, status, junit)
    except (OSError, ElementTree.ParseError):
        return Outcome(name, status=status or 1, note="left no report")


def _run(command: Sequence[str], environment: dict[str, str]) -> int:
    """Run a command in this terminal and return its status; when the run is interrupted it gets time to clean up."""
    process = subprocess.Popen(list(command), cwd=ROOT, env=environment)
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


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise Interrupted


def _clear_reports() -> None:
    shutil.rmtree(REPORTS, ignore_errors=True)
    (REPORTS / "logs").mkdir(parents=True)


def _combine_coverage() -> None:
    """Write one report of the branches that all parts covered together: coverage.xml and coverage/index.html."""
    data = sorted(str(path) for path in REPORTS.glob(".coverage.*"))
    if not data:
        return
    environment = os.environ | {"COVERAGE_FILE": str(REPORTS / ".coverage")}
    for arguments in (
        ["combine", "--quiet", *data],
        ["xml", "--quiet", "-o", str(REPORTS / "coverage.xml")],
        ["html", "--quiet", "-d", str(REPORTS / "coverage")],
        ["report", "--format=total"],
    ):
        if arguments[0] == "report":
            print("\nBranch coverage of all parts together, per cent: ", end="", flush=True)
        subprocess.run([sys.executable, "-m", "coverage", *arguments], cwd=ROOT, env=environment, check=False)


if __name__ == "__main__":
    sys.exit(main())
