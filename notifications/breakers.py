"""Circuit breakers: one for each provider, shared by all processes through its row, and held by nobody during a call.

A dispatcher reads all rows together at most once a second, decides in memory, and writes what a batch taught by a
conditional update: another process that learnt something meanwhile makes it look again. Only what a provider does to
everybody counts (no connection, 5xx, time-outs): a message that it refuses, and a rate limit, say nothing against it.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q

from audit import recording
from kit.origin import NOWHERE, Origin
from notifications import conf, event_types, rates
from notifications.channels import Channel
from notifications.models import Attempt, ProviderState
from notifications.providers import registry

if TYPE_CHECKING:
    from notifications.delivery import Result

log = structlog.get_logger(__name__)

Breaker = ProviderState.Breaker
Outcome = Attempt.Outcome

FAILURES_IN_A_ROW = 5
WINDOW = timedelta(seconds=60)
WINDOW_CALLS = 20  # fewer in a window say nothing about a share
WINDOW_SHARE = 0.5
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=5)
MOST_OPENINGS = 10  # beyond which counting changes nothing
PROBES = 2  # successes in a row that close it
LONGEST_REST = timedelta(hours=1)  # a provider may ask for more; it is asked again after this
READ_INTERVAL = 1.0  # seconds
TRIES_TO_WRITE = 5

# What decides the next state. A write holds only while these are what it was computed from.
_DECIDES = (
    "breaker",
    "failures",
    "window_start",
    "window_calls",
    "window_failures",
    "openings",
    "open_until",
    "probe_until",
    "probe_successes",
    "paused_until",
)


@dataclass(slots=True)
class Lesson:
    """What some calls of one provider taught: of a batch, in the order of their ends."""

    calls: int = 0
    failures: int = 0
    failures_at_end: int = 0
    answered: bool = False
    misconfigured: bool = False
    paused_until: datetime | None = None
    error: str = ""
    seconds: float = 0.0
    probes: list[bool | None] = field(default_factory=list)

    @property
    def is_pressing(self) -> bool:
        """Tell whether others must know of it at once."""
        return bool(self.failures or self.misconfigured or self.paused_until or self.probes)

    def add(self, result: "Result", now: datetime, *, probe: bool) -> None:
        """Learn from one more call. What was never sent teaches nothing, but gives a probe back."""
        called = result.outcome != Outcome.WITHDRAWN and not result.is_ours and not result.retry_after
        if result.retry_after:
            rest = min(timedelta(seconds=result.retry_after), LONGEST_REST)
            self.paused_until = max(now + rest, self.paused_until or now)
        if called:
            self._count(result)
        if probe:
            self.probes.append(self.failures_at_end == 0 if called else None)

    def _count(self, result: "Result") -> None:
        failed = result.is_fault or result.outcome == Outcome.MISCONFIGURED
        self.calls += 1
        self.seconds += result.seconds
        self.failures += failed
        self.failures_at_end = self.failures_at_end + 1 if failed else 0
        self.answered = self.answered or not failed
        self.misconfigured = self.misconfigured or result.outcome == Outcome.MISCONFIGURED
        self.error = result.error if failed else self.error


def after(state: ProviderState, lesson: Lesson, now: datetime) -> dict[str, Any]:
    """Return what to write on a state that has learnt a lesson. Pure."""
    changes: dict[str, Any] = {"updated_at": now}
    if lesson.paused_until is not None:
        changes["paused_until"] = max(lesson.paused_until, state.paused_until or lesson.paused_until)
    if lesson.error:
        changes |= {"last_error": lesson.error, "last_error_at": now}
    if lesson.answered:
        changes["last_success_at"] = now
    if lesson.calls:
        mean = lesson.seconds / lesson.calls
        changes["latency"] = state.latency * 0.8 + mean * 0.2 if state.latency else mean
    if state.breaker == Breaker.CLOSED:
        return changes | _counted(state, lesson, now)
    if state.breaker == Breaker.HALF_OPEN and lesson.probes:
        return changes | _probed(state, lesson, now)
    return changes


def is_usable(state: ProviderState, now: datetime, *, reserved: bool = False) -> bool:
    """Tell whether a provider may be given anything now, a probe apart. `reserved`: of its quota something is held."""
    return state.breaker == Breaker.CLOSED and _is_willing(state, now, reserved=reserved)


def may_be_probed(state: ProviderState, now: datetime, *, reserved: bool = False) -> bool:
    """Tell whether a provider is due for one message that finds out how it is, and nobody is at that."""
    if state.breaker == Breaker.CLOSED or not _is_willing(state, now, reserved=reserved):
        return False
    until = state.open_until if state.breaker == Breaker.OPEN else state.probe_until
    return until is None or until <= now


def back_at(state: ProviderState, now: datetime) -> datetime:
    """Return when a provider that cannot be used now may come back: in a while, where nobody knows."""
    known = [state.paused_until, state.open_until if state.breaker == Breaker.OPEN else state.probe_until]
    known += [rates.tomorrow(now)] if rates.is_spent(state, now) else []
    ahead = [moment for moment in known if moment is not None and moment > now]
    if state.switched_off or not ahead:
        return now + FIRST_PAUSE
    return max(ahead)


def states() -> dict[str, ProviderState]:
    """Return the state of each provider in use, also of one that nothing is known of yet. One statement."""
    rows = {state.name: state for state in ProviderState.objects.all()}
    return {
        provider.name: rows.get(provider.name) or ProviderState(name=provider.name) for provider in registry.list_used()
    }


def switch(name: str, *, off: bool, actor: UUID | None, now: datetime, origin: Origin = NOWHERE) -> bool:
    """Take a provider out of use, or back into it; return whether that changed anything. Recorded.

    Back in use it starts with a clean slate. Everybody heeds it within a second.
    """
    fresh: dict[str, Any] = {} if off else _closed(0) | {"paused_until": None}
    with transaction.atomic():
        _ensure_row(name, now)
        switched = ProviderState.objects.filter(name=name, switched_off=not off).update(
            switched_off=off, switched_by=actor, switched_at=now, updated_at=now, **fresh
        )
        if switched:
            event = event_types.PROVIDER_SWITCHED_OFF if off else event_types.PROVIDER_SWITCHED_ON
            recording.record(event, now=now, actor=actor, target_kind="provider", target=name, origin=origin)
    return bool(switched)


class NoProvider(Exception):
    """A channel has no provider that can be used."""


def check_health(now: datetime) -> None:
    """Raise NoProvider when a channel that is in use, or that of mail, has nobody to carry it. Nobody is called.

    Its messages wait, and nothing is lost.
    """
    known = states()
    for channel in registry.CHANNELS:
        providers = registry.providers_of(channel)
        usable = [one for one in providers if _is_well(known[one.name], now) and one.health() == "ok"]
        if not usable and (providers or channel == Channel.EMAIL):
            raise NoProvider(channel)


class Board:
    """What one dispatcher knows of all providers, and holds of their rates. For one thread."""

    def __init__(self) -> None:
        self.purse = rates.Purse()
        self._states: dict[str, ProviderState] = {}
        self._lessons: dict[str, Lesson] = {}
        self._next_read = 0.0
        self._next_write = 0.0

    def look(self) -> None:
        """Read all states, unless that was done less than a second ago. One statement."""
        moment = time.monotonic()
        if moment >= self._next_read:
            self._states = {state.name: state for state in ProviderState.objects.all()}
            self._next_read = moment + READ_INTERVAL

    def state(self, name: str) -> ProviderState:
        """Return what is known of a provider: nothing bad of one that was never heard of."""
        return self._states.get(name) or self._states.setdefault(name, ProviderState(name=name))

    def is_usable(self, name: str, now: datetime) -> bool:
        """Tell whether a provider may be given anything now."""
        return is_usable(self.state(name), now, reserved=self.purse.holds(name))

    def may_be_probed(self, name: str, now: datetime) -> bool:
        """Tell whether a provider is due for a probe that nobody makes."""
        return may_be_probed(self.state(name), now, reserved=self.purse.holds(name))

    def was_open_lately(self, name: str, now: datetime) -> bool:
        """Tell whether a provider's breaker was due for a probe less than a minute ago, or is not yet."""
        open_until = self.state(name).open_until
        return open_until is not None and now - open_until < WINDOW

    def back_at(self, name: str, now: datetime) -> datetime:
        """Return when a provider that cannot be used now may come back."""
        return back_at(self.state(name), now)

    def begin_probe(self, name: str, now: datetime) -> bool:
        """Take the one probe of a provider for ourselves, for as long as a lease. False: somebody else has it."""
        seen = self.state(name)
        if not self.may_be_probed(name, now):
            return False
        due = Q(breaker=Breaker.OPEN, open_until__lte=now) | Q(breaker=Breaker.HALF_OPEN) & (
            Q(probe_until=None) | Q(probe_until__lte=now)
        )
        until = now + conf.lease()
        won = ProviderState.objects.filter(due, name=name, switched_off=False).update(
            breaker=Breaker.HALF_OPEN, probe_until=until, updated_at=now
        )
        seen.breaker, seen.probe_until = Breaker.HALF_OPEN, until
        if not won:
            self._next_read = 0.0
        return bool(won)

    def learn(self, results: Iterable[tuple[str, "Result", bool]], now: datetime) -> None:
        """Take in what came of calls: the provider, the result, whether it was a probe."""
        for name, result, probe in results:
            self._lessons.setdefault(name, Lesson()).add(result, now, probe=probe)

    def tell(self, now: datetime, *, at_once: bool = False) -> None:
        """Write what was learnt for all to see: bad news at once, that all is well once a second.

        One conditional update for each provider.
        """
        pressing = any(lesson.is_pressing for lesson in self._lessons.values())
        if not (at_once or pressing) and time.monotonic() < self._next_write:
            return
        self._next_write = time.monotonic() + READ_INTERVAL
        for name, lesson in list(self._lessons.items()):
            if lesson.calls or lesson.is_pressing:
                self._states[name] = _write(self.state(name), lesson, now)
            del self._lessons[name]


