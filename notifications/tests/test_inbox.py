"""The inbox: once each, in one order, counted rightly, whoever writes at the same time."""

import itertools
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from kit.errors import NotFound
from kit.ids import uuid7
from kit.testing import races
from notifications import inbox
from notifications.inbox import Words
from notifications.models import Inbox, InboxItem
from notifications.testing import make_message

pytestmark = pytest.mark.django_db


def put(person: UUID, now: datetime, title: str = "Hello") -> InboxItem:
    """Put something new into an inbox."""
    message = make_message(now=now, channel="inbox", to=[str(person)], recipient=str(person))
    item = inbox.put(message=message.pk, person=person, words=Words(title=title), now=now)
    return InboxItem.objects.get(pk=item)


def numbers(person: UUID) -> list[int]:
    """Return the numbers of a person's items, the earliest change first."""
    return [item.seq for item in inbox.changes(person, after=0, limit=10_000)]


def counted(person: UUID) -> int:
    """Return how many of a person's items are really unread."""
    return inbox.items_of(person, unread=True).count()


def test_item_says_what_it_was_given_and_counts_as_new(now: datetime) -> None:
    person = uuid7()
    message = make_message(now=now)
    words = Words(title="A", body="B", url="/c", category="d", data={"e": "f"})
    inbox.put(message=message.pk, person=person, words=words, now=now)
    item = InboxItem.objects.get(message=message)
    assert (item.title, item.body, item.url, item.category, item.data) == ("A", "B", "/c", "d", {"e": "f"})
    assert (inbox.state(person).seq, inbox.state(person).unread, item.seq) == (1, 1, 1)


def test_message_is_put_once(now: datetime) -> None:
    person, message = uuid7(), make_message(now=now)
    first, second = (
        inbox.put(message=message.pk, person=person, words=Words(title=title), now=now) for title in ("A", "B")
    )
    assert first == second
    assert (inbox.state(person).seq, inbox.state(person).unread) == (1, 1)


def test_person_without_an_inbox_has_an_empty_one() -> None:
    assert (inbox.state(uuid7()).seq, inbox.state(uuid7()).unread) == (0, 0)


def test_every_change_takes_the_next_number_and_is_counted(now: datetime) -> None:
    person = uuid7()
    item = put(person, now)
    told = []
    for verb in (inbox.read, inbox.mark_unread, inbox.archive, inbox.mark_unread, inbox.unarchive, inbox.read):
        seq = verb(person=person, item=item.pk, now=now).seq
        told.append((verb.__name__, seq, inbox.state(person).unread))
        assert inbox.state(person).unread == counted(person)
    assert told == [
        ("read", 2, 0),
        ("mark_unread", 3, 1),
        ("archive", 4, 0),
        ("mark_unread", 4, 0),
        ("unarchive", 5, 1),
        ("read", 6, 0),
    ]


@pytest.mark.parametrize("verb", [inbox.read, inbox.archive])
def test_change_that_is_made_already_moves_nothing(verb: Any, now: datetime) -> None:
    person = uuid7()
    item = put(person, now)
    first = verb(person=person, item=item.pk, now=now)
    again = verb(person=person, item=item.pk, now=now + timedelta(hours=1))
    assert (again.seq, again.changed_at) == (first.seq, first.changed_at)
    assert inbox.state(person).seq == first.seq


@pytest.mark.parametrize("verb", [inbox.read, inbox.mark_unread, inbox.archive, inbox.unarchive])
def test_item_of_another_is_not_found_and_stays_as_it_is(verb: Any, now: datetime) -> None:
    item, stranger = put(uuid7(), now), uuid7()
    with pytest.raises(NotFound):
        verb(person=stranger, item=item.pk, now=now)
    item.refresh_from_db()
    assert (item.seq, item.read_at, item.archived_at) == (1, None, None)
    assert not Inbox.objects.filter(pk=stranger).exists()


