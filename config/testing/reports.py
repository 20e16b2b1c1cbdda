"""What came of each part of a test run, read from its JUnit report, and how it is told at the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree


@dataclass(frozen=True, kw_only=True)
class _Counts:
    tests: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Outcome(_Counts):
    """One part of the suite on one set-up: the exit status of its pytest and its counts."""

    setup: str
    part: str
    status: int
    note: str = ""

    @property
    def passed(self) -> bool:
        """A part has passed when pytest says so and something ran."""
        return self.status == 0 and self.tests > self.skipped


def outcome_of(setup: str, part: str, status: int, junit: Path) -> Outcome:
    """Read a JUnit report. Raises OSError or ParseError when there is none."""
    suites = list(ElementTree.parse(junit).getroot().iter("testsuite"))  # noqa: S314 - pytest's own file

    def total(attribute: str) -> int:
        return sum(int(suite.get(attribute, "0")) for suite in suites)

    return Outcome(
        setup,
        part,
        status,
        tests=total("tests"),
        failed=total("failures"),
        errors=total("errors"),
        skipped=total("skipped"),
        seconds=sum(float(suite.get("time", "0")) for suite in suites),
        note={5: "collected no test"}.get(status, ""),
    )


def table(outcomes: Sequence[Outcome]) -> str:
    """Return a line for each part, and the number of tests on each set-up."""
    lines = ["", f"{'set-up':<14}{'part':<16}{'tests':>7}{'failed':>8}{'skipped':>9}{'seconds':>9}"]
    for one in outcomes:
        verdict = "" if one.passed else f"  FAILED {one.note}".rstrip()
        counts = f"{one.tests:>7}{one.failed + one.errors:>8}{one.skipped:>9}{one.seconds:>9.1f}"
        lines.append(f"{one.setup:<14}{one.part:<16}{counts}{verdict}")
    for setup in dict.fromkeys(one.setup for one in outcomes):
        run = sum(one.tests - one.skipped for one in outcomes if one.setup == setup)
        lines.append(f"{setup}: {run} tests run")
    return "\n".join(lines)


def closing_line(outcomes: Sequence[Outcome], seconds: float) -> str:
    """Return the totals in the words of pytest's last line."""
    counts = {
        "failed": sum(one.failed for one in outcomes),
        "passed": sum(one.tests - one.failed - one.errors - one.skipped for one in outcomes),
        "skipped": sum(one.skipped for one in outcomes),
        "errors": sum(one.errors for one in outcomes),
        "parts failed": sum(not one.passed for one in outcomes),
    }
    told = ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "no tests ran"
    return f"{'=' * 20} {told} in {seconds:.2f}s {'=' * 20}"