def _write(state: ProviderState, lesson: Lesson, now: datetime) -> ProviderState:
    """Write a lesson on what the row says by now, and return that."""
    for _ in range(TRIES_TO_WRITE):
        changes = after(state, lesson, now)
        seen = {name: getattr(state, name) for name in _DECIDES}
        held = ProviderState.objects.filter(name=state.name, **seen)
        if held.update(**changes):
            _tell(state, changes)
            for name, value in changes.items():
                setattr(state, name, value)
            return state
        _ensure_row(state.name, now)
        state = ProviderState.objects.get(name=state.name)
    log.warning("provider_state_contended", provider=state.name)
    return state


def _tell(state: ProviderState, changes: dict[str, Any]) -> None:
    breaker = changes.get("breaker", state.breaker)
    if breaker != state.breaker:
        log.warning("breaker_moved", provider=state.name, breaker=str(breaker), until=str(changes.get("open_until")))


def _ensure_row(name: str, now: datetime) -> None:
    ProviderState.objects.bulk_create([ProviderState(name=name, updated_at=now)], ignore_conflicts=True)


def _is_well(state: ProviderState, now: datetime) -> bool:
    """Tell whether a provider works as far as anybody knows: also after one good probe, should no second one come."""
    return is_usable(state, now) or (state.probe_successes > 0 and may_be_probed(state, now))


