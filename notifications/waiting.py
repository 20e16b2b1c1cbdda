"""Messages that wait, and what stops them: whom they are for wants no more of them, by address or by choice.

What a worker holds at this moment is left alone: it is on its way.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from kit import canonical
from notifications import categories
from notifications.models import Message

if TYPE_CHECKING:
    from notifications.suppressions import Place

Item = TypeVar("Item")
AT_ONCE = 500


def chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Yield the items in parts that fit into one statement."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def stoppable() -> QuerySet[Message]:
    """Return the messages that wait and that nobody is sending."""
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    return Message.objects.filter(
        free, due_at__isnull=False, status__in=(Message.Status.QUEUED, Message.Status.SCHEDULED)
    )


def leave_out(*, place: "Place", passes: bool, why: str) -> int:
    """Leave an address out of what waits for it; end what then has nobody left. Return how many were ended.

    `passes` tells that what must arrive goes out all the same.
    """
    rows = stoppable().filter(recipient=place.address, channel=place.channel, tenant=place.tenant)
    alone: list[UUID] = []
    for message in rows.only("to", "remaining", "category"):
        if not _is_left_out(message, place=place, passes=passes):
            continue
        left = [name for name in message.remaining or message.to if canonical.fold(name) != place.address]
        if left:
            stoppable().filter(pk=message.pk).update(remaining=left)
        else:
            alone.append(message.pk)
    return sum(stop(stoppable().filter(pk__in=chunk), why=why) for chunk in chunks(alone, AT_ONCE))


def _is_left_out(message: Message, *, place: "Place", passes: bool) -> bool:
    """Tell whether a place is left out of a message: its category is meant, and need not arrive all the same."""
    category = categories.find(message.category)
    return not (category.must_arrive and passes) and place.category in {"", category.name}


def stop(rows: QuerySet[Message], *, why: str) -> int:
    """End waiting messages as `suppressed`, for a reason in one word; return how many.

    Who slept through a lease on one can write nothing on it any more.
    """
    return rows.update(
        status=Message.Status.SUPPRESSED, failure=why, due_at=None, lease_until=None, fence=F("fence") + 1
    )
