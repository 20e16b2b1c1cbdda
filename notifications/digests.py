"""Digests: what a person wants gathered waits, and at the hour, or at eight in her morning, goes out as one mail.

What is gathered is an ordinary message that is due a while after its moment: should nobody put it together by then,
it goes out by itself, and nothing depends on this task. Putting together is one transaction, so that whoever dies in it
has done nothing. Those that are told of are `sending`, name the mail that tells of them, and end as that does.
"""

import hashlib
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from kit.ids import uuid7
from notifications import bell, categories, composing, preferences, quiet_hours, recipients, waiting
from notifications.channels import Channel
from notifications.drafts import Draft
from notifications.kinds import Content
from notifications.lanes import PATIENCE, Lane
from notifications.models import Message, Preference, QuietHours
from notifications.providers.base import Email

GATE = "digests"
MORNING = 8 * 60  # minutes after midnight, on her clock
PATIENTLY = timedelta(minutes=30)  # after its moment, what nobody put together goes out by itself
AT_ONCE = 200  # digests looked for, or after, in one statement
SECONDS = 40  # that a run lasts at most
MOST_TOLD = 50  # messages told of in one mail; of the rest the number
EXCERPT = 280  # characters of each

KIND = "notifications.digest"

Digest = Preference.Digest


def gate(drafts: Sequence[Draft], now: datetime) -> None:
    """Put aside what is to be gathered. A few statements for 500 people."""
    gathered = _to_be_gathered(drafts)
    people = {person for _, person, _ in gathered}
    hours, zones = quiet_hours.of(people), _zones_of(people)
    for draft, person, often in gathered:
        moment = max(draft.message.due_at or now, now)
        told = moment_after(moment, often=often, zone=zones[person], hours=hours.get(person))
        _put_aside(draft, told, often)


def _to_be_gathered(drafts: Sequence[Draft]) -> list[tuple[Draft, UUID, str]]:
    """Return the drafts that are to be gathered, each with whom it is for and how often she wants to be told."""
    asked = [(draft, draft.person) for draft in drafts if draft.person and _may_be_gathered(draft)]
    rows = preferences.rows_of({person for _, person in asked})
    wanted = [(draft, person, _wanted(draft, rows)) for draft, person in asked]
    return [(draft, person, often) for draft, person, often in wanted if often]


def _zones_of(people: Collection[UUID]) -> dict[UUID, ZoneInfo]:
    """Return the zones that these people live in, as their profiles say; the house's where they say nothing."""
    contacts = recipients.resolve(people)
    named = {person: contacts[person].time_zone if person in contacts else "" for person in people}
    return {person: quiet_hours.zone_of(name) for person, name in named.items()}


def _may_be_gathered(draft: Draft) -> bool:
    message = draft.message
    alone = len(message.to) == 1 and message.channel == Channel.EMAIL and not message.files
    pressing = draft.must_arrive or message.lane == Lane.URGENT
    return draft.is_open and alone and not pressing


def _wanted(draft: Draft, rows: Mapping[tuple[UUID | None, UUID, str, str], Preference]) -> str:
    """Return how often a person wants to be told of a draft's category together with others; empty: at once."""
    message, category = draft.message, categories.find(draft.message.category)
    row = rows.get((draft.person, message.tenant, category.name, message.channel))
    return row.digest if row is not None and category.digest_allowed else ""


def _put_aside(draft: Draft, moment: datetime, often: str) -> None:
    message = draft.message
    until = moment + PATIENTLY
    detail = f"It is gathered with others until {moment:%Y-%m-%d %H:%M} UTC."
    if message.expires_at is not None and message.expires_at <= until and not _has_default_end(message):
        draft.note(GATE, "at_once", "It would not be worth sending any more by then.")
    elif quiet_hours.put_off(draft, until, gate=GATE, word=often, detail=detail):
        message.digest = key_of(draft, moment)


def _has_default_end(message: Message) -> bool:
    begun = message.due_at or message.created_at
    return message.expires_at is not None and message.expires_at - begun == PATIENCE[Lane(message.lane)].horizon


def moment_after(moment: datetime, *, often: str, zone: ZoneInfo, hours: QuietHours | None) -> datetime:
    """Return when what comes at a moment is told of: at the next full hour or morning, and not in her quiet hours."""
    if often == Digest.HOURLY:
        told = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    else:
        today = moment.astimezone(zone).date()
        told = quiet_hours.at(today, MORNING, zone)
        if told <= moment:
            told = quiet_hours.at(today + timedelta(days=1), MORNING, zone)
    return (hours and quiet_hours.end_of(hours, told)) or told


