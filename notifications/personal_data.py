"""What is kept of a person who was written to, or who wrote: messages, found by the addresses they went to.

And what she chose, what lies in her inbox, where push reaches her, and whether her address is held back: see `_of_her`.
"""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from kit import canonical
from kit.personal_data import Eraser, Exporter, Subject, shown
from notifications import suppressions
from notifications.models import (
    Attachment,
    Attempt,
    Brand,
    IdempotencyKey,
    Inbox,
    InboxItem,
    Message,
    Preference,
    ProviderAccount,
    ProviderState,
    PushTarget,
    QuietHours,
    Receipt,
    Suppression,
    TemplateVersion,
)

WHOLE_AT_ONCE = 20  # messages with their texts, each of up to two megabytes, in memory beside those that are shown
_EMPTY: dict[str, Any] = {
    "to": [],
    "remaining": None,
    "recipient": "",
    "subject": "",
    "text": "",
    "html": "",
    "reply_to": "",
    "data": {},
    "metadata": {},
    "files": 0,
}
_OF_STAFF = {
    TemplateVersion: ("created_by", "published_by"),
    Brand: ("updated_by",),
    ProviderAccount: ("updated_by",),
    ProviderState: ("switched_by",),
    Suppression: ("created_by",),
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
        "files_to_you": shown(
            Attachment.objects.filter(message__in=to_her), "message", "filename", "content_type", "size"
        ),
        **_of_her(subject),
    }


def _of_her(subject: Subject) -> dict[str, Any]:
    """Return what she chose, what lies in her inbox, and where and why she is, or is not, written to."""
    held = Suppression.objects.filter(address__in=subject.names)
    return {
        "preferences": shown(
            Preference.objects.filter(person=subject.id), "category", "channel", "allowed", "digest", "updated_at"
        ),
        "quiet_hours": shown(QuietHours.objects.filter(person=subject.id), "begins", "ends", "time_zone", "updated_at"),
        "inbox": shown(
            InboxItem.objects.filter(person=subject.id),
            *("category", "title", "body", "url", "data", "created_at", "read_at", "archived_at"),
        ),
        "push_targets": shown(
            PushTarget.objects.filter(person=subject.id), "driver", "label", "created_at", "last_used_at"
        ),
        "not_written_to": shown(held, "channel", "address", "category", "reason", "detail", "created_at", "expires_at"),
    }


def _erase(subject: Subject, now: dt.datetime) -> None:
    """Empty the messages that went to her, end those that wait, and forget what she chose and where she is reached.

    A message that is emptied is `blanked_at` this moment: neither staff nor a provider's report brings it back.
    """
    for message in _to(subject):
        with transaction.atomic():
            Attempt.objects.filter(message=message).update(detail="", provider_id="", recipients=None)
            Receipt.objects.filter(message=message).update(recipient="", detail="", provider_id="")
            # Held until it is emptied, so that nobody puts it back into the queue between.
            row = Message.objects.defer("text", "html", "data").select_for_update().filter(pk=message).first()
            if row is None or row.due_at is None or not _leave_out(row, subject):
                # Whoever is sending it now can write nothing on it any more.
                Message.objects.filter(pk=message, due_at__isnull=False).update(
                    status=Message.Status.CANCELLED, due_at=None, fence=F("fence") + 1
                )
                Message.objects.filter(pk=message).update(**_EMPTY, awaiting="", in_doubt="", blanked_at=now)
                Attachment.objects.filter(message=message).delete()
    for named in subject.named("recipient", moment="received_at"):
        Receipt.objects.filter(named).update(recipient="", detail="", provider_id="")
    IdempotencyKey.objects.filter(caller=subject.id).delete()
    for of_her in (Preference, QuietHours, InboxItem, Inbox, PushTarget):
        of_her.objects.filter(person=subject.id).delete()
    _hold_back_unseen(subject)
    for model, columns in _OF_STAFF.items():
        for column in columns:
            model._default_manager.filter(**{column: subject.id}).update(**{column: None})


def _hold_back_unseen(subject: Subject) -> None:
    """Keep a keyed digest alone of her addresses that want no more mail; forget those that could not be reached."""
    for named in subject.named("address", moment="created_at"):
        with transaction.atomic():
            for row in Suppression.objects.filter(named).select_for_update():
                place = suppressions.Place(row.channel, row.address, row.category, row.tenant)
                if row.reason == Suppression.Reason.BOUNCED or not suppressions.erase(place):
                    Suppression.objects.filter(pk=row.pk).delete()


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
    if message.remaining == []:
        _end(message)
    return True


def _end(message: Message) -> None:
    """End a message that only she was left of: the others have it, or do not want it."""
    status = Message.Status.SENT if message.sent_at else Message.Status.CANCELLED
    Message.objects.filter(pk=message.pk).update(
        status=status, due_at=None, awaiting="", in_doubt="", fence=F("fence") + 1
    )


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


_SHOWN = (Message, Attachment, Preference, QuietHours, InboxItem, PushTarget, Suppression)
_ERASED = (*_SHOWN, Attempt, Receipt, IdempotencyKey, Inbox, TemplateVersion, Brand, ProviderAccount, ProviderState)

EXPORTER = Exporter(name="messages", models=frozenset(model._meta.label for model in _SHOWN), collect=_collect)
ERASER = Eraser(models=frozenset(model._meta.label for model in _ERASED), erase=_erase)
