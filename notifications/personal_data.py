"""What is kept of a person who was written to, or who wrote: messages, found by the addresses they went to."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction

from kit import canonical
from kit.personal_data import Eraser, Exporter, Subject, shown
from notifications.models import Attempt, IdempotencyKey, Message

WHOLE_AT_ONCE = 20  # messages with their texts, each of up to two megabytes, in memory beside those that are shown
_EMPTY: dict[str, Any] = {
    "to": [],
    "remaining": None,
    "recipient": "",
    "subject": "",
    "text": "",
    "html": "",
    "reply_to": "",
    "metadata": {},
}


def _collect(subject: Subject) -> dict[str, Any]:
    """Return the messages to her, and without their recipients and texts those that she had sent."""
    to_her = Message.objects.filter(recipient__in=subject.names)
    columns = ("id", "channel", "kind", "category", "status", "created_at", "sent_at")
    return {
        "messages_to_you": shown(
            to_her, *columns, "recipient", "subject", "text", "html", "metadata", page=WHOLE_AT_ONCE
        ),
        "messages_you_sent": shown(Message.objects.filter(caller=subject.id), *columns),
    }


def _erase(subject: Subject, _now: dt.datetime) -> None:
    """Empty the messages that went to her, what became of them, and the keys of those that she had sent."""
    for message in _to(subject):
        with transaction.atomic():
            Attempt.objects.filter(message=message).update(detail="", provider_id="")
            waiting = Message.objects.filter(pk=message, due_at__isnull=False).select_for_update().first()
            if waiting is None or not _leave_out(waiting, subject):
                Message.objects.filter(pk=message, due_at__isnull=False).update(
                    status=Message.Status.CANCELLED, due_at=None
                )
                Message.objects.filter(pk=message).update(**_EMPTY)
    IdempotencyKey.objects.filter(caller=subject.id).delete()


def _leave_out(message: Message, subject: Subject) -> bool:
    """Take her out of a message that still waits for others; False when she is all there is."""
    others = [name for name in message.to if not _is_hers(name, message, subject)]
    if not others or message.person == subject.id:
        return False
    message.to, message.recipient = others, canonical.fold(others[0])
    if message.remaining is not None:
        message.remaining = [name for name in message.remaining if name in others]
    if _is_hers(message.reply_to, message, subject):
        message.reply_to = ""
    message.save(update_fields=["to", "recipient", "remaining", "reply_to"])
    return True


def _is_hers(name: str, message: Message, subject: Subject) -> bool:
    """Say whether a recipient was one of her names when the message was written."""
    folded = canonical.fold(name)
    until = subject.former.get(folded)
    return folded in subject.names or (until is not None and message.created_at <= until)


def _to(subject: Subject) -> set[UUID]:
    """Return the messages that went to any of her addresses or were sent for her, or are to be answered at one.

    The first recipient has an index. Others lie within a list, which must be looked through.
    """
    found = set(Message.objects.filter(person=subject.id).values_list("pk", flat=True))
    for lookup in ("recipient", "reply_to__iexact"):
        for named in subject.named(lookup, moment="created_at"):
            found |= set(Message.objects.filter(named).values_list("pk", flat=True))
    for named in subject.named("to__icontains", moment="created_at"):
        listed = Message.objects.filter(named, kind="").only("to", "created_at")
        found |= {one.pk for one in listed.iterator() if any(_is_hers(name, one, subject) for name in one.to)}
    return found


EXPORTER = Exporter(name="messages", models=frozenset({"notifications.Message"}), collect=_collect)
ERASER = Eraser(
    models=frozenset({"notifications.Message", "notifications.Attempt", "notifications.IdempotencyKey"}), erase=_erase
)
