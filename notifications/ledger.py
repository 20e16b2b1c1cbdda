"""The ledger of attempts: opened before a provider is called, closed with what became of it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from notifications.delivery import Result
from notifications.models import Attempt, Message

WORKER_LOST = "worker_lost"
POISON_ATTEMPTS = 5  # attempts that ended with their worker, after which a message is not tried again


def open_attempts(attempts: Sequence[Attempt]) -> None:
    """Write attempts that are about to be made. Writing them once more changes nothing."""
    if attempts:
        Attempt.objects.bulk_create(attempts, ignore_conflicts=True)


def close_attempts(results: Iterable[tuple[Attempt, Result]], now: datetime) -> None:
    """Write what became of attempts, equal results in one statement."""
    groups: dict[Result, list[UUID]] = defaultdict(list)
    for attempt, result in results:
        groups[result].append(attempt.pk)
    for result, keys in groups.items():
        Attempt.objects.filter(pk__in=keys).update(
            outcome=result.outcome,
            error=result.error,
            detail=result.detail,
            provider_id=result.provider_id,
            finished_at=now,
        )


def close_lost(messages: Sequence[Message], now: datetime) -> set[UUID]:
    """Mark attempts as unknown whose worker died, and return the messages that have killed theirs too often.

    A count of claims alone would condemn messages that only waited in a worker that something else killed.
    """
    if not messages:
        return set()
    Attempt.objects.filter(message__in=messages, outcome=Attempt.Outcome.OPEN).update(
        outcome=Attempt.Outcome.UNKNOWN, error=WORKER_LOST, finished_at=now
    )
    suspects = [message for message in messages if message.claims > POISON_ATTEMPTS]
    if not suspects:
        return set()
    lost = Attempt.objects.filter(message__in=suspects, error=WORKER_LOST).values("message").order_by("message")
    return set(lost.annotate(times=Count("id")).filter(times__gte=POISON_ATTEMPTS).values_list("message", flat=True))
