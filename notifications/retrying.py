"""Trying a message again that has failed: the same row goes back into the queue, and its attempts stay with it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, IntegerField, When

from audit import recording
from kit.errors import Conflict
from kit.origin import Origin
from notifications import bell, digests
from notifications.event_types import MESSAGE_RETRIED
from notifications.lanes import PATIENCE, Lane
from notifications.models import Message

Status = Message.Status
# A provider that keeps keys answers an old one as it did then, and sends nothing: another is needed. Not while it is in
# doubt whether the last one was taken.
_NEXT_KEY = Case(When(in_doubt="", then=F("tries") + 1), default=F("tries"), output_field=IntegerField())


def retry(*, message: Message, actor: UUID, now: datetime, origin: Origin, reason: str) -> Message:
    """Put a failed message back into the queue, by one conditional statement, and record who did and why.

    It has the patience of its lane again. What the house sends is built anew: a code that is no longer good ends
    `suppressed`. Raises Conflict for one that has not failed, or whose words are forgotten.
    """
    changes = {
        "status": Status.QUEUED,
        "failure": "",
        "due_at": now,
        "expires_at": now + PATIENCE[Lane(message.lane)].horizon,
        "tries": _NEXT_KEY,
        "claims": 0,
        "passed_over": [],
        "digest": "",  # it goes by itself now
        "lease_until": None,
    }
    with transaction.atomic():
        failed = Message.objects.filter(pk=message.pk, status=Status.FAILED, blanked_at=None)
        if not failed.update(**changes):
            raise Conflict("Only a message that has failed, and whose words are kept, can be tried again.")
        recording.record(
            MESSAGE_RETRIED,
            now=now,
            actor=actor,
            target_kind="message",
            target=message.pk,
            details={"channel": message.channel, "failure": message.failure, "reason": reason},
            origin=origin,
            tenant=message.tenant,
        )
        bell.ring_after_commit()
        message.refresh_from_db(fields=list(changes))
        digests.follow(message)
    return message
