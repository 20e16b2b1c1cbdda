"""What a provider may be given: so many messages a second, so many a day. Counted for all processes together.

A bucket of tokens that holds a second's worth. Its last fifth is left to what is urgent, so that a code finds a token
whatever else is being sent. Messages that find none wait, they do not go elsewhere: the next token is near.
"""

import math
from datetime import UTC, datetime, time, timedelta
from typing import Any

from notifications import conf
from notifications.models import ProviderState

URGENT_SHARE = 0.2
TRIES = 3


def is_limited(name: str) -> bool:
    """Tell whether a provider has a rate or a daily quota at all."""
    return name in conf.provider_rates() or name in conf.provider_quotas()


def is_spent(state: ProviderState, now: datetime) -> bool:
    """Tell whether a provider has had all that it may be given today (in UTC)."""
    quota = conf.provider_quotas().get(state.name)
    return quota is not None and state.day == _today(now) and state.day_count >= quota


def tomorrow(now: datetime) -> datetime:
    """Return the moment at which daily quotas begin anew."""
    return datetime.combine(_today(now) + timedelta(days=1), time(), UTC)


def reserve(state: ProviderState, want: int, *, urgent: bool, now: datetime) -> int:
    """Take up to `want` messages' worth of a provider's rate and quota; return how many. One conditional update.

    `state` is what is known of its row, and is brought up to date.
    """
    for _ in range(TRIES):
        granted, changes = allowed(state, want, urgent=urgent, now=now)
        if not granted:
            return 0
        seen = {name: getattr(state, name) for name in ("tokens", "tokens_at", "day", "day_count")}
        if ProviderState.objects.filter(name=state.name, **seen).update(**changes):
            _renew(state, changes)
            return granted
        ProviderState.objects.bulk_create([ProviderState(name=state.name, updated_at=now)], ignore_conflicts=True)
        [found] = ProviderState.objects.filter(name=state.name).values(*seen)
        _renew(state, found)
    return 0


def allowed(state: ProviderState, want: int, *, urgent: bool, now: datetime) -> tuple[int, dict[str, Any]]:
    """Return how many of `want` may go now, and what the row then says. Pure."""
    rate, quota = conf.provider_rates().get(state.name), conf.provider_quotas().get(state.name)
    changes: dict[str, Any] = {}
    if rate is not None:
        tokens = _tokens(state, rate, now)
        kept = 0.0 if urgent or rate < 2 else max(1.0, _capacity(rate) * URGENT_SHARE)  # noqa: PLR2004 - one for each
        want = min(want, max(0, math.floor(tokens - kept + 1e-9)))
        # Never back, or the next one would be given once more what has grown since.
        changes |= {"tokens": tokens - want, "tokens_at": max(now, state.tokens_at or now)}
    if quota is not None:
        spent = state.day_count if state.day == _today(now) else 0
        want = min(want, max(0, quota - spent))
        changes |= {"day": _today(now), "day_count": spent + want}
        if rate is not None:
            changes["tokens"] = tokens - want
    return want, changes


def _capacity(rate: float) -> float:
    return max(1.0, rate)


def _tokens(state: ProviderState, rate: float, now: datetime) -> float:
    if state.tokens is None or state.tokens_at is None:
        return _capacity(rate)
    grown = max(0.0, (now - state.tokens_at).total_seconds()) * rate
    return min(_capacity(rate), state.tokens + grown)


def _today(now: datetime) -> Any:
    return now.astimezone(UTC).date()


def _renew(state: ProviderState, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(state, name, value)


class Purse:
    """What one dispatcher has reserved of providers' rates and not used yet. For one thread."""

    def __init__(self) -> None:
        self._left: dict[tuple[str, bool], int] = {}
        self._dry: set[tuple[str, bool]] = set()

    @property
    def is_short(self) -> bool:
        """Tell whether something could not be paid for since `open`."""
        return bool(self._dry)

    def holds(self, name: str) -> bool:
        """Tell whether anything is reserved of a provider."""
        return any(left for (key, _), left in self._left.items() if key == name)

    def open(self) -> None:
        """Ask anew from here on, of what there was too little before."""
        self._dry.clear()

    def take(self, state: ProviderState, want: int, *, urgent: bool, now: datetime) -> bool:
        """Pay for one message, reserving for up to `want` when nothing is left; False while there is none to be had."""
        if not is_limited(state.name):
            return True
        key = (state.name, urgent)
        if key in self._dry:
            return False
        left = self._left.get(key, 0) or reserve(state, want, urgent=urgent, now=now)
        if not left:
            self._dry.add(key)
            return False
        self._left[key] = left - 1
        return True
