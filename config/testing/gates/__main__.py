"""`python -m config.testing.gates` runs every gate, or those named; `--quick` the quick ones, as before a commit."""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from config.testing.gates.catalogue import GATES, ROOT, Gate

COULD_NOT_JUDGE = 77
VERDICTS = {0: "passed", COULD_NOT_JUDGE: "NOT JUDGED"}


@dataclass(frozen=True)
class Judged:
    """What came of a gate."""

    gate: Gate
    status: int
    output: str
    seconds: float

    @property
    def failed(self) -> bool:
        """Tell whether it stands in the way."""
        return self.status not in VERDICTS

    def __str__(self) -> str:
        """Return its line, and what it said unless all is well."""
        line = f"{VERDICTS.get(self.status, 'FAILED'):<12}{self.gate.name:<20}{self.seconds:>6.1f} s"
        return line if self.status == 0 else f"{line}\n{self.output.rstrip()}\n"


def judge(gate: Gate) -> Judged:
    """Run one gate. A program that is not there has failed."""
    started = time.monotonic()
    try:
        done = subprocess.run(
            gate.arguments,
            cwd=ROOT,
            env=gate.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except OSError as error:
        return Judged(gate, 127, f"{error}: run `make check`, which installs it", time.monotonic() - started)
    return Judged(gate, done.returncode, done.stdout, time.monotonic() - started)


def judge_all(gates: Sequence[Gate], *, jobs: int) -> list[Judged]:
    """Run the gates, `jobs` at a time, and tell each as it ends."""
    told = []
    with ThreadPoolExecutor(jobs) as pool:
        for future in as_completed([pool.submit(judge, gate) for gate in gates]):
            told.append(future.result())
            print(told[-1], flush=True)
    return told


def closing_line(told: Sequence[Judged], seconds: float) -> str:
    """Return how many passed, and by name what did not."""
    parts = [f"{sum(one.status == 0 for one in told)} of {len(told)} gates passed in {seconds:.0f} s"]
    if open_ := [one.gate.name for one in told if one.status == COULD_NOT_JUDGE]:
        parts.append(f"not judged here: {', '.join(open_)}")
    if failed := [one.gate.name for one in told if one.failed]:
        parts.append(f"FAILED: {', '.join(failed)}")
    return "; ".join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is wanted and return the exit status."""
    gates, jobs = _parse(arguments)
    started = time.monotonic()
    told = judge_all(gates, jobs=jobs)
    print(closing_line(told, time.monotonic() - started), flush=True)
    return 1 if any(one.failed for one in told) else 0


def _parse(arguments: Sequence[str] | None) -> tuple[list[Gate], int]:
    """Return the gates that are wanted, and how many may run at a time."""
    known = {gate.name: gate for gate in GATES}
    parser = argparse.ArgumentParser(prog="python -m config.testing.gates", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="gate", help=", ".join(known))
    parser.add_argument("--quick", action="store_true", help="the quick ones")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(known):
        parser.error(f"no such gate: {', '.join(sorted(unknown))}")
    if options.quick:
        return [gate for gate in GATES if gate.quick], options.jobs
    return [gate for gate in GATES if gate.name in options.names or not options.names], options.jobs


if __name__ == "__main__":
    sys.exit(main())