def key_of(draft: Draft, moment: datetime) -> str:
    """Return the key that a draft shares with those it is told of together with: the moment first, so that it sorts."""
    message = draft.message
    shared = (draft.person, message.tenant, message.recipient, categories.find(message.category).name)
    digest = hashlib.sha256("\n".join(str(part) for part in shared).encode()).hexdigest()
    return f"{_mark(moment)}{digest[:40]}"


def _mark(moment: datetime) -> str:
    return f"at{moment.astimezone(UTC):%Y%m%d%H%M}"


def told_in(message: UUID) -> str:
    """Return what a message that is told of in a digest carries in its place."""
    return f"in{message.hex}"


def put_together(now: datetime) -> int:
    """Make the digests whose moment has come, all there is time for; return how many messages they tell of.

    Safe to run twice at once: each key is one transaction, and takes what nobody else has taken.
    """
    due = waiting.stoppable().filter(digest__lt=_mark(now + timedelta(minutes=1)))
    told, last, ends = 0, "at", time.monotonic() + SECONDS
    while time.monotonic() < ends and (keys := _keys_of(due, last)):
        told += sum(_put_one_together(key, now) for key in keys)
        last = keys[-1]
        bell.ring()
    return told


def _keys_of(rows: QuerySet[Message], last: str) -> list[str]:
    return list(rows.filter(digest__gt=last).order_by("digest").values_list("digest", flat=True).distinct()[:AT_ONCE])


def follow_all() -> int:
    """Let messages end as the mails have that tell of them; return how many have."""
    told = Message.objects.filter(status=Message.Status.SENDING, due_at=None, digest__lt="io")
    followed, last = 0, "in"
    while names := _keys_of(told, last):
        followed += sum(follow(digest) for digest in _ended([UUID(hex=name.removeprefix("in")) for name in names]))
        last = names[-1]
    return followed


def follow(digest: Message) -> int:
    """Let what a digest tells of have its state, in the caller's transaction; return of how many messages it is news.

    What was sent or failed may still be reported as delivered or bounced. One statement, and none for another message.
    """
    if digest.kind != KIND:
        return 0
    state = {"status": digest.status, "failure": digest.failure}
    if digest.due_at is not None:
        state = {"status": Message.Status.SENDING, "failure": ""}
    moments = {"sent_at": digest.sent_at, "delivered_at": digest.delivered_at}
    members = Message.objects.filter(digest=told_in(digest.pk), due_at=None).exclude(**state)
    return members.update(**state, **moments)


def _ended(keys: Sequence[UUID]) -> QuerySet[Message]:
    return Message.objects.filter(pk__in=keys, due_at=None)


def _put_one_together(key: str, now: datetime) -> int:
    """Tell of all the messages of a key in one; a single one goes out as it is."""
    with transaction.atomic():
        rows = waiting.stoppable().filter(digest=key).order_by("id")
        members = list(rows.select_for_update(skip_locked=True).defer("text", "html", "data"))
        if len(members) > 1:
            _tell_of(members, now)
            return len(members)
        rows.filter(pk__in=[member.pk for member in members]).update(
            digest="", status=Message.Status.QUEUED, due_at=now
        )
        return 0


def _tell_of(members: Sequence[Message], now: datetime) -> None:
    first = members[0]
    digest = Message(
        id=uuid7(),
        tenant=first.tenant,
        lane=max(member.lane for member in members),
        kind=KIND,
        locale=first.locale,
        to=first.to,
        recipient=first.recipient,
        category=first.category,
        person=first.person,
        created_at=now,
        due_at=now,
        expires_at=now + PATIENCE[Lane.NORMAL].horizon,
    )
    digest.save(force_insert=True)
    Message.objects.filter(pk__in=[member.pk for member in members]).update(
        status=Message.Status.SENDING, due_at=None, digest=told_in(digest.pk)
    )


def content_of(reference: UUID, now: datetime) -> Content | None:
    """Return what a digest says: the subject of each message and how it begins; None where all are forgotten."""
    members = Message.objects.filter(digest=told_in(reference)).order_by("id")
    told = [
        {"subject": said.subject, "excerpt": _excerpt(said.text)}
        for said in (composing.outgoing_of(member, now) for member in members[:MOST_TOLD])
        if isinstance(said, Email)
    ]
    if not told:
        return None
    number = members.count()
    category = categories.find(members[0].category)
    return Content(context={"messages": told, "number": number, "more": number - MOST_TOLD, "category": category.title})


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else line[: EXCERPT - 1].rstrip() + "…"
