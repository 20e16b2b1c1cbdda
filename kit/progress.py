"""How far a command is: a bar on a terminal, a line now and then anywhere else."""

import time
from collections.abc import Callable
from typing import TextIO

WIDTH = 30
ON_TERMINAL = 0.2  # seconds between two pictures
IN_FILE = 10.0


class Progress:
    """Counts up to a total (None: not known) and shows it on `stream`, with the rate and what is left of the time."""

    def __init__(
        self, label: str, total: int | None, stream: TextIO, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.done = 0
        self._label, self._total, self._stream, self._clock = label, total, stream, clock
        self._is_terminal = stream.isatty()
        self._every = ON_TERMINAL if self._is_terminal else IN_FILE
        self._started = self._shown = clock()
        self._first = 0
        self._told = -1

    def start_at(self, done: int) -> None:
        """Say how much was done before: it counts for the bar and not for the rate."""
        self.done = self._first = done

    def advance(self, by: int = 1) -> None:
        """Count, and show it when it is time."""
        self.done += by
        if self._clock() - self._shown >= self._every:
            self._show()

    def close(self) -> None:
        """Show the end, unless the last line was it."""
        if self._is_terminal or self.done != self._told:
            self._show()
        if self._is_terminal:
            self._stream.write("\n")
            self._stream.flush()

    def _show(self) -> None:
        self._shown, self._told = self._clock(), self.done
        text = self._text()
        self._stream.write(f"\r\x1b[K{text}" if self._is_terminal else f"{text}\n")
        self._stream.flush()

    def _text(self) -> str:
        seconds = max(self._shown - self._started, 0.001)
        rate = (self.done - self._first) / seconds
        if not self._total:
            return f"{self._label} {self.done:,}, {rate:,.0f} a second"
        share = min(self.done / self._total, 1)
        bar = "#" * int(share * WIDTH)
        left = f", {_clock_text((self._total - self.done) / rate)} left" if rate and share < 1 else ""
        counted = f"{self.done:,} of {self._total:,}, {rate:,.0f} a second{left}"
        return f"{self._label} [{bar:<{WIDTH}}] {share:4.0%} {counted}"


def _clock_text(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
