"""What a command shows of how far it is."""

import io

from kit.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_file_gets_a_line_now_and_then() -> None:
    out, clock = io.StringIO(), Clock()
    progress = Progress("people", 1000, out, clock=clock)
    for _ in range(4):
        clock.seconds += 5
        progress.advance(100)
    progress.close()
    lines = out.getvalue().splitlines()
    assert len(lines) == 2
    assert lines[0] == f"people [{'#' * 6:<30}]  20% 200 of 1,000, 20 a second, 0:40 left"


def test_a_terminal_gets_a_bar_that_is_drawn_over() -> None:
    out, clock = Terminal(), Clock()
    progress = Progress("people", 10, out, clock=clock)
    clock.seconds = 0.1
    progress.advance(5)
    assert out.getvalue() == ""
    clock.seconds = 1
    progress.advance(5)
    progress.close()
    assert out.getvalue().count("\r") == 2
    assert out.getvalue().endswith(f"[{'#' * 30}] 100% 10 of 10, 10 a second\n")


def test_what_was_done_before_counts_for_the_bar_and_not_for_the_rate() -> None:
    out, clock = io.StringIO(), Clock()
    progress = Progress("hashes", 100_000, out, clock=clock)
    progress.start_at(50_000)
    clock.seconds = 10
    progress.advance(10)
    assert "50,010 of 100,000, 1 a second, 13:53:10 left" in out.getvalue()


def test_without_a_total_it_counts() -> None:
    out, clock = io.StringIO(), Clock()
    progress = Progress("lines", None, out, clock=clock)
    clock.seconds = 10
    progress.advance(50)
    progress.close()
    assert out.getvalue() == "lines 50, 5 a second\n"
