"""How many bytes of files one caller may have waiting."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from kit.errors import Throttled
from kit.ids import uuid7
from kit.testing import races
from notifications import accepting, attachments, explaining
from notifications.attachments import Upload
from notifications.channels import Channel
from notifications.drafting import Sender
from notifications.models import Attachment, Message
from notifications.placing import Accepted, Call
from notifications.requests.base import MessageRequest

pytestmark = pytest.mark.django_db

CALLER = uuid7()
THIRD = Upload(filename="numbers.csv", content_type="text/csv", content=b"x" * (1024**2 // 3 - 8 * 1024))


@pytest.fixture(autouse=True)
def _one_mebibyte(settings: Any) -> None:
    settings.NOTIFY_FILES_WAITING = 1


def call_at(now: datetime, caller: UUID = CALLER) -> Call:
    """Return a call of a caller."""
    return Call(sender=Sender(caller=caller), now=now)


def mail(now: datetime, *files: Upload) -> MessageRequest:
    """Return what asks for a mail of next year."""
    words: dict[str, Any] = {"subject": "Numbers", "text": "They are here.", "send_at": now + timedelta(days=365)}
    return MessageRequest(to=("berta@example.com",), channel=Channel.EMAIL, attachments=files, **words)


def fitting(now: datetime, count: int, caller: UUID = CALLER) -> int:
    """Ask for mails with a file each in one call, and return how many were accepted."""
    answer = accepting.accept_many(call_at(now, caller), [mail(now, THIRD)] * count)
    return sum(isinstance(one, Accepted) for one in answer.results)


def test_files_that_wait_have_a_bound_for_each_caller(now: datetime) -> None:
    assert fitting(now, 4) == 3
    with pytest.raises(Throttled) as refusal:
        accepting.accept(call_at(now), mail(now, THIRD))
    assert refusal.value.retry_after == 300
    assert accepting.accept(call_at(now), mail(now)).only.status == "scheduled"
    assert fitting(now, 1, uuid7()) == 1
    assert Attachment.objects.count() == 4


def test_files_that_have_gone_make_room(now: datetime) -> None:
    assert fitting(now, 3) == 3
    Message.objects.update(status="sent", due_at=None)
    assert attachments.discard_spent(now) == 3
    assert fitting(now, 4) == 3


def test_many_tiny_files_are_bounded_too(now: datetime) -> None:
    tiny = [Upload(filename=f"{n}.csv", content_type="text/csv", content=b"1") for n in range(10)]
    answer = accepting.accept_many(call_at(now), [mail(now, *tiny)] * 30)
    assert sum(isinstance(one, Accepted) for one in answer.results) == 25


def test_dry_run_tells_of_the_bound(now: datetime) -> None:
    fitting(now, 3)
    with pytest.raises(Throttled):
        explaining.explain(call_at(now), mail(now, THIRD))


@pytest.mark.parametrize("most", [0, 2])
def test_operator_sets_the_bound_or_none(settings: Any, now: datetime, most: int) -> None:
    settings.NOTIFY_FILES_WAITING = most
    assert fitting(now, 8) == (6 if most else 8)


@pytest.mark.django_db(transaction=True)
def test_parallel_calls_have_no_more_together(now: datetime) -> None:
    assert sum(one for one in races.run(8, lambda: fitting(now, 1)) if isinstance(one, int)) == 3
