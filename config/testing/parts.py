"""Parts of the suite, each a pytest in a process of its own: those of a lane in turn, the lanes side by side."""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from config.testing.children import ended_with_parent
from config.testing.reports import Outcome, outcome_of

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ROOT / "reports"
SECONDS_FOR_A_PART = 1_500
# Where the tests leave what they need no more; deleted at the end.
SCRATCH = Path(tempfile.mkdtemp(prefix="gatehouse-run-"))
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)
# What a developer's shell may say of the service is not about its tests.
OUTSIDE = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "DJANGO_SETTINGS_MODULE")


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one pytest is to run: the tests, and in which environment."""

    setup: str
    name: str
    heading: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    measured: bool = False


class Running:
    """A part under way. Beside another it speaks when it has ended, so that each report is in one piece."""

    def __init__(self, part: Part, *, alone: bool) -> None:
        self.part = part
        self._junit = REPORTS / f"junit-{part.setup}-{part.name}.xml"
        self._said = None if alone else SCRATCH / f"{part.setup}-{part.name}.txt"
        self._deadline = time.monotonic() + SECONDS_FOR_A_PART
        print(_line(part.heading) if alone else f"begins: {part.heading}", flush=True)
        # In a session of its own: a signal to the terminal's group reaches the runner alone, which ends it in order.
        with (self._said or Path(os.devnull)).open("wb") as output:
            self._process = subprocess.Popen(
                self._command(),
                cwd=ROOT,
                env=self._variables(),
                stdout=output if self._said else None,
                stderr=subprocess.STDOUT if self._said else None,
                start_new_session=True,
                preexec_fn=ended_with_parent(signal.SIGINT),  # noqa: PLW1509 - one thread starts them
            )

    def has_ended(self) -> bool:
        """Tell whether it has ended; it is stopped when it takes too long."""
        if self._process.poll() is None and time.monotonic() > self._deadline:
            print(f"\n{self.part.heading}: still running after {SECONDS_FOR_A_PART} s: stopping it.", flush=True)
            self.end()
        return self._process.poll() is not None

    def end(self) -> None:
        """Stop it; it gets time to clean up."""
        if self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def outcome(self) -> Outcome:
        """Print what an ended part said, unless that was seen, and return what came of it."""
        if self._said:
            print(_line(self.part.heading), flush=True)
            print(self._said.read_text(errors="replace"), flush=True)
        setup, name, status = self.part.setup, self.part.name, self._process.returncode
        try:
            return outcome_of(setup, name, status, self._junit)
        except (OSError, ElementTree.ParseError):
            return Outcome(setup, name, status=status or 1, note="left no report")

    def _command(self) -> list[str]:
        measured = ["--cov", "--cov-report="] if self.part.measured else []
        return [sys.executable, "-m", "pytest", "-q", f"--junitxml={self._junit}", *measured, *self.part.arguments]

    def _variables(self) -> dict[str, str]:
        part = f"{self.part.setup}-{self.part.name}"
        (SCRATCH / part).mkdir()
        return {
            **{name: value for name, value in os.environ.items() if name not in OUTSIDE},
            "COVERAGE_FILE": str(REPORTS / f".coverage.{part}"),
            "TMPDIR": str(SCRATCH / part),
            "GATEHOUSE_LOGS": str(REPORTS / "logs"),
            **self.part.environment,
        }


def run(lanes: Sequence[Iterator[Part]]) -> Iterator[Outcome]:
    """Run the parts of each lane one after another, and the lanes side by side; yield what came of each as it ends."""
    left = dict(enumerate(lanes))
    running: dict[int, Running] = {}
    try:
        while left:
            for number in [number for number in left if number not in running]:
                if (part := next(left[number], None)) is None:
                    del left[number]
                else:
                    running[number] = Running(part, alone=len(lanes) == 1)
            for number in [number for number, one in running.items() if one.has_ended()]:
                yield running.pop(number).outcome()
            time.sleep(0.1)
    finally:
        for one in running.values():
            one.end()


def _line(heading: str) -> str:
    return f"\n{'=' * 4} {heading} {'=' * max(4, 112 - len(heading))}"
