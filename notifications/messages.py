"""Looking messages up, calling them back, sending them once more. Another's is as unknown as one that never was."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Prefetch, Q, QuerySet

from audit import recording
from kit import canonical
from kit.errors import Conflict, NotFound
from kit.ids import earliest
from kit.origin import Origin
from kit.tenants import HOUSE
from notifications import attachments, drafting, event_types, placing, recipients
from notifications.drafts import Draft
from notifications.event_types import MESSAGE_CANCELLED
from notifications.filling import Filled
from notifications.models import Attempt, Message, Receipt
from notifications.placing import Answer, Call
from notifications.requests import checking
from notifications.requests.base import MessageRequest

Status = Message.Status

WAITING = (Status.QUEUED, Status.SCHEDULED)
UNDER_WAY = (*WAITING, Status.SENDING)
TEXTS = ("text", "html", "data", "remaining", "passed_over")  # what no list shows
FORGOTTEN = "What this message said is forgotten."
_EQUAL = ("status", "channel", "category", "template")


def visible(*, caller: UUID, sees_all: bool, tenant: UUID = HOUSE) -> QuerySet[Message]:
    """Return the messages that a caller may see: any of the tenant's if `sees_all`, else her own."""
    rows = Message.objects.filter(tenant=tenant)
    return rows if sees_all else rows.filter(caller=caller)


def find(*, message_id: UUID, caller: UUID, sees_all: bool, tenant: UUID = HOUSE) -> Message:
    """Return a message with its attempts, receipts and files' names. Raises NotFound."""
    rows = visible(caller=caller, sees_all=sees_all, tenant=tenant).prefetch_related(
        Prefetch("attempts", Attempt.objects.order_by("claim", "id")),
        Prefetch("receipts", Receipt.objects.order_by("occurred_at", "id")),
    )
    message = rows.filter(pk=message_id).first()
    if message is None:
        raise NotFound
    return message


def narrowed(rows: QuerySet[Message], question: dict[str, Any]) -> QuerySet[Message]:
    """Return those of some messages that a question is about. Moments are asked of the ids, which sort by them.

    Without `sees_people` a recipient is what the `viewer` is shown: an address that she gave herself, or the id of a
    person who was written to by it, so that no address can be tried out.
    """
    rows = rows.filter(**{name: question[name] for name in _EQUAL if name in question})
    if "recipient" in question:
        rows = rows.filter(_reached(question))
    if "since" in question:
        rows = rows.filter(pk__gte=earliest(question["since"]))
    if "until" in question:
        rows = rows.filter(pk__lt=earliest(question["until"]))
    return rows.defer(*TEXTS)


def _reached(question: dict[str, Any]) -> Q:
    """Return the condition for messages to the recipient of a question."""
    recipient = question["recipient"]
    named = Q(recipient=canonical.fold(recipient))
    if question.get("sees_people"):
        return named
    given_by_herself = named & Q(person=None, caller=question["viewer"])
    try:
        return given_by_herself | Q(person=UUID(recipient))
    except ValueError:
        return given_by_herself


def cancel(*, message: Message, actor: UUID, now: datetime, origin: Origin, reason: str = "") -> Message:
    """Call a message back that nobody has begun to send, by one conditional statement. Raises Conflict for any other.

    What may have reached a provider, or some of its recipients, has gone as far as anybody knows.
    """
    with transaction.atomic():
        waiting = Message.objects.filter(
            pk=message.pk, status__in=WAITING, due_at__isnull=False, sent_at=None, in_doubt="", awaiting=""
        )
        taken = waiting.update(status=Status.CANCELLED, due_at=None, lease_until=None, fence=F("fence") + 1)
        if not taken:
            raise Conflict("This message is not waiting any more.")
        recording.record(
            MESSAGE_CANCELLED,
            now=now,
            actor=actor,
            target_kind="message",
            target=message.pk,
            details={"channel": message.channel, "reason": reason},
            origin=origin,
            tenant=message.tenant,
        )
    message.status, message.due_at = Status.CANCELLED, None
    return message


def resend(call: Call, message: Message, *, reason: str = "") -> Answer:
    """Accept a caller's message once more, as it was and to everybody it was for. It passes every rule and gate again.

    Raises Conflict for one that is under way, that the house itself sent (what it was built from may be gone), or whose
    words, files or person are forgotten; and what the rules of today refuse it with.
    """
    known = placing.earlier(call)
    if known is not None:
        return known
    if message.kind or message.digest:
        raise Conflict("Only what a caller wrote can be sent once more.")
    if message.status in UNDER_WAY:
        raise Conflict("This message is still under way.")
    files = attachments.uploads_of(message)
    if message.blanked_at is not None or not message.recipient or files is None:
        raise Conflict(FORGOTTEN)
    if message.person is not None and message.person not in recipients.resolve([message.person]):
        raise Conflict("Whom this message was for cannot be written to any more.")
    draft = drafting.draft_of(_again(message, files), sender=call.sender, now=call.now, person=message.person)
    draft.message.resent_from = message.pk
    return placing.place_one(call, draft, record=partial(_record_again, call, reason))


def _again(message: Message, files: tuple[attachments.Upload, ...]) -> Filled:
    request = MessageRequest(
        to=tuple(message.to),
        channel=message.channel,
        subject=message.subject,
        text=message.text,
        html=message.html,
        payload=message.data,
        reply_to=message.reply_to,
        attachments=files,
        locale=message.locale,
        category=message.category,
        metadata=message.metadata,
    )
    # The words that a template came to are judged as if the caller had written them.
    worded = replace(checking.checked(request), template=message.template)
    return Filled(request=worded, version=message.template_version)


def _record_again(call: Call, reason: str, draft: Draft) -> None:
    """Record it where the words are still known, and until that is committed nobody forgets them. Raises Conflict."""
    known = Message.objects.select_for_update().filter(pk=str(draft.message.resent_from), blanked_at=None)
    if not known.values_list("pk", flat=True).first():
        raise Conflict(FORGOTTEN)
    recording.record(
        event_types.MESSAGE_RESENT,
        now=call.now,
        actor=call.sender.caller,
        target_kind="message",
        target=str(draft.message.resent_from),
        details={"channel": draft.message.channel, "again": draft.message.pk, "reason": reason},
        origin=call.sender.origin,
        tenant=call.sender.tenant,
    )
