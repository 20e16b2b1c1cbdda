"""Messages that may have been taken: settled with the provider that may have taken them, or by the lane's policy."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from notifications import breakers, dispatching, ledger
from notifications.lanes import Lane
from notifications.models import Attempt, Message
from notifications.providers.base import Ambiguous, Permanent, RateLimited, Transient
from notifications.testing import deliver_all, make_message
from notifications.tests import scripted
from notifications.tests.scripted import CHAIN, answers, callers, delivered, down, keys_of, looks, lost_after_taking

pytestmark = pytest.mark.django_db

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    scripted.forget()


@pytest.fixture
def chain(settings: Any) -> Any:
    def use(*names: str) -> None:
        settings.NOTIFICATIONS_EMAIL_PROVIDERS = [f"{CHAIN}{name}Provider" for name in names]

    return use


def stored(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def abandon(message: Message, provider: str, now: datetime) -> None:
    """Leave a message as a worker does that is killed in the middle of sending it."""
    [claimed] = Message.objects.claim(now=now, lease=MINUTE, limit=1, status=Message.Status.SENDING)
    Attempt.objects.create(message=message, claim=claimed.fence, provider=provider, started_at=now)
    dispatching.recover()


@pytest.mark.parametrize("lane", list(Lane))
def test_provider_that_keeps_keys_gets_the_same_key_once_more(lane: Lane, chain: Any, now: datetime) -> None:
    chain("Keyed", "Second")
    message = make_message(now=now, lane=lane)
    answers["keyed"].append(lost_after_taking("keyed", Ambiguous("read_timed_out")))
    deliver_all(now)
    assert (stored(message).in_doubt, stored(message).status) == ("keyed", "queued")
    deliver_all(now + MINUTE)
    assert keys_of("keyed") == [f"{message.pk}-0"] * 2
    assert (len(delivered["keyed"]), delivered["second"]) == (1, [])
    assert (stored(message).status, stored(message).in_doubt) == ("sent", "")


@pytest.mark.parametrize("taken", [True, False])
def test_provider_that_can_be_asked_is_asked_first(chain: Any, now: datetime, *, taken: bool) -> None:
    chain("Looking", "Second")
    message = make_message(now=now, lane=Lane.BULK)
    failure = Ambiguous("read_timed_out")
    answers["looking"].append(lost_after_taking("looking", failure) if taken else failure)
    deliver_all(now)
    deliver_all(now + MINUTE)
    assert (looks, callers().count("looking"), len(delivered["looking"])) == (["looking"], 1 if taken else 2, 1)
    assert (stored(message).status, delivered["second"]) == ("sent", [])
    last = stored(message).attempts.last()
    assert last is not None
    assert last.error == ("looked_up" if taken else "")


def test_answer_that_nothing_was_taken_frees_a_message_for_others(chain: Any, now: datetime) -> None:
    chain("Looking", "Second")
    message = make_message(now=now)
    answers["looking"].extend([Ambiguous("read_timed_out"), Transient("connection_failed")])
    deliver_all(now)
    deliver_all(now + MINUTE)
    assert (callers(), stored(message).status) == (["looking", "looking", "second"], "sent")


@pytest.mark.parametrize(
    ("lane", "status", "sends"), [(Lane.URGENT, "sent", 2), (Lane.NORMAL, "sent", 2), (Lane.BULK, "failed", 1)]
)
def test_lane_decides_where_nobody_can_tell(lane: Lane, status: str, sends: int, chain: Any, now: datetime) -> None:
    chain("Plain")
    message = make_message(now=now, lane=lane)
    answers["plain"].append(lost_after_taking("plain", Ambiguous("connection_lost_after_data")))
    deliver_all(now)
    deliver_all(now + MINUTE)
    assert (stored(message).status, len(delivered["plain"])) == (status, sends)
    assert stored(message).failure == ("unknown" if status == "failed" else "")


def test_message_in_doubt_is_given_to_nobody_else_while_its_provider_is_away(chain: Any, now: datetime) -> None:
    chain("Keyed", "Second")
    message = make_message(now=now)
    answers["keyed"].append(lost_after_taking("keyed", Ambiguous("read_timed_out")))
    deliver_all(now)
    down["keyed"] = Transient("connection_failed")
    for minute in range(1, 120):
        deliver_all(now + minute * MINUTE)
    assert (delivered["second"], stored(message).tries, stored(message).in_doubt) == ([], 0, "keyed")
    del down["keyed"]
    deliver_all(now + 3 * HOUR)
    assert set(keys_of("keyed")) == {f"{message.pk}-0"}
    assert (stored(message).status, len(delivered["keyed"])) == ("sent", 1)


def test_code_in_doubt_waits_two_minutes_and_goes_by_another(chain: Any, now: datetime) -> None:
    chain("Keyed", "Second")
    code = make_message(now=now, lane=Lane.URGENT)
    answers["keyed"].append(Ambiguous("read_timed_out"))
    deliver_all(now)
    breakers.switch("keyed", off=True, actor=None, now=now)
    for second in range(1, 120, 10):
        deliver_all(now + second * SECOND)
    assert delivered["second"] == []
    deliver_all(now + 121 * SECOND)
    assert (len(delivered["second"]), stored(code).status) == (1, "sent")


def test_what_a_provider_has_swallowed_for_a_day_goes_to_another_first(chain: Any, now: datetime) -> None:
    chain("Keyed", "Second")
    message = make_message(now=now, lane=Lane.NORMAL, expires_at=now + 48 * HOUR)
    down["keyed"] = Ambiguous("read_timed_out")
    deliver_all(now)
    deliver_all(now + 22 * HOUR)
    assert (stored(message).in_doubt, delivered["second"]) == ("keyed", [])
    asked = len(callers())
    deliver_all(now + 24 * HOUR)
    assert (callers()[asked:], stored(message).status) == (["second"], "sent")


def test_bulk_in_doubt_is_given_up_when_its_key_is_about_to_be_forgotten(chain: Any, now: datetime) -> None:
    chain("Keyed", "Second")
    message = make_message(now=now, lane=Lane.BULK, expires_at=now + 48 * HOUR)
    answers["keyed"].append(Ambiguous("read_timed_out"))
    deliver_all(now)
    breakers.switch("keyed", off=True, actor=None, now=now)
    deliver_all(now + 22 * HOUR)
    assert stored(message).status == "queued"
    deliver_all(now + 23 * HOUR + MINUTE)
    assert (stored(message).failure, delivered["second"]) == ("unknown", [])


def test_refused_repeat_ends_the_doubt(chain: Any, now: datetime) -> None:
    chain("Keyed")
    message = make_message(now=now)
    answers["keyed"].extend([Ambiguous("read_timed_out"), Permanent("recipient_refused")])
    deliver_all(now)
    deliver_all(now + MINUTE)
    assert (stored(message).status, stored(message).failure) == ("failed", "recipient_refused")


def test_rate_limit_of_a_repeat_keeps_its_key(chain: Any, now: datetime) -> None:
    chain("Keyed", "Second")
    message = make_message(now=now)
    answers["keyed"].extend([Ambiguous("read_timed_out"), RateLimited(retry_after=5)])
    deliver_all(now)
    deliver_all(now + MINUTE)
    deliver_all(now + 2 * MINUTE)
    assert keys_of("keyed") == [f"{message.pk}-0"] * 3
    assert (stored(message).status, delivered["second"]) == ("sent", [])


@pytest.mark.parametrize(
    ("provider", "lane", "caller"),
    [
        ("Keyed", Lane.BULK, "keyed"),
        ("Looking", Lane.BULK, "looking"),
        ("Plain", Lane.NORMAL, "second"),
        ("Plain", Lane.BULK, ""),
    ],
)
def test_message_of_a_killed_worker_is_in_doubt(
    provider: str, lane: Lane, caller: str, chain: Any, now: datetime
) -> None:
    chain(provider, "Second")
    message = make_message(now=now, lane=lane)
    abandon(message, provider.lower(), now)
    deliver_all(now)
    assert (stored(message).status, callers()) == (("sent", [caller]) if caller else ("failed", []))
    first = stored(message).attempts.first()
    assert first is not None
    assert (first.outcome, first.error) == ("unknown", "worker_lost")


def test_doubt_outlives_a_second_death_before_anything_was_sent(chain: Any, now: datetime) -> None:
    chain("Keyed", "Second")
    message = make_message(now=now)
    abandon(message, "keyed", now)
    [claimed] = Message.objects.claim(now=now, lease=MINUTE, limit=1)
    ledger.close_lost([claimed], now)
    dispatching.recover()
    assert stored(message).in_doubt == "keyed"
    breakers.switch("keyed", off=True, actor=None, now=now)
    deliver_all(now)
    assert delivered["second"] == []


def test_message_that_expires_in_doubt_says_so(chain: Any, now: datetime) -> None:
    chain("Keyed")
    message = make_message(now=now, expires_at=now + HOUR)
    answers["keyed"].append(Ambiguous("read_timed_out"))
    deliver_all(now)
    deliver_all(now + HOUR)
    assert (stored(message).status, stored(message).failure) == ("failed", "unknown")
