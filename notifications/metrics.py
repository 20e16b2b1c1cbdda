"""What notifications counts, and what of its queue is read when somebody asks.

The queue is read by one statement, answered from the index over what is due; the providers' states by another.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Count, Min

from kit.metrics import Counter, Durations, Level, Reading, Sample
from notifications import breakers
from notifications.guard_words import WORDS
from notifications.lanes import Lane
from notifications.models import Attempt, Message, ProviderState
from notifications.providers import registry


def _providers() -> list[str]:
    return [provider.name for provider in registry.list_used()]


LANES = [lane.label for lane in Lane]
STATUSES = [Message.Status.QUEUED.value, Message.Status.SCHEDULED.value, Message.Status.SENDING.value]

DELIVERIES = Counter(
    "deliveries_total",
    "Attempts to hand a message to a provider, by what came of them.",
    provider=_providers,
    outcome=[outcome.value for outcome in Attempt.Outcome if outcome != Attempt.Outcome.OPEN],
)
DELIVERY_SECONDS = Durations(
    "delivery_seconds", "How long a provider takes to take or refuse a message.", provider=_providers
)
GUARDED = Counter("guarded_total", "Short messages that the guard did not let out, by why.", reason=list(WORDS))
STREAMS_ENDED = Counter(
    "streams_ended_total",
    "Streams of inboxes that have ended, by why.",
    reason=["gone", "restart", "session_ended", "slow", "token_expired"],
)
STREAMS = Level("streams", "Streams of inboxes that are open.")
WAITING = Reading("outbox_messages", "Messages that are not done with.", lane=LANES, status=STATUSES)
OLDEST = Reading(
    "outbox_oldest_due_seconds", "How long the oldest message that is due has been due; 0: none is.", lane=LANES
)
BREAKER = Reading(
    "provider_breaker",
    "The breaker of each provider: 1 at the state that it is in.",
    provider=_providers,
    state=[state.value for state in ProviderState.Breaker],
)
USABLE = Reading(
    "provider_usable", "Whether a provider may be given anything now: 1; 0 also while it rests.", provider=_providers
)
RESTING = Reading(
    "provider_paused_seconds", "For how long a provider has still asked for a rest; 0: it has not.", provider=_providers
)


def count_deliveries(made: Iterable[tuple[str, str]]) -> None:
    """Count attempts, each by its provider and outcome."""
    for provider, outcome in made:
        DELIVERIES.count(provider=provider, outcome=outcome)


def read(now: datetime) -> Iterator[Sample]:
    """Yield how full the queue is and how old what is in it, and how the providers are. Two statements."""
    yield from _read_providers(now)
    rows = Message.objects.filter(due_at__isnull=False).order_by().values_list("lane", "status")
    found = {(lane, status): numbers for lane, status, *numbers in rows.annotate(Count("due_at"), Min("due_at"))}
    for lane in Lane:
        ages = [0.0]
        for status in STATUSES:
            number, oldest = found.get((lane, status), (0, now))
            yield WAITING.of(number, lane=lane.label, status=status)
            ages.append((now - oldest).total_seconds())
        yield OLDEST.of(max(ages), lane=lane.label)


def _read_providers(now: datetime) -> Iterator[Sample]:
    for name, state in breakers.states().items():
        for breaker in ProviderState.Breaker:
            yield BREAKER.of(float(state.breaker == breaker), provider=name, state=breaker.value)
        yield USABLE.of(float(breakers.is_usable(state, now)), provider=name)
        rest = (state.paused_until - now).total_seconds() if state.paused_until else 0.0
        yield RESTING.of(max(0.0, rest), provider=name)
