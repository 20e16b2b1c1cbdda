"""Messages that end by themselves: tried once more before that, and ended also where nobody can send them any more."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from notifications import breakers, expiry, tasks
from notifications.lanes import PATIENCE, Lane
from notifications.models import Attempt, Message, Receipt
from notifications.providers.base import RateLimited, Transient
from notifications.testing import deliver_all, make_message
from notifications.tests.scripted import CHAIN, answers, callers, down

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


@pytest.mark.parametrize(
    ("fields", "status", "failure"),
    [
        ({"awaiting": "plain"}, "failed", "unknown"),
        ({"lease_until": True}, "failed", "unknown"),
        ({"lease_until": True, "awaiting": "plain"}, "failed", "unknown"),
    ],
)
def test_what_is_left_on_a_channel_without_providers_is_ended(
    fields: dict[str, Any], status: str, failure: str, now: datetime, settings: Any
) -> None:
    message = make_message(
        now=now - HOUR, status=Message.Status.SENDING, expires_at=now, **{**fields, "lease_until": None}
    )
    if "lease_until" in fields:
        [held] = Message.objects.claim(now=now, lease=-MINUTE, limit=1)
        Attempt.objects.create(message=message, claim=held.fence, provider="plain", started_at=now)
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = []
    deliver_all(now)
    assert stored(message).status == "sending"
    tasks.tidy()
    assert (stored(message).status, stored(message).failure, stored(message).due_at) == (status, failure, None)


def test_what_is_held_or_not_at_its_end_is_left_alone(now: datetime, settings: Any) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = []
    make_message(now=now, status=Message.Status.SENDING, expires_at=now + HOUR, awaiting="plain")
    make_message(now=now, status=Message.Status.SENDING, expires_at=now)
    Message.objects.filter(expires_at=now).claim(now=now, lease=MINUTE, limit=1)
    assert expiry.end_left(now) == 0


def test_provider_that_can_tell_is_waited_for_as_long_as_a_doubt(now: datetime, settings: Any) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [CHAIN + "KnowingProvider"]
    breakers.switch("knowing", off=True, actor=None, now=now)
    message = make_message(now=now, status=Message.Status.SENDING, expires_at=now, awaiting="knowing")
    for hours, status in ((0, "sending"), (22, "sending"), (23, "failed")):
        expiry.end_left(now + hours * HOUR)
        assert stored(message).status == status


def test_what_was_told_of_a_message_counts_at_its_end_too(now: datetime, settings: Any) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = []
    message = make_message(now=now, status=Message.Status.SENDING, expires_at=now, awaiting="plain")
    Attempt.objects.create(message=message, claim=1, provider="plain", started_at=now, outcome="accepted")
    Receipt.objects.create(
        provider="plain", event_id="1", event="bounced", message=message, occurred_at=now, received_at=now
    )
    expiry.end_left(now)
    assert (stored(message).status, stored(message).failure) == ("failed", "bounced")
