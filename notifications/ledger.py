"""The ledger of attempts: opened before a provider is called, closed with what became of it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Min
from django.db.models.functions import Now

from notifications.delivery import Result
from notifications.jobs import Job
from notifications.models import Attempt, Message

WORKER_LOST = "worker_lost"
POISON_ATTEMPTS = 5  # attempts that ended with their worker, after which a message is not tried again

_RECIPIENTS = ("to", "recipient", "remaining", "reply_to")


def begin(jobs: Sequence[Job]) -> list[Job]:
    """Write attempts that are about to be made, and what came of those before; return the jobs that may be made.

    Not those whose lease has run out, or whose message was ended meanwhile. Whom a message goes to is read anew, for
    somebody may have been taken out of it. Once more it changes nothing.
    """
    if not jobs:
        return []
    ours = Message.objects.held(job.message for job in jobs).filter(lease_until__gt=Now())
    rows = {row["pk"]: row for row in ours.select_for_update(no_key=True).values("pk", *_RECIPIENTS)}
    begun = [job for job in jobs if job.message.pk in rows]
    for job in begun:
        for name in _RECIPIENTS:
            setattr(job.message, name, rows[job.message.pk][name])
    Message.objects.note(job.notes() for job in begun)
    Attempt.objects.bulk_create([job.attempt for job in begun], ignore_conflicts=True)
    return begun


def close_attempts(results: Iterable[tuple[Attempt, Result]], now: datetime) -> None:
    """Write what became of attempts, equal results in one statement; also where one was thought lost by now."""
    groups: dict[tuple[str, str, str, str], list[UUID]] = defaultdict(list)
    for attempt, result in results:
        groups[result.outcome, result.error, result.detail, result.provider_id].append(attempt.pk)
    for (outcome, error, detail, provider_id), keys in groups.items():
        Attempt.objects.filter(pk__in=keys, outcome__in=(Attempt.Outcome.OPEN, Attempt.Outcome.UNKNOWN)).update(
            outcome=outcome, error=error, detail=detail, provider_id=provider_id, finished_at=now
        )


def close_lost(messages: Sequence[Message], now: datetime) -> set[UUID]:
    """Mark attempts as unknown whose worker died, and return the messages that have killed theirs too often.

    The others are in doubt from now on: their provider may have taken them. A count of claims alone would condemn
    messages that only waited in a worker that something else killed.
    """
    if not messages:
        return set()
    with transaction.atomic():
        lost = Attempt.objects.filter(message__in=messages, outcome=Attempt.Outcome.OPEN)
        _put_in_doubt(messages, dict(lost.values_list("message", "provider")))
        lost.update(outcome=Attempt.Outcome.UNKNOWN, error=WORKER_LOST, finished_at=now)
    suspects = [message for message in messages if message.claims > POISON_ATTEMPTS]
    if not suspects:
        return set()
    ends = Attempt.objects.filter(message__in=suspects, error=WORKER_LOST).values("message").order_by("message")
    return set(ends.annotate(times=Count("id")).filter(times__gte=POISON_ATTEMPTS).values_list("message", flat=True))


def doubted_since(messages: Iterable[Message]) -> dict[UUID, datetime]:
    """Return since when nobody knows of each message in doubt whether its provider took it. One statement, if any."""
    keys = [message.pk for message in messages if message.in_doubt]
    if not keys:
        return {}
    unknown = Attempt.objects.filter(message__in=keys, outcome=Attempt.Outcome.UNKNOWN).order_by("message")
    return dict(unknown.values("message").annotate(since=Min("started_at")).values_list("message", "since"))


def _put_in_doubt(messages: Sequence[Message], provider_of: dict[UUID, str]) -> None:
    """Note on each message which provider may have taken it: at once, for this process may die as the last did."""
    groups: dict[str, list[UUID]] = defaultdict(list)
    for message in messages:
        if provider := provider_of.get(message.pk):
            message.in_doubt = provider
            groups[provider].append(message.pk)
    for provider, keys in groups.items():
        Message.objects.filter(pk__in=keys).update(in_doubt=provider)
