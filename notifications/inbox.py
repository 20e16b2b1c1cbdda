"""The inbox in the product itself: what waits for a person, what she has read, and the order in which it changed.

Every change takes the next number of its person (`seq`) under the lock of her one row in `Inbox`, which is held until
the commit. So whoever reads on behind a number misses nothing: what is committed later has a greater one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Min, Q, QuerySet

from kit.errors import NotFound
from kit.tenants import HOUSE
from notifications import conf
from notifications.models import Inbox, InboxItem

PRUNED_AT_ONCE = 100
MAX_TITLE, MAX_URL = 255, 500
UNREAD = Q(read_at=None, archived_at=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """What an item says. `url` is where it leads: a path of the product, or an address by http or https."""

    title: str
    body: str = ""
    url: str = ""
    category: str = ""
    data: dict[str, Any] | None = None


def put(*, message: UUID, person: UUID, words: Words, now: datetime, tenant: UUID = HOUSE) -> UUID:
    """Put a message into a person's inbox, once however often it is called; return the id of its item.

    Beyond the newest `NOTIFICATIONS_INBOX_KEPT` items the oldest go.
    """
    known = find(message)
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return _put(message, person, words, now, tenant)
    except IntegrityError:
        # Somebody else has just put it. Unless that is so, there is no such message.
        known = find(message)
        if known is None:
            raise
        return known


def find(message: UUID) -> UUID | None:
    """Return the id of the item that a message was put into an inbox as, None where it was not."""
    return InboxItem.objects.filter(message=message).values_list("pk", flat=True).first()


def state(person: UUID) -> Inbox:
    """Return how a person's inbox stands, by one row: `seq` moves with every change, `unread` is how many are new."""
    return Inbox.objects.filter(pk=person).first() or Inbox(person=person)


def items_of(person: UUID, *, unread: bool = False, archived: bool = False) -> QuerySet[InboxItem]:
    """Return what is in a person's inbox, or what she has put away; `unread`: only what she has not read."""
    rows = InboxItem.objects.filter(person=person, archived_at__isnull=not archived)
    return rows.filter(read_at=None) if unread else rows


def read(*, person: UUID, item: UUID, now: datetime) -> InboxItem:
    """Note that a person has read an item of hers. Once more changes nothing. Raises `NotFound`, as all here do."""
    return _changed(person, item, now, lambda row: row.read_at is None, read_at=now)


def mark_unread(*, person: UUID, item: UUID, now: datetime) -> InboxItem:
    """Let an item count as new again."""
    return _changed(person, item, now, lambda row: row.read_at is not None, read_at=None)


def archive(*, person: UUID, item: UUID, now: datetime) -> InboxItem:
    """Put an item away: it is kept, and counted no more."""
    return _changed(person, item, now, lambda row: row.archived_at is None, archived_at=now)


def unarchive(*, person: UUID, item: UUID, now: datetime) -> InboxItem:
    """Take an item back into the inbox."""
    return _changed(person, item, now, lambda row: row.archived_at is not None, archived_at=None)


def read_all(*, person: UUID, now: datetime) -> int:
    """Note that a person has read everything in her inbox, by the same few statements however much; return how many.

    The items keep their order: each moves by the same distance, past every number given so far. As none of them is
    older than the last call, the numbers grow no faster than what comes in.
    """
    with transaction.atomic():
        inbox = _lock(person)
        unread = InboxItem.objects.filter(UNREAD, person=person)
        span = unread.aggregate(first=Min("seq"), last=Max("seq"))
        if span["first"] is None:
            return 0
        distance = inbox.seq - span["first"] + 1
        changed = unread.update(read_at=now, changed_at=now, seq=F("seq") + distance)
        Inbox.objects.filter(pk=person).update(seq=span["last"] + distance, unread=0)
    return changed


def changes(person: UUID, *, after: int, limit: int) -> list[InboxItem]:
    """Return what has changed in an inbox behind a number, the earliest first."""
    return list(InboxItem.objects.filter(person=person, seq__gt=after).order_by("seq")[:limit])


def _lock(person: UUID) -> Inbox:
    """Return a person's row, held until the transaction is over, making it where there is none."""
    locked = Inbox.objects.select_for_update().filter(pk=person)
    found = locked.first()
    if found is None:
        Inbox.objects.bulk_create([Inbox(person=person)], ignore_conflicts=True)
        found = locked.get()
    return found


def _put(message: UUID, person: UUID, words: Words, now: datetime, tenant: UUID) -> UUID:
    inbox = _lock(person)
    item = InboxItem.objects.create(
        tenant=tenant,
        person=person,
        message_id=message,
        category=words.category,
        title=words.title[:MAX_TITLE],
        body=words.body,
        url=words.url[:MAX_URL],
        data=words.data or {},
        created_at=now,
        changed_at=now,
        seq=inbox.seq + 1,
    )
    dropped = _prune(person)
    Inbox.objects.filter(pk=person).update(seq=inbox.seq + 1, unread=inbox.unread + 1 - dropped)
    return item.pk


def _prune(person: UUID) -> int:
    """Delete what lies beyond the newest items of a person; return how many of that were unread."""
    kept = conf.inbox_kept()
    surplus = list(InboxItem.objects.filter(person=person).order_by("-id")[kept : kept + PRUNED_AT_ONCE])
    if surplus:
        InboxItem.objects.filter(pk__in=[item.pk for item in surplus]).delete()
    return sum(_is_unread(item) for item in surplus)


def _changed(
    person: UUID, item: UUID, now: datetime, is_due: Callable[[InboxItem], bool], **changes: datetime | None
) -> InboxItem:
    """Change one item of a person, if that is due, and her row with it. Nobody else changes any meanwhile."""
    with transaction.atomic():
        inbox = _lock(person)
        row = InboxItem.objects.filter(pk=item, person=person).first()
        if row is None:
            raise NotFound
        if not is_due(row):
            return row
        before = _is_unread(row)
        for name, value in {**changes, "changed_at": now, "seq": inbox.seq + 1}.items():
            setattr(row, name, value)
        row.save(update_fields=[*changes, "changed_at", "seq"])
        unread = inbox.unread + _is_unread(row) - before
        Inbox.objects.filter(pk=person).update(seq=inbox.seq + 1, unread=unread)
    return row


def _is_unread(item: InboxItem) -> bool:
    return item.read_at is None and item.archived_at is None
