"""What streams read: how many inboxes stand, and what has changed in some of them. On threads, never on the loop."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Q

from notifications import inbox
from notifications.models import Inbox, InboxItem
from notifications.streams import events

PAGE = 100  # items read at a time for one stream
MANY = 500  # items read at a time for all
TOGETHER = 50  # people whose changes are read by one statement
POLLED = 1000  # people whose inboxes are looked at by one statement

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Stand:
    """How an inbox stood when it was read."""

    seq: int = 0
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """One change as it goes over the line; the same bytes for every stream of its person."""

    seq: int
    text: bytes


def with_connection(call: Callable[[], Result]) -> Result:
    """Return what a call returns that uses the database, and give this thread's connection back as a request does."""
    try:
        return call()
    finally:
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def stands_of(people: Collection[UUID]) -> dict[UUID, Stand]:
    """Return how inboxes stand, by one statement for a thousand; whose is not among them has an empty one."""
    asked, found = list(people), {}
    for start in range(0, len(asked), POLLED):
        rows = Inbox.objects.filter(pk__in=asked[start : start + POLLED])
        found.update({person: Stand(seq, unread) for person, seq, unread in rows.values_list("pk", "seq", "unread")})
    return found


def frames_behind(known: Mapping[UUID, int]) -> dict[UUID, list[Frame] | None]:
    """Return what has changed behind the number of each person; None of whom too much has, to be read by itself."""
    asked = list(known.items())
    found: dict[UUID, list[Frame] | None] = {}
    for start in range(0, len(asked), TOGETHER):
        some = dict(asked[start : start + TOGETHER])
        behind = Q()
        for person, seq in some.items():
            behind |= Q(person=person, seq__gt=seq)
        rows = list(InboxItem.objects.filter(behind).order_by("person", "seq")[: MANY + 1])
        frames: dict[UUID, list[Frame]] = defaultdict(list)
        for row in rows[:MANY]:
            frames[row.person].append(_frame(row))
        found.update({person: frames[person] if len(rows) <= MANY else None for person in some})
    return found


def page_behind(person: UUID, seq: int) -> list[Frame]:
    """Return the next changes of one inbox, at most `PAGE`."""
    return [_frame(row) for row in inbox.changes(person, after=seq, limit=PAGE)]


def _frame(item: InboxItem) -> Frame:
    return Frame(item.seq, events.item(item))
