"""What became of messages, in numbers. The index over state and id answers: ids are in the order of time."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from kit.ids import earliest
from kit.tallies import Span, count_each
from notifications.lanes import Lane
from notifications.models import Attempt, Message

MOST = 1_000  # where only "many" matters, no more are counted
PATIENCE = dt.timedelta(minutes=15)
PICKED_UP_WITHIN = dt.timedelta(minutes=5)  # a lease and some: what is due longer has no worker

Status = Message.Status


@dataclass(frozen=True, slots=True)
class Numbers:
    """Messages of each day that were sent and that failed, and what needs somebody now.

    `waiting` have been on their way for more than 15 minutes; `overdue` should have been taken up five minutes ago.
    """

    sent: list[int]
    failed: list[int]
    failed_lately: int
    waiting: int
    overdue: int


def gather(*, days: Sequence[Span], now: dt.datetime) -> Numbers:
    """Count messages by the day they were asked for, and those that failed in 24 hours or wait. One statement."""
    sent = {("sent", day.since): _made(day).filter(status__in=(Status.SENT, Status.DELIVERED)) for day in days}
    failed = {("failed", day.since): _made(day).filter(status=Status.FAILED) for day in days}
    lately, waiting, overdue = (("now", now - ago) for ago in (dt.timedelta(days=1), PATIENCE, PICKED_UP_WITHIN))
    counts = count_each(
        {
            **sent,
            **failed,
            lately: Message.objects.filter(status=Status.FAILED, id__gte=earliest(lately[1]))[:MOST],
            waiting: Message.objects.filter(
                status__in=(Status.QUEUED, Status.SENDING),
                awaiting="",
                due_at__isnull=False,  # what is told of in a digest waits with that
                id__lt=earliest(waiting[1]),
            )[:MOST],
            overdue: Message.objects.filter(lane__in=Lane.values, due_at__lte=overdue[1])[:MOST],
        }
    )
    return Numbers(
        sent=[counts[key] for key in sent],
        failed=[counts[key] for key in failed],
        failed_lately=counts[lately],
        waiting=counts[waiting],
        overdue=counts[overdue],
    )


@dataclass(frozen=True, slots=True)
class Times:
    """How many seconds the newest messages of a lane took from being accepted to being sent."""

    lane: str
    count: int
    half: float
    most: float
    slowest: float


def times(*, now: dt.datetime) -> list[Times]:
    """Return how long messages took in the last day, by lane: of the newest 1,000 that were sent. One statement."""
    sent = Message.objects.filter(
        status__in=(Status.SENT, Status.DELIVERED), id__gte=earliest(now - dt.timedelta(days=1))
    )
    took: dict[int, list[float]] = {}
    for lane, created_at, sent_at in sent.order_by("-id").values_list("lane", "created_at", "sent_at")[:MOST]:
        if sent_at is not None:
            took.setdefault(lane, []).append((sent_at - created_at).total_seconds())
    return [_times_of(Lane(lane), sorted(seconds)) for lane, seconds in sorted(took.items())]


def failures(*, now: dt.datetime) -> list[tuple[str, int]]:
    """Return why messages failed in the last week, the commonest first: of the newest 1,000. One statement."""
    failed = Message.objects.filter(status=Status.FAILED, id__gte=earliest(now - dt.timedelta(days=7)))
    return Counter(failed.order_by("-id").values_list("failure", flat=True)[:MOST]).most_common()


def _times_of(lane: Lane, seconds: list[float]) -> Times:
    last = len(seconds) - 1
    return Times(lane.label, len(seconds), seconds[last // 2], seconds[last * 95 // 100], seconds[last])


def count_failed_attempts(spans: Sequence[Span]) -> list[int]:
    """Count the attempts begun in each stretch of time that did not get a message out. One statement."""
    failed = Attempt.objects.filter(outcome__in=Attempt.FAILURES)
    ranges = {span: failed.filter(id__gte=earliest(span.since), id__lt=earliest(span.until)) for span in spans}
    counts = count_each(ranges)
    return [counts[span] for span in spans]


def _made(span: Span) -> QuerySet[Message]:
    return Message.objects.filter(id__gte=earliest(span.since), id__lt=earliest(span.until))
