"""What a person chose: which categories reach her on which channel, at once or gathered, and when nothing may.

Only what differs from a category's default is kept. What must arrive cannot be chosen away.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from audit import recording
from kit.errors import Invalid
from kit.ids import uuid7
from kit.origin import NOWHERE, Origin
from kit.tenants import HOUSE
from notifications import categories, conf, event_types, quiet_hours, recipients, suppressions, waiting
from notifications.categories import Category
from notifications.channels import Channel
from notifications.drafts import Draft
from notifications.models import Inbox, Preference, QuietHours, Suppression

GATE = "preferences"
MOST_CHOICES = 200  # that somebody makes of her own, for categories which nobody has declared
MOST_SENT = 2_000  # at once: all that can be shown
AT_ONCE = 500  # people in one statement
NOT_CHOSEN = "not_wanted"

Digest = Preference.Digest
Key = tuple[str, str]  # category and channel


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """What a person has chosen for a category on a channel, or has by default."""

    category: str
    channel: str
    allowed: bool = True
    digest: str = Digest.AT_ONCE

    @property
    def key(self) -> Key:
        """Return what it is a choice for."""
        return self.category, self.channel


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """Quiet hours as somebody asks for them: minutes after midnight, and a zone."""

    begins: int
    ends: int
    time_zone: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """Everything that a person has chosen, and the defaults where she has not."""

    choices: Sequence[Choice]
    quiet_hours: QuietHours | None


def of(person: UUID, *, tenant: UUID = HOUSE) -> Chosen:
    """Return what a person has chosen, for every declared category and her own; what she unsubscribed from is off."""
    own = {(row.category, row.channel): row for row in Preference.objects.filter(person=person, tenant=tenant)}
    unsubscribed = _unsubscribed(person, tenant)
    names = [*categories.declared(), categories.OTHER, *sorted(category for category, _ in own)]
    choices = [
        _shown(_choice(categories.find(name), channel, own.get((name, channel))), unsubscribed)
        for name in dict.fromkeys(names)
        for channel in Channel.values
        if conf.providers_of(channel) or (name, channel) in own
    ]
    return Chosen(choices=choices, quiet_hours=QuietHours.objects.filter(person=person).first())


def choose(
    *,
    person: UUID,
    choices: Sequence[Choice],
    hours: Hours | None,
    now: datetime,
    origin: Origin = NOWHERE,
    tenant: UUID = HOUSE,
) -> Chosen:
    """Put these choices in the place of all earlier ones; what is not named has its default again.

    What waits to be sent and is no longer wanted ends `suppressed`. Raises `Invalid` naming the choice at fault.
    """
    _check(choices)
    if hours is not None:
        quiet_hours.checked(begins=hours.begins, ends=hours.ends, time_zone=hours.time_zone)
    kept = {choice.key: choice for choice in choices if not _is_default(choice)}
    with transaction.atomic():
        _lock(person)
        own = Preference.objects.filter(person=person, tenant=tenant)
        rows = {(row.category, row.channel): row for row in own.order_by("category", "channel")}
        gone = [row.pk for key, row in rows.items() if key not in kept]
        if gone:
            own.filter(pk__in=gone).delete()
        _write(kept.values(), rows, person=person, tenant=tenant, now=now)
        _write_hours(person, hours, now)
        off = {choice.key for choice in choices if not choice.allowed}
        _stop_waiting(person, off, tenant)
        _subscribe_again(choices, _unsubscribed(person, tenant))
        recording.record(
            event_types.PREFERENCES_CHANGED,
            now=now,
            actor=person,
            target_kind="user",
            target=person,
            details={"choices": len(kept), "switched_off": len(off), "quiet_hours": hours is not None},
            origin=origin,
            tenant=tenant,
        )
    return of(person, tenant=tenant)


def _lock(person: UUID) -> None:
    """Hold off whoever else chooses for this person until the transaction ends: two windows are one after the other.

    The row of her inbox is what there is one of for each person.
    """
    locked = Inbox.objects.select_for_update().filter(pk=person)
    if locked.first() is None:
        Inbox.objects.bulk_create([Inbox(person=person)], ignore_conflicts=True)
        locked.get()


def switch(*, person: UUID, category: str, channel: str, allowed: bool, now: datetime, tenant: UUID = HOUSE) -> None:
    """Switch one category on or off as the link of a mail does, in the caller's transaction."""
    _lock(person)
    rows = Preference.objects.filter(person=person, tenant=tenant, category=category, channel=channel)
    choice = Choice(category=category, channel=channel, allowed=allowed)
    if not rows.update(allowed=allowed, updated_at=now) and not _is_default(choice):
        _write([choice], {}, person=person, tenant=tenant, now=now)


def gate(drafts: Sequence[Draft], _now: datetime) -> None:
    """Close what a person does not want. One statement for 500 people."""
    asked = [draft for draft in drafts if draft.is_open and draft.person is not None and not draft.must_arrive]
    rows = rows_of({draft.person for draft in asked if draft.person})
    for draft in asked:
        message, category = draft.message, categories.find(draft.message.category)
        row = rows.get((draft.person, message.tenant, category.name, message.channel))
        if not _choice(category, message.channel, row).allowed:
            draft.close(GATE, NOT_CHOSEN, f"Messages of the category {category.name} are not wanted on this channel.")


