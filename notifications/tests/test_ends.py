"""Messages that end by themselves: tried once more before that, and ended also where nobody can send them any more."""

from datetime import datetime, timedelta

import pytest

from notifications.lanes import PATIENCE, Lane
from notifications.models import Message
from notifications.providers.base import RateLimited, Transient
from notifications.testing import deliver_all, make_message
from notifications.tests.scripted import answers, callers, down

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("chain_of_two")]

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def stored(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


@pytest.mark.parametrize("lane", list(Lane))
def test_pause_beyond_its_end_leaves_a_message_to_who_comes_back_before(lane: Lane, now: datetime) -> None:
    message = make_message(now=now, lane=lane, expires_at=now + HOUR)
    down["plain"] = Transient("connection_failed")
    answers["second"].append(RateLimited(retry_after=7200))
    deliver_all(now)
    longest = PATIENCE[lane].longest_pause
    due_at = stored(message).due_at
    assert due_at is not None
    assert (stored(message).status, due_at <= now + longest) == ("queued", True)
    del down["plain"]
    deliver_all(now + longest)
    assert (stored(message).status, callers()) == ("sent", ["plain", "second", "plain"])


@pytest.mark.usefixtures("alone")
def test_provider_is_left_alone_for_as_long_as_it_asked(now: datetime) -> None:
    message = make_message(now=now, lane=Lane.URGENT, expires_at=now + HOUR)
    answers["plain"].append(RateLimited(retry_after=600))
    for minute in range(11):
        deliver_all(now + minute * MINUTE - SECOND * bool(minute))
    assert len(callers()) == 1
    deliver_all(now + 10 * MINUTE)
    assert (len(callers()), stored(message).status) == (2, "sent")


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("lane", list(Lane))
def test_message_is_tried_once_more_shortly_before_its_end(lane: Lane, now: datetime) -> None:
    first_pause = PATIENCE[lane].first_pause
    message = make_message(now=now, lane=lane, expires_at=now + 2 * first_pause)
    answers["plain"].append(RateLimited(retry_after=2 * first_pause.total_seconds()))
    deliver_all(now)
    assert stored(message).due_at == now + first_pause
    answers["plain"].append(RateLimited(retry_after=2 * first_pause.total_seconds()))
    deliver_all(now + 2 * first_pause - SECOND)
    assert stored(message).status in ("queued", "failed")
    deliver_all(now + 2 * first_pause)
    assert stored(message).status == "failed"
