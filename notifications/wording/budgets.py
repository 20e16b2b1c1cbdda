"""What one wording may use up: a body that somebody else wrote ends, whatever it says."""

import time

MAX_SOURCE = 64 * 1024
MAX_OUTPUT = 512 * 1024
MAX_CONTEXT = 64 * 1024
MAX_STEPS = 20_000
MAX_WORK = 4 * 1024 * 1024  # characters that filters read and write
MAX_DEPTH = 20
# Of this thread's own processor time, so that a busy machine refuses nobody.
MAX_SECONDS = 0.25  # for one part of a wording
MAX_SECONDS_OF_WORDING = 1.0  # for all its parts, and what is made of them
MAX_SECONDS_OF_CALL = 5.0  # for all that one call has filled in


class WordingError(Exception):
    """A wording that cannot be used. `line` and `word` say where, as far as that is known."""

    def __init__(self, detail: str, *, line: int = 0, word: str = "") -> None:
        self.detail, self.line, self.word = detail, line, word
        super().__init__(f"Line {line}: {detail}" if line else detail)


class MissingVariable(WordingError):
    """A name that the context does not have; `word` is the whole of it (`order.number`)."""


class TooMuch(WordingError):
    """More than a wording may use."""


class Time:
    """Processor time that several renderings share."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.thread_time() + seconds

    @property
    def left(self) -> float:
        """How many seconds there are still. Raises `TooMuch` where there are none."""
        left = self._ends - time.thread_time()
        if left <= 0:
            raise TooMuch("This takes too long.")
        return left


class Budget:
    """Counts what one rendering uses, and ends it when that is too much."""

    def __init__(self, seconds: float = MAX_SECONDS) -> None:
        self.steps = MAX_STEPS
        self.work = MAX_WORK
        self.output = MAX_OUTPUT
        self._ends = time.thread_time() + min(seconds, MAX_SECONDS)

    def step(self, line: int) -> None:
        """Count one node that is rendered."""
        self.steps -= 1
        if self.steps < 0:
            raise TooMuch(f"This takes more than {MAX_STEPS:,} steps.", line=line)
        if self.steps % 64 == 0:
            self.look_at_the_clock(line)

    def look_at_the_clock(self, line: int) -> None:
        """Raise `TooMuch` when the time is up."""
        if time.thread_time() > self._ends:
            raise TooMuch("This takes too long.", line=line)

    def charge(self, characters: int, line: int) -> None:
        """Count characters that a filter is about to read or write."""
        self.work -= characters
        if self.work < 0:
            raise TooMuch(f"The filters have more than {MAX_WORK:,} characters to do with.", line=line)

    def print(self, text: str, line: int) -> str:
        """Count what is printed, and return it."""
        self.output -= len(text)
        if self.output < 0:
            raise TooMuch(f"This makes more than {MAX_OUTPUT:,} characters.", line=line)
        return text
