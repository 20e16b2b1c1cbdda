"""How often one network address may call a route: a fence against floods. Guesses are counted by account, elsewhere.

An address is counted as `kit.origin.network_of` says (IPv6 by its /64). In Redis where there is one; where it
fails, in the database: the limit holds either way, though an outage begins a new count.
"""

import datetime as dt

from kit.errors import Throttled
from kit.origin import network_of
from limits import conf, counters, metrics, redis_counters


def hit(*, route: str, address: str, now: dt.datetime) -> None:
    """Count a request to a route from an address. Raises `kit.errors.Throttled` beyond the route's limit."""
    requests, seconds = conf.by_address().get(route, conf.ADDRESS_DEFAULT)
    limit = max(1, int(requests * conf.scale()))
    verdict = _count(key=f"address:{route}:{network_of(address)}", limit=limit, window=seconds, now=now)
    if not verdict.allowed:
        metrics.HIT.count(route=route)
        raise Throttled(verdict.retry_after)


def _count(*, key: str, limit: int, window: int, now: dt.datetime) -> counters.Verdict:
    url = conf.redis_url()
    if url:
        try:
            return redis_counters.hit(url=url, key=f"gatehouse:limits:{key}", limit=limit, window=window)
        except redis_counters.RedisDown:
            pass
    return counters.hit(key=key, limit=limit, window=window, now=now)
