"""How many bytes of files one caller may have waiting to go along with mails, some of which are for next year.

Counted by what is there, so that what has gone makes room by itself. Each file counts for a little more than its bytes:
many tiny ones fill a database too.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F, Sum

from kit.errors import Throttled
from notifications import guard_conf
from notifications.drafts import Draft
from notifications.models import Attachment

GATE = "file_quotas"
EACH = 4 * 1024  # bytes that a file counts for besides its own
PAUSE = 300  # seconds; files go soon after their mail has


def gate(drafts: Sequence[Draft], now: datetime) -> None:
    """Refuse what brings more files than its caller may have waiting. One statement for each caller; no files, none.

    It holds for parallel calls too where the quotas of the caller were counted before, in the same transaction.
    """
    del now
    most = guard_conf.files_waiting()
    by_caller: dict[UUID, list[Draft]] = defaultdict(list)
    for draft in drafts:
        if draft.files and draft.refusal is None and draft.message.caller:
            by_caller[draft.message.caller].append(draft)
    for caller, its in by_caller.items() if most else ():
        _judge(its, _waiting(caller, its), most)


def _judge(drafts: Sequence[Draft], waiting: int, most: int) -> None:
    for draft in drafts:
        size = sum(len(file.content) + EACH for file in draft.files)
        if waiting + size > most:
            draft.refusal = Throttled(PAUSE, "Too many bytes of files wait to be sent already. Cancel some, or wait.")
            draft.note(GATE, "spent", f"At most {most // 1024**2} MiB of files may wait at once.")
        else:
            waiting += size


def _waiting(caller: UUID, drafts: Sequence[Draft]) -> int:
    """Return what a caller has waiting, without what these drafts have written already."""
    waiting = Attachment.objects.filter(caller=caller, removed_at=None)
    others = waiting.exclude(message__in=[draft.message.pk for draft in drafts])
    return others.aggregate(bytes=Sum(F("size") + EACH))["bytes"] or 0
