"""What the log says in numbers, and whether it is well kept. Everything here is answered from indexes.

A flood of refusals is one entry that says how many it stands for; they are added to the count, so that an attack
does not look smaller than it was.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import F, IntegerField, Q, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from audit import floods, triggers
from audit.models import Entry, Flood, Personal
from audit.vocabulary import EventType, Outcome
from kit.tallies import Span, count_each

MOST = 1_000  # where only "many" matters, no more are counted


@dataclass(frozen=True, slots=True)
class Numbers:
    """How often something was done and refused on each day, and how many floods of refusals there were lately."""

    done: list[int]
    refused: list[int]
    floods: int
    floods_now: int


@dataclass(frozen=True, slots=True)
class Keeping:
    """Since when an entry has waited for its seal (None: none waits), and which guards of the log are gone."""

    unsealed_since: dt.datetime | None
    missing_triggers: list[str]


def gather(*, days: Sequence[Span], event: EventType, now: dt.datetime) -> Numbers:
    """Count an event and all refusals by day, and the floods of the last 24 hours. Two statements."""
    lately = Span(now - dt.timedelta(days=1), now + dt.timedelta(seconds=1))
    done = {("done", day.since): _within(day).filter(action=event.name) for day in days}
    refused = {("refused", day.since): _refusals(day) for day in days}
    counts = count_each(
        {
            **done,
            **refused,
            ("floods", lately.since): _floods(lately)[:MOST],
            ("now", lately.since): Flood.objects.filter(
                first_at__gt=now - dt.timedelta(seconds=2 * floods.WINDOW), count__gt=floods.LIMIT
            )[:MOST],
        }
    )
    more = _repeated(days)
    return Numbers(
        done=[counts[key] for key in done],
        refused=[counts[key] + extra for key, extra in zip(refused, more, strict=True)],
        floods=counts["floods", lately.since],
        floods_now=counts["now", lately.since],
    )


def count_refused(*, events: Collection[str], spans: Sequence[Span]) -> dict[str, list[int]]:
    """Return how often each of these events happened in each stretch of time, by its name, floods in full.

    They are events that are never recorded but as refused. Three statements.
    """
    single = count_each(
        {
            (event, position): _within(span).filter(action=event)
            for event in events
            for position, span in enumerate(spans)
        }
    )
    counts = {event: [single[event, position] for position in range(len(spans))] for event in events}
    sums = {f"span{position}": _more_than_one(span) for position, span in enumerate(spans)}
    over = _floods(Span(spans[0].since, spans[-1].until)).filter(action__in=events)
    for event, *more in over.order_by().values_list("action").annotate(**sums):
        counts[event] = [count + extra for count, extra in zip(counts[event], more, strict=True)]
    counted = Flood.objects.filter(action__in=events, count__gt=floods.LIMIT, first_at__gte=spans[-1].since)
    for event, more in counted.values_list("action").annotate(more=Sum(F("count") - floods.LIMIT)):
        counts[event][-1] += more
    return counts


def inspect() -> Keeping:
    """Tell how the log is kept. Two statements."""
    waiting = Personal.objects.filter(sealed=False).order_by("entry_id")
    oldest = waiting.values_list("entry__at", flat=True).first()
    return Keeping(unsealed_since=oldest, missing_triggers=triggers.missing())


def list_latest(count: int) -> list[Entry]:
    """Return the newest entries. One statement."""
    return list(Entry.objects.order_by("-at", "-id")[:count])


def _within(span: Span) -> QuerySet[Entry]:
    return Entry.objects.filter(at__gte=span.since, at__lt=span.until)


def _refusals(span: Span) -> QuerySet[Entry]:
    return _within(span).filter(outcome=Outcome.REFUSED)


def _floods(span: Span) -> QuerySet[Entry]:
    """Return the entries that stand for a flood, by what their index knows: no single request made them."""
    return _refusals(span).filter(request_id="", details__has_key="repeated")


def _repeated(days: Sequence[Span]) -> list[int]:
    """Return for each day how many refusals its flood entries stand for beyond themselves."""
    sums = {f"day{position}": _more_than_one(day) for position, day in enumerate(days)}
    found = _floods(Span(days[0].since, days[-1].until)).aggregate(**sums)
    return [found[name] for name in sums]


def _more_than_one(span: Span) -> Sum:
    """Return how many refusals the flood entries of a stretch of time stand for beyond themselves."""
    number = Cast(KeyTextTransform("repeated", "details"), IntegerField())
    return Sum(number - 1, filter=Q(at__gte=span.since, at__lt=span.until), default=0)
