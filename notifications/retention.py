"""What is forgotten by itself: first what a message said, later that it ever was.

In parts small enough that no statement holds up the sending; what is left over is for the next run.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from kit.ids import earliest
from notifications import conf
from notifications.models import Attempt, Message, Receipt

AT_ONCE = 500  # messages in one statement
MOST = 50_000  # messages in one run
SECONDS = 20  # that a run lasts at most

_SAID = {"subject": "", "text": "", "html": "", "data": {}, "metadata": {}, "reply_to": ""}


def blank(now: datetime) -> int:
    """Forget what messages said that are done with and older than NOTIFICATIONS_RETENTION_DAYS; return how many.

    A message that was sent long after it was accepted is as old as its sending.
    """
    before = now - conf.blank_after()
    rows = Message.objects.filter(
        Q(sent_at=None) | Q(sent_at__lt=before), id__lt=earliest(before), due_at=None, blanked_at=None, kind=""
    )
    return _in_parts(lambda keys: _blank(keys, now), rows)


def delete(now: datetime) -> int:
    """Delete messages that are done with and older than NOTIFICATIONS_DELETE_DAYS, with all that belongs to them."""
    rows = Message.objects.filter(id__lt=earliest(now - conf.delete_after()), due_at=None)
    return _in_parts(_delete, rows)


def delete_strangers(now: datetime) -> int:
    """Delete reports older than NOTIFICATIONS_RETENTION_DAYS of which nobody ever knew whose they were.

    Answers such as STOP stay, so that an old one that is sent again counts no second time; whose they were is forgotten
    after NOTIFICATIONS_DELETE_DAYS.
    """
    unknown = Receipt.objects.filter(message=None, handled_at=None, id__lt=earliest(now - conf.blank_after()))
    answers = Receipt.objects.filter(message=None, id__lt=earliest(now - conf.delete_after())).exclude(recipient="")
    _in_parts(_forget_answers, answers.filter(handled_at__isnull=False))
    return _in_parts(_delete_reports, unknown)


def _in_parts(work: Callable[[list[UUID]], None], rows: QuerySet[Any]) -> int:
    """Do some work on rows in the order of their ids, a part at a time, until none is left or the run has lasted."""
    done, ends = 0, time.monotonic() + SECONDS
    while done < MOST and time.monotonic() < ends:
        keys = list(rows.order_by("id").values_list("pk", flat=True)[:AT_ONCE])
        if not keys:
            break
        work(keys)
        done += len(keys)
    return done


def _blank(keys: list[UUID], now: datetime) -> None:
    with transaction.atomic():
        # Asked once more of each row: staff may have put one back into the queue meanwhile.
        Message.objects.filter(pk__in=keys, due_at=None, blanked_at=None).update(**_SAID, blanked_at=now)
        for model in (Attempt, Receipt):
            of_them = model._default_manager.filter(message__in=keys, message__blanked_at=now)
            of_them.exclude(detail="").update(detail="")


def _delete(keys: list[UUID]) -> None:
    with transaction.atomic():
        done = Message.objects.select_for_update().filter(pk__in=keys, due_at=None)
        Message.objects.filter(pk__in=list(done.values_list("pk", flat=True))).delete()


def _delete_reports(keys: list[UUID]) -> None:
    Receipt.objects.filter(pk__in=keys).delete()


def _forget_answers(keys: list[UUID]) -> None:
    Receipt.objects.filter(pk__in=keys).update(recipient="", detail="")