def rows_of(people: Collection[UUID]) -> dict[tuple[UUID | None, UUID, str, str], Preference]:
    """Return the choices of these people by person, tenant, category and channel. One statement for 500 people."""
    found: dict[tuple[UUID | None, UUID, str, str], Preference] = {}
    for chunk in waiting.chunks(sorted(people), AT_ONCE):
        for row in Preference.objects.filter(person__in=chunk).order_by():
            found[row.person, row.tenant, row.category, row.channel] = row
    return found


def _choice(category: Category, channel: str, row: Preference | None) -> Choice:
    if row is None or category.must_arrive:
        allowed = category.must_arrive or channel in category.default_channels
        return Choice(category=category.name, channel=channel, allowed=allowed)
    return Choice(category=category.name, channel=channel, allowed=row.allowed, digest=row.digest)


def _is_default(choice: Choice) -> bool:
    return choice == _choice(categories.find(choice.category), choice.channel, None)


def _check(choices: Sequence[Choice]) -> None:
    if len(choices) > MOST_SENT:
        raise Invalid("choices", f"Send at most {MOST_SENT:,} choices.", "max_length")
    seen: set[Key] = set()
    for position, choice in enumerate(choices):
        field = f"choices.{position}"
        if not categories.is_name(choice.category):
            raise Invalid(f"{field}.category", "Use 1 to 64 of the characters a-z, 0-9, dot, hyphen and underscore.")
        if choice.key in seen:
            raise Invalid(field, "Each category and channel can be chosen for once.", "duplicate")
        seen.add(choice.key)
        _check_one(field, choice, categories.find(choice.category))
    declared = {*categories.declared(), categories.OTHER}
    if sum(choice.category not in declared and not _is_default(choice) for choice in choices) > MOST_CHOICES:
        raise Invalid("choices", f"Choose {MOST_CHOICES} times for categories of your own at most.", "max_length")


def _check_one(field: str, choice: Choice, category: Category) -> None:
    if category.must_arrive and not choice.allowed:
        raise Invalid(f"{field}.allowed", "These messages cannot be switched off.", "must_arrive")
    if choice.digest == Digest.AT_ONCE:
        return
    if not category.digest_allowed:
        raise Invalid(f"{field}.digest", "These messages are always sent at once.", "must_arrive")
    if choice.channel != Channel.EMAIL:
        raise Invalid(f"{field}.digest", "Only mails can be gathered.", "email_only")


def _write(
    choices: Iterable[Choice], rows: Mapping[Key, Preference], *, person: UUID, tenant: UUID, now: datetime
) -> None:
    """Write what is new or other than before, in one order for all, so that two at once do not wait for each other."""
    changed = [
        Preference(
            id=uuid7(),
            tenant=tenant,
            person=person,
            category=choice.category,
            channel=choice.channel,
            allowed=choice.allowed,
            digest=choice.digest,
            updated_at=now,
        )
        for choice in sorted(choices, key=lambda choice: choice.key)
        if _differs(choice, rows.get(choice.key))
    ]
    Preference.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["person", "tenant", "category", "channel"],
        update_fields=["allowed", "digest", "updated_at"],
    )


def _differs(choice: Choice, row: Preference | None) -> bool:
    return row is None or (row.allowed, row.digest) != (choice.allowed, choice.digest)


def _write_hours(person: UUID, hours: Hours | None, now: datetime) -> None:
    if hours is None:
        QuietHours.objects.filter(person=person).delete()
        return
    row = QuietHours(person=person, begins=hours.begins, ends=hours.ends, time_zone=hours.time_zone, updated_at=now)
    QuietHours.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["person"],
        update_fields=["begins", "ends", "time_zone", "updated_at"],
    )


def _stop_waiting(person: UUID, off: Collection[Key], tenant: UUID) -> None:
    """End what waits for her and is no longer wanted, in one statement."""
    unwanted = Q()
    for category, channel in sorted(off):
        named = ("", category) if category == categories.OTHER else (category,)
        unwanted |= Q(category__in=named, channel=channel)
    if off:
        waiting.stop(waiting.stoppable().filter(unwanted, person=person, tenant=tenant), why=NOT_CHOSEN)


def _unsubscribed(person: UUID, tenant: UUID) -> Mapping[str, Suppression]:
    """Return by category from what she has unsubscribed at her address, where it is known."""
    contact = recipients.resolve([person]).get(person)
    if contact is None or not contact.email:
        return {}
    rows = suppressions.find(
        address=contact.email, channel=Channel.EMAIL, reason=Suppression.Reason.UNSUBSCRIBED, tenant=tenant
    )
    return {row.category: row for row in rows}


def _shown(choice: Choice, unsubscribed: Collection[str]) -> Choice:
    """Return a choice as it really stands: off, where she has unsubscribed by the link of a mail."""
    off = choice.channel == Channel.EMAIL and choice.category in unsubscribed
    return replace(choice, allowed=False) if off else choice


def _subscribe_again(choices: Iterable[Choice], unsubscribed: Mapping[str, Suppression]) -> None:
    """Take back what she unsubscribed from and has now chosen in so many words."""
    wanted = {choice.category for choice in choices if choice.allowed and choice.channel == Channel.EMAIL}
    gone = [row.pk for category, row in unsubscribed.items() if category in wanted]
    if gone:
        Suppression.objects.filter(pk__in=gone).delete()
