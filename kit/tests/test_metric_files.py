"""Several processes, one set of figures: nothing is lost when one of them ends, however it ends."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import pytest

from kit.metric_files import MetricFiles
from kit.testing.metrics import Values, parse

# A process that counts and answers one line with all that it finds; the end of its input is its end.
PROCESS = """
import os, sys
from pathlib import Path
import structlog
from kit import metrics

structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
metrics.share(Path(sys.argv[1]))
knocks = metrics.Counter("knocks_total", "Knocks.", door=("front", "back"))
waits = metrics.Durations("wait_seconds", "Waits.")
guests = metrics.Level("guests", "Guests.")
with guests.raised():
    for line in sys.stdin:
        knocks.count(door="front")
        waits.observe(0.2)
        if line.startswith("fork"):
            if not os.fork():
                knocks.count(door="back")
                os._exit(0)
            os.wait()
        print(metrics.expose().decode() + "# END", flush=True)
"""

Ask = Callable[..., str]


class Process:
    """One of several processes that share a directory."""

    def __init__(self, directory: Path) -> None:
        command = [sys.executable, "-c", PROCESS, str(directory)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line: str = "count") -> str:
        """Let it count once and return what it exposes then."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return "".join(_until_end(self.process.stdout))

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """Let it end as it should."""
        self.process.communicate(timeout=20)


def _until_end(lines: IO[str]) -> Iterator[str]:
    for line in lines:
        if line == "# END\n":
            return
        yield line


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Process]]:
    with ExitStack() as stack:

        def start() -> Process:
            process = Process(tmp_path / "metrics")
            stack.callback(process.end)
            return process

        yield start


def front_door(text: str) -> float:
    return parse(text, "knocks_total")[("front",)]


def test_each_process_tells_what_all_have_counted(start: Callable[[], Process]) -> None:
    one, two = start(), start()
    one.ask()
    assert front_door(two.ask()) == 2
    text = one.ask()
    assert front_door(text) == 3
    assert parse(text, "wait_seconds_bucket")[("0.25",)] == 3
    assert parse(text, "guests") == {(): 2}


def test_what_a_killed_process_counted_is_kept_and_its_level_and_files_are_not(
    start: Callable[[], Process], tmp_path: Path
) -> None:
    last = start()
    last.ask()
    for _ in range(3):
        other = start()
        other.ask()
        other.kill()
        text = last.ask()
    assert front_door(text) == 7
    assert parse(text, "wait_seconds_count") == {(): 7}
    assert parse(text, "guests") == {(): 1}
    assert len(list((tmp_path / "metrics").glob("*.alive"))) == 1
    assert len(list((tmp_path / "metrics").glob("*.db"))) == 5


def test_counters_go_on_after_all_processes_have_ended(start: Callable[[], Process]) -> None:
    for turn in (1, 2, 3):
        process = start()
        assert front_door(process.ask()) == turn
        process.kill()


def test_a_forked_child_counts_under_a_name_of_its_own(start: Callable[[], Process]) -> None:
    parent = start()
    parent.ask("fork")
    wanted: Values = {("back",): 1, ("front",): 2}
    assert parse(parent.ask(), "knocks_total") == wanted


def test_a_torn_file_of_a_dead_process_is_left_out(start: Callable[[], Process], tmp_path: Path) -> None:
    process = start()
    process.ask()
    for kind in ("counter", "histogram"):
        (tmp_path / "metrics" / f"{kind}_0123456789abcdef.db").write_bytes(b"\xff\xff\xff\x7f" + b"\xff" * 60)
    assert front_door(process.ask()) == 2


def test_a_process_that_cannot_write_there_keeps_its_figures_to_itself(
    start: Callable[[], Process], tmp_path: Path
) -> None:
    (tmp_path / "metrics").write_text("in the way")
    process = start()
    process.ask()
    assert front_door(process.ask()) == 2


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    MetricFiles(tmp_path / "metrics").name_process()
    assert (tmp_path / "metrics").stat().st_mode & 0o777 == 0o700
