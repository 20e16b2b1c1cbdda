"""How many sign-ins the whole house refuses: what shows spraying and stuffing, where no account and no address does.

Above the limit nobody is locked out, since that would be a weapon: strangers are asked for more (a robots' challenge),
and staff are told. Counted in spans of five minutes; the last span counts on until the present one is over.
"""

import datetime as dt
import time
from dataclasses import dataclass

from limits import conf, stores
from limits.counters import Limit

SPAN_SECONDS = 300
READ_AGAIN_AFTER = 1.0  # seconds that a process goes by what it has read


@dataclass(frozen=True, slots=True)
class Reading:
    """Refusals in the busier of this span and the last one, held against the limit (0: there is none)."""

    refusals: int
    limit: int

    @property
    def is_high(self) -> bool:
        """Tell whether strangers should be asked for more."""
        return 0 < self.limit < self.refusals

    @property
    def has_risen(self) -> bool:
        """Tell whether the refusal just noted was the one that passed the limit: one of a span is."""
        return 0 < self.limit == self.refusals - 1


class _Memory:
    """What this process has read last."""

    def __init__(self) -> None:
        self._span, self._until, self._refusals = 0, 0.0, 0

    def recall(self, span: int) -> int | None:
        """Return the refusals read within the last second, None when they must be read again."""
        return self._refusals if span == self._span and time.monotonic() < self._until else None

    def keep(self, span: int, refusals: int) -> None:
        """Remember what has been read."""
        self._span, self._until, self._refusals = span, time.monotonic() + READ_AGAIN_AFTER, refusals

    def forget(self) -> None:
        """Read again at the next question."""
        self._until = 0.0


memory = _Memory()


def note(now: dt.datetime) -> Reading:
    """Count a refused sign-in; return how many there have been in this span. One round trip, or one statement."""
    limit = conf.pressure_limit()
    span = _span(now)
    [verdict] = stores.hit_all([Limit(_key(span), limit, 2 * SPAN_SECONDS)], now=now)
    return Reading(refusals=verdict.count, limit=limit)


def read(now: dt.datetime) -> Reading:
    """Return the pressure without adding to it; at most one round trip or statement a second in each process."""
    span = _span(now)
    refusals = memory.recall(span)
    if refusals is None:
        counts = stores.read([_key(span), _key(span - 1)], now=now)
        refusals = max(counts.values(), default=0)
        memory.keep(span, refusals)
    return Reading(refusals=refusals, limit=conf.pressure_limit())


def _span(now: dt.datetime) -> int:
    return int(now.timestamp()) // SPAN_SECONDS


def _key(span: int) -> str:
    return f"pressure:{span}"
