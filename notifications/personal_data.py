"""What is kept of a person who was written to, or who wrote: messages, found by the addresses they went to."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction

from kit import canonical
from kit.personal_data import Eraser, Exporter, Subject, shown
from notifications.models import Attempt, IdempotencyKey, Message


def _collect(subject: Subject) -> dict[str, Any]:
    """Return the messages to her, and without their recipients and texts those that she had sent."""
    to_her = Message.objects.filter(recipient__in=subject.names)
    columns = ("id", "channel", "kind", "category", "status", "created_at", "sent_at")
    return {
        "messages_to_you": shown(to_her, *columns, "recipient", "subject", "text", "html", "metadata"),
        "messages_you_sent": shown(Message.objects.filter(caller=subject.id), *columns),
    }


def _erase(subject: Subject, _now: dt.datetime) -> None:
    """Empty the messages that went to her, what became of them, and the keys of those that she had sent."""
    for message in _to(subject):
        with transaction.atomic():
            Attempt.objects.filter(message=message).update(detail="", provider_id="")
            Message.objects.filter(pk=message).update(
                to=[], remaining=None, recipient="", subject="", text="", html="", reply_to="", metadata={}
            )
    IdempotencyKey.objects.filter(caller=subject.id).delete()


def _to(subject: Subject) -> set[UUID]:
    """Return the messages that went to any of her addresses, or are to be answered at one.

    The first recipient has an index. Others lie within a list, which must be looked through for each name.
    """
    found = set(Message.objects.filter(recipient__in=subject.names).values_list("pk", flat=True))
    for name in subject.names:
        listed = Message.objects.filter(kind="", to__icontains=name).values_list("pk", "to")
        found |= {message for message, to in listed.iterator() if name in map(canonical.fold, to)}
        found |= set(Message.objects.filter(kind="", reply_to__iexact=name).values_list("pk", flat=True))
    return found


EXPORTER = Exporter(name="messages", models=frozenset({"notifications.Message"}), collect=_collect)
ERASER = Eraser(
    models=frozenset({"notifications.Message", "notifications.Attempt", "notifications.IdempotencyKey"}), erase=_erase
)
