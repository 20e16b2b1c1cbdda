"""Accepting what callers ask for: one message, many of them, or a template for a person on every channel of hers.

Each call checks what was asked, drafts the messages, and has them placed. What may not be is refused before anything
is written; of many messages each is judged by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from audit import recording
from audit.vocabulary import EventType
from kit.errors import Invalid, Refusal
from kit.ids import uuid7
from notifications import conf, drafting, event_types, placing, recipients
from notifications.channels import Channel
from notifications.drafts import Draft
from notifications.filling import Filler
from notifications.models import Message
from notifications.placing import Answer, Call, Candidate
from notifications.recipients import Contact
from notifications.requests import checking, pushes
from notifications.requests.base import MessageRequest
from notifications.wording import languages

MAX_BATCH = 1_000

# What may be asked for: a request, or what it was refused with before it was one.
Item = MessageRequest | Refusal
People = Mapping[UUID, Contact]


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """A template for a person, on every channel that the template has, she allows and the caller names."""

    user: UUID
    template: str
    context: Mapping[str, Any] = field(default_factory=dict, repr=False)
    channels: tuple[str, ...] = ()
    category: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    send_at: datetime | None = None
    expires_at: datetime | None = None
    ttl: int | None = None


def accept(call: Call, request: MessageRequest) -> Answer:
    """Accept one message. A repetition under its key within 24 hours gives the first answer, also in parallel.

    Raises a `Refusal`: nothing is written then, and the key is still free.
    """
    known = placing.earlier(call)
    if known is not None:
        return known
    return placing.place_one(call, draft(call, request), record=partial(_record_message, call))


def accept_many(call: Call, items: Sequence[Item]) -> Answer:
    """Accept up to a thousand messages under one key: those that may be are, the others are told why not, in place."""
    known = placing.earlier(call)
    if known is not None:
        return known
    batch = uuid7()
    candidates = draft_many(call, items, batch=batch)
    record = partial(_record_batch, call, batch, len(candidates))
    return placing.place_many(call, candidates, record=record)


def accept_notice(call: Call, notice: Notice) -> Answer:
    """Accept a template for a person: a message on each channel, all of them or none.

    `more` of the answer tells which channels were left out, and why: she has no address there, or nothing carries it.
    """
    known = placing.earlier(call)
    if known is not None:
        return known
    drafts, left_out = draft_notice(call, notice)
    record = partial(_record_notice, call, notice)
    return placing.place_many(call, drafts, record=record, together=True, more={"left_out": left_out})


def draft(call: Call, request: MessageRequest) -> Draft:
    """Return the draft of one message. Raises a `Refusal`."""
    checked = checking.checked(request)
    person = _person_meant(checked)
    known = recipients.resolve([person] if person is not None else [])
    return _draft_of(call, checked, known, Filler(call.sender.tenant))


def draft_many(call: Call, items: Sequence[Item], *, batch: UUID | None = None) -> list[Candidate]:
    """Return drafts and refusals, in order. People are looked up a hundred at a time, and each template once."""
    checked = [_checked(item) for item in items]
    meant = [_person_meant(item) for item in checked if isinstance(item, MessageRequest)]
    known = recipients.resolve([person for person in meant if person is not None])
    filler = Filler(call.sender.tenant)
    return [_candidate(call, item, known, filler, batch) for item in checked]


def draft_notice(call: Call, notice: Notice) -> tuple[list[Draft], list[dict[str, str]]]:
    """Return the drafts of a notice, and the channels that are left out, each with the reason. Raises a `Refusal`."""
    contact = recipients.resolve([notice.user]).get(notice.user)
    if contact is None:
        raise _unknown("user")
    filler = Filler(call.sender.tenant)
    worded = filler.channels_of(notice.template)
    drafts: list[Draft] = []
    left_out: list[dict[str, str]] = []
    for channel in dict.fromkeys(notice.channels or worded):
        if reason := _reason_against(channel, worded, contact, notice.user):
            left_out.append({"channel": channel, "reason": reason})
            continue
        checked = checking.checked(_request_of(notice, channel, contact))
        filled = filler.filled(checked)
        drafts.append(drafting.draft_of(filled, sender=call.sender, now=call.now, person=notice.user))
    return drafts, left_out


def _reason_against(channel: str, worded: Sequence[str], contact: Contact, person: UUID) -> str:
    """Return why a channel is left out of a notice, in one word; empty where it is not."""
    if channel not in worded:
        return "no_wording"
    if not contact.address_on(channel, person):
        return "no_address"
    return "" if conf.providers_of(channel) else "not_carried"


def _request_of(notice: Notice, channel: str, contact: Contact) -> MessageRequest:
    return MessageRequest(
        to=(contact.address_on(channel, notice.user),),
        channel=channel,
        template=notice.template,
        context=notice.context,
        locale=languages.fallbacks(contact.locale)[0],  # what is no language is hers to mend, not the caller's
        category=notice.category,
        metadata=notice.metadata,
        send_at=notice.send_at,
        expires_at=notice.expires_at,
        ttl=notice.ttl,
    )


def _checked(item: Item) -> Item:
    if isinstance(item, Refusal):
        return item
    try:
        return checking.checked(item)
    except Refusal as refusal:
        return refusal


def _candidate(call: Call, item: Item, known: People, filler: Filler, batch: UUID | None) -> Candidate:
    if isinstance(item, Refusal):
        return item
    try:
        return _draft_of(call, item, known, filler, batch)
    except Refusal as refusal:
        return refusal


def _draft_of(call: Call, request: MessageRequest, known: People, filler: Filler, batch: UUID | None = None) -> Draft:
    person = _person_meant(request)
    if person is not None and person not in known:
        raise _unknown("to")
    filled = filler.filled(request)
    return drafting.draft_of(filled, sender=call.sender, now=call.now, person=person, batch=batch)


def _person_meant(item: Item) -> UUID | None:
    """Return the person whose devices a message is for, where it is one."""
    if isinstance(item, MessageRequest) and item.channel == Channel.PUSH:
        return pushes.person_of(item)
    return None


def _unknown(field: str) -> Invalid:
    return Invalid(field, "There is nobody of this id who may be written to.", "unknown_person")


def _record_message(call: Call, made: Draft) -> None:
    message = made.message
    details = {
        "channel": message.channel,
        "category": message.category,
        "recipients": len(message.to),
        "scheduled": message.status == Message.Status.SCHEDULED,
    }
    _record(call, event_types.MESSAGE_ACCEPTED, "message", message.pk, details)


def _record_batch(call: Call, batch: UUID, asked: int, placed: Sequence[Draft]) -> None:
    details = {"messages": len(placed), "refused": asked - len(placed)}
    _record(call, event_types.BATCH_ACCEPTED, "batch", batch, details)


def _record_notice(call: Call, notice: Notice, placed: Sequence[Draft]) -> None:
    details = {"template": notice.template, "channels": ",".join(one.message.channel for one in placed)}
    _record(call, event_types.PERSON_NOTIFIED, "user", notice.user, details)


def _record(call: Call, event: EventType, kind: str, target: UUID, details: Mapping[str, Any]) -> None:
    recording.record(
        event,
        now=call.now,
        actor=call.sender.caller,
        target_kind=kind,
        target=target,
        details=details,
        origin=call.sender.origin,
        tenant=call.sender.tenant,
    )
