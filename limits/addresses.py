"""How often one network address may call a route: a fence against floods. Guesses are counted by account, elsewhere.

An address is counted as `kit.origin.network_of` says (IPv6 by its /64), in the store that `limits.stores` chooses.
A known device has a fence of its own, and so has a sign-in under way, so that what others behind the same address do
never keeps its owner out.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kit.errors import Throttled
from kit.origin import network_of
from limits import conf, metrics, stores
from limits.counters import Limit, Verdict

ANYTHING = "anything"  # the route that all calls of strangers count on together
DEVICES = "-by-device"  # of a route, for one known device
SIGN_INS = "-by-sign-in"  # of a route, for one sign-in under way, whose password was right
CALLERS = "-by-caller"  # of a route, for one who is signed in, wherever she calls from


@dataclass(frozen=True, slots=True)
class Tally:
    """How a call stands to the limits that it was counted on."""

    verdicts: Sequence[Verdict]

    @property
    def strictest(self) -> Verdict:
        """Return the verdict that refuses longest, or that fewest further calls fit."""
        return min(self.verdicts, key=lambda verdict: (-verdict.retry_after, verdict.remaining, -verdict.reset))

    @property
    def refused(self) -> int:
        """Return how many calls in a row the strictest limit has refused."""
        return max(0, self.strictest.count - self.strictest.limit)

    def headers(self) -> dict[str, str]:
        """Return the `RateLimit` headers (draft-ietf-httpapi-ratelimit-headers-06, with all policies that count)."""
        strictest = self.strictest
        return {
            "RateLimit-Limit": str(strictest.limit),
            "RateLimit-Remaining": str(strictest.remaining),
            "RateLimit-Reset": str(strictest.reset),
            "RateLimit-Policy": ", ".join(f"{verdict.limit};w={verdict.window}" for verdict in self.verdicts),
        }


class TooMany(Throttled):
    """A call beyond its limit; `tally` says beyond which."""

    def __init__(self, tally: Tally) -> None:
        super().__init__(tally.strictest.retry_after)
        self.tally = tally


def hit(*, route: str, address: str, now: dt.datetime, with_others: bool = False) -> Tally:
    """Count a call of a route from an address. Raises `TooMany` beyond the route's limit.

    `with_others` counts it on the limit of all routes together as well: for calls that strangers make, not for
    failures of clients that were signed in a moment ago.
    """
    network = network_of(address)
    routes = [route, ANYTHING] if with_others else [route]
    return _count(route, [_limit(name, f"address:{name}:{network}") for name in routes], now)


def hit_by_device(*, route: str, device: UUID, now: dt.datetime) -> Tally:
    """Count a call of a route from a device that has proved to be known. Raises `TooMany` beyond its limit."""
    name = route + DEVICES
    return _count(name, [_limit(name, f"device:{route}:{device}")], now)


def hit_by_sign_in(*, route: str, attempt: UUID, now: dt.datetime) -> Tally:
    """Count a call of a route that goes on with a sign-in under way. Raises `TooMany` beyond its limit."""
    name = route + SIGN_INS
    return _count(name, [_limit(name, f"sign-in:{route}:{attempt}")], now)


def hit_by_caller(*, route: str, caller: UUID, now: dt.datetime) -> Tally:
    """Count a call of a route by somebody who is signed in. Raises `TooMany` beyond her limit, which nothing scales."""
    name = route + CALLERS
    return _count(name, [Limit(f"caller:{route}:{caller}", *conf.of_route(name))], now)


def _limit(route: str, key: str) -> Limit:
    requests, seconds = conf.of_route(route)
    return Limit(key, max(1, int(requests * conf.scale())), seconds)


def _count(route: str, limits: Sequence[Limit], now: dt.datetime) -> Tally:
    tally = Tally(stores.hit_all(limits, now=now))
    if not tally.strictest.allowed:
        metrics.HIT.count(route=route)
        raise TooMany(tally)
    return tally