def _is_willing(state: ProviderState, now: datetime, *, reserved: bool) -> bool:
    rests = state.switched_off or (state.paused_until is not None and state.paused_until > now)
    return not rests and (reserved or not rates.is_spent(state, now))


def _counted(state: ProviderState, lesson: Lesson, now: datetime) -> dict[str, Any]:
    """Return what follows of calls through a closed breaker: it counts, or opens."""
    in_a_row = lesson.failures_at_end + (0 if lesson.answered else state.failures)
    start, calls, failures, openings = state.window_start, state.window_calls, state.window_failures, state.openings
    if start is None or now - start >= WINDOW:
        # A minute in which it stayed closed, and the next pause is short again.
        openings = openings if start is None else 0
        start, calls, failures = now, 0, 0
    calls, failures = calls + lesson.calls, failures + lesson.failures
    many = calls >= WINDOW_CALLS and failures >= calls * WINDOW_SHARE
    if in_a_row >= FAILURES_IN_A_ROW or many or lesson.misconfigured:
        return _opened(openings, now, longest=lesson.misconfigured) | {"failures": in_a_row}
    return {
        "failures": in_a_row,
        "window_start": start,
        "window_calls": calls,
        "window_failures": failures,
        "openings": openings,
    }


def _probed(state: ProviderState, lesson: Lesson, now: datetime) -> dict[str, Any]:
    """Return what follows of a probe: open for longer, closed, or another probe."""
    if False in lesson.probes:
        return _opened(state.openings, now, longest=lesson.misconfigured) | {"failures": state.failures + 1}
    successes = state.probe_successes + lesson.probes.count(True)
    if successes >= PROBES:
        return _closed(state.openings)
    return {"probe_successes": successes, "probe_until": None}


def _opened(openings: int, now: datetime, *, longest: bool) -> dict[str, Any]:
    pause = LONGEST_PAUSE if longest else min(FIRST_PAUSE * 2**openings, LONGEST_PAUSE)
    return _closed(min(openings + 1, MOST_OPENINGS)) | {"breaker": Breaker.OPEN, "open_until": now + pause}


def _closed(openings: int) -> dict[str, Any]:
    return {
        "breaker": Breaker.CLOSED,
        "failures": 0,
        "window_start": None,
        "window_calls": 0,
        "window_failures": 0,
        "openings": openings,
        "open_until": None,
        "probe_until": None,
        "probe_successes": 0,
    }
