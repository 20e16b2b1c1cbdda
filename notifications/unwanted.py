"""Messages that are taken up, and what was learned since they were accepted: who is not written to, and who chose so.

Who unsubscribes, answers STOP or switches a category off stops what waits at that moment (`waiting`). What a worker
held then, what waited at a provider, was tried again later, or names her behind others, is asked about here.
"""

from collections.abc import Sequence
from copy import copy
from datetime import datetime
from typing import Any
from uuid import UUID

from kit.outbox import Settlement
from notifications import categories, digests, preferences, suppressions
from notifications.drafts import Draft
from notifications.models import Message

Status = Message.Status


def withdraw(claimed: Sequence[Message], now: datetime) -> set[UUID]:
    """Leave out of claimed messages who wants no more of them; end, and return, those that then have nobody left.

    They end `suppressed`, with the reason, and are not the claim's any more. One statement for a batch where nothing
    was learned, and one more where some of it is for people who may have chosen. It may be repeated. What the house
    sends passes all but STOP, as when it was accepted. Nobody is left out of a mail in doubt: its provider knows its
    key by these recipients.
    """
    drafts = [_draft_of(message) for message in claimed]
    suppressions.gate(drafts, now)
    preferences.gate(drafts, now)
    closed = [draft for draft in drafts if draft.closing]
    for message, draft in zip(claimed, drafts, strict=True):
        if draft.is_open:
            _leave_out(message, draft.message.remaining)
    if closed:
        Message.objects.settle([Settlement(draft.message, _ended(draft)) for draft in closed])
    return {draft.message.pk for draft in closed}


def _leave_out(message: Message, remaining: list[str] | None) -> None:
    """Write on a claimed message who is left to be sent to, where that has changed and the message is not in doubt."""
    if remaining != message.remaining and not message.in_doubt:
        Message.objects.filter(pk=message.pk, fence=message.fence).update(remaining=remaining)
        message.remaining = remaining


def _draft_of(message: Message) -> Draft:
    """Return a claimed message as the gates judge it: a copy, which they may change."""
    of_the_house = message.kind not in {"", digests.KIND}
    must_arrive = of_the_house or categories.find(message.category).must_arrive
    return Draft(copy(message), person=message.person, must_arrive=must_arrive)


def _ended(draft: Draft) -> dict[str, Any]:
    """Return what to write on a message that nobody wants any more: of a mail to several the others may have it."""
    message = draft.message
    done = {"due_at": None, "awaiting": "", "in_doubt": ""}
    if message.sent_at is not None and len(message.to) > 1:
        return {"status": Status.SENT, **done}
    return {"status": Status.SUPPRESSED, "failure": draft.closing, **done}
