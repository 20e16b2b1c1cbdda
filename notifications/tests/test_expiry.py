"""Messages that outlive their use while nobody can send them."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from notifications import expiry, tasks
from notifications.models import Message
from notifications.testing import make_message

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("fields", "status", "failure"),
    [
        ({}, "failed", "expired"),
        ({"in_doubt": "smtp"}, "failed", "unknown"),
        ({"awaiting": "novu", "status": "sending"}, "sending", ""),
        ({"expires_at": None}, "queued", ""),
    ],
)
def test_what_nobody_took_in_its_time_has_failed(
    fields: dict[str, Any], status: str, failure: str, now: datetime
) -> None:
    message = make_message(**{"now": now, "expires_at": now + MINUTE} | fields)
    assert expiry.end(now) == 0
    expiry.end(now + MINUTE)
    message.refresh_from_db()
    assert (message.status, message.failure) == (status, failure)


def test_what_a_worker_holds_or_held_is_left_to_the_next_one(now: datetime) -> None:
    make_message(now=now, expires_at=now + MINUTE)
    Message.objects.claim(now=now, lease=-MINUTE, limit=1)
    assert expiry.end(now + MINUTE) == 0


def test_any_number_is_ended(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "AT_ONCE", 2)
    for _ in range(5):
        make_message(now=now, expires_at=now)
    assert expiry.end(now) == 5


def test_the_tidy_up_ends_them(now: datetime) -> None:
    message = make_message(now=now - MINUTE, expires_at=now - MINUTE)
    tasks.tidy()
    message.refresh_from_db()
    assert (message.status, message.due_at) == ("failed", None)
