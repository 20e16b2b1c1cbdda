"""How many sign-ins the whole house refuses: what shows spraying and stuffing, where no account and no address does.

Above the limit nobody is locked out, since that would be a weapon: strangers are asked for more (a robots' challenge),
and staff are told. Counted in spans of five minutes; the last span counts on until the present one is over. Beside it
stands how many refusals are written down one by one in a minute, so that no flood, from however many addresses, fills
the disk.
"""

import datetime as dt
from dataclasses import dataclass

from kit.origin import network_of
from limits import conf, stores
from limits.counters import Limit, Verdict

SPAN_SECONDS = 300
MINUTE = 60
FREE_FAILURES = 10  # from one network address in two spans, before its strangers are asked for more


@dataclass(frozen=True, slots=True)
class Reading:
    """Wrong guesses in the busier of this span and the last one, and lately from one address, against their limits."""

    refusals: int
    limit: int  # 0: there is none
    refusals_here: int
    limit_here: int

    @property
    def is_high(self) -> bool:
        """Tell whether strangers should be asked for more."""
        return 0 < self.limit < self.refusals or self.refusals_here > self.limit_here


@dataclass(frozen=True, slots=True)
class Note:
    """What a refusal that was counted means. `failures` is None for one that is no wrong guess."""

    written: Verdict
    failures: Verdict | None

    @property
    def is_written(self) -> bool:
        """Tell whether it is to be written down by itself."""
        return self.written.allowed

    @property
    def is_first_unwritten(self) -> bool:
        """Tell whether it is the one from which on the others of its minute are only counted."""
        return self.written.count == self.written.limit + 1

    @property
    def has_risen(self) -> bool:
        """Tell whether it is the wrong guess that passed the limit: one of a span is."""
        return self.failures is not None and 0 < self.failures.limit == self.failures.count - 1


def note(*, address: str, now: dt.datetime, is_failure: bool) -> Note:
    """Count a refused sign-in, as a wrong guess (`is_failure`) or as one that was not looked at.

    One round trip, or one statement.
    """
    limits = [Limit(f"refusals:{int(now.timestamp()) // MINUTE}", conf.refusals_written(), MINUTE)]
    if is_failure:
        limits.append(Limit(_key(_span(now)), conf.pressure_limit(), 2 * SPAN_SECONDS))
        limits.append(Limit(_key_of(address), _limit_here(), 2 * SPAN_SECONDS))
    written, *failures = stores.hit_all(limits, now=now)
    return Note(written=written, failures=failures[0] if failures else None)


def read(*, address: str, now: dt.datetime) -> Reading:
    """Return the pressure on the house and from one network address, without adding to it. As cheap as `note`."""
    span, here = _span(now), _key_of(address)
    counts = stores.read([_key(span), _key(span - 1), here], now=now)
    failures_here = counts.pop(here, 0)
    return Reading(
        refusals=max(counts.values(), default=0),
        limit=conf.pressure_limit(),
        refusals_here=failures_here,
        limit_here=_limit_here(),
    )


def _span(now: dt.datetime) -> int:
    return int(now.timestamp()) // SPAN_SECONDS


def _key(span: int) -> str:
    return f"pressure:{span}"


def _key_of(address: str) -> str:
    return f"pressure-of:{network_of(address)}"


def _limit_here() -> int:
    return max(1, int(FREE_FAILURES * conf.scale()))