def test_read_all_leaves_others_alone_and_what_is_put_away(now: datetime) -> None:
    person, other = uuid7(), uuid7()
    items = [put(person, now) for _ in range(5)]
    put(other, now)
    inbox.archive(person=person, item=items[0].pk, now=now)
    inbox.read(person=person, item=items[1].pk, now=now)
    before = inbox.state(person).seq
    assert inbox.read_all(person=person, now=now) == 3
    moved = inbox.changes(person, after=before, limit=10)
    assert [item.pk for item in moved] == [item.pk for item in items[2:]]
    assert inbox.state(person).seq == moved[-1].seq
    assert (inbox.state(person).unread, inbox.state(other).unread) == (0, 1)
    assert inbox.read_all(person=person, now=now) == 0


@pytest.mark.parametrize("count", [3, 300])
def test_read_all_costs_the_same_however_much_is_unread(
    count: int, now: datetime, django_assert_num_queries: Any
) -> None:
    person = uuid7()
    InboxItem.objects.bulk_create(
        InboxItem(person=person, title="x", created_at=now, changed_at=now, seq=number + 1) for number in range(count)
    )
    Inbox.objects.create(person=person, seq=count, unread=count)
    with django_assert_num_queries(6):  # of them two are the transaction's
        assert inbox.read_all(person=person, now=now) == count


def test_numbers_grow_no_faster_than_what_comes_in(now: datetime) -> None:
    person = uuid7()
    for _ in range(30):
        items = [put(person, now) for _ in range(2)]
        inbox.read(person=person, item=items[0].pk, now=now)
        inbox.mark_unread(person=person, item=items[0].pk, now=now)
        inbox.read_all(person=person, now=now)
    assert inbox.state(person).seq <= 30 * 4 * 2


def test_oldest_items_go_beyond_the_limit(now: datetime, settings: Any) -> None:
    settings.NOTIFICATIONS_INBOX_KEPT = 3
    person = uuid7()
    items = [put(person, now) for _ in range(3)]
    inbox.read(person=person, item=items[0].pk, now=now)
    items += [put(person, now) for _ in range(2)]
    assert set(inbox.items_of(person)) == set(items[2:])
    assert inbox.state(person).unread == counted(person) == 3


@pytest.mark.django_db(transaction=True)
def test_fifty_writers_at_once_leave_one_order_and_a_right_count(now: datetime) -> None:
    person = uuid7()
    chosen: list[Any] = [None, inbox.read, inbox.archive, None, inbox.mark_unread, None, inbox.read_all]
    verbs = itertools.cycle(chosen)
    first = put(person, now)

    def write() -> None:
        verb = next(verbs)
        if verb is None:
            put(person, now)
        elif verb is inbox.read_all:
            inbox.read_all(person=person, now=now)
        else:
            verb(person=person, item=first.pk, now=now)

    outcomes = races.run(50, write)
    assert [one for one in outcomes if one is not None] == []
    seqs = numbers(person)
    assert len(set(seqs)) == len(seqs) == InboxItem.objects.filter(person=person).count() > 20
    assert inbox.state(person).seq >= seqs[-1]
    assert inbox.state(person).unread == counted(person)


@pytest.mark.django_db(transaction=True)
def test_same_message_put_by_many_at_once_is_one_item(now: datetime) -> None:
    person, message = uuid7(), make_message(now=now)
    words = Words(title="Hello")
    put_once = races.run(12, lambda: inbox.put(message=message.pk, person=person, words=words, now=now))
    assert len(set(put_once)) == 1
    assert (InboxItem.objects.count(), inbox.state(person).seq, inbox.state(person).unread) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_reader_behind_a_number_misses_nothing_that_is_written_meanwhile(now: datetime) -> None:
    person = uuid7()
    seen: list[int] = []
    turns = itertools.count()

    def write_or_look() -> None:
        if next(turns) % 3:
            put(person, now)
            return
        found = inbox.changes(person, after=0, limit=1000)
        # No number comes up later below one that was seen: so each look holds all up to its last.
        assert [item.seq for item in found] == list(range(1, len(found) + 1))
        seen.append(len(found))

    assert [one for one in races.run(60, write_or_look) if one is not None] == []
    assert numbers(person) == list(range(1, 41))
