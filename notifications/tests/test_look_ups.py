"""What a provider tells of messages in doubt: of two equal ones each has its own, and an old error is not news."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from kit.clock import utcnow
from notifications import doubts
from notifications.lanes import Lane
from notifications.models import Attempt, Message
from notifications.providers import registry
from notifications.providers.base import Deferred
from notifications.testing import deliver_all, make_message
from notifications.tests import scripted
from notifications.tests.fakes.base import Move
from notifications.tests.fakes.novu import FakeNovu
from notifications.tests.fakes.twilio import FakeTwilio
from notifications.tests.scripted import CHAIN, delivered

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = "+4915112345678"
Outcome = Attempt.Outcome


@pytest.fixture
def novu(settings: Any) -> Iterator[FakeNovu]:
    with FakeNovu() as running:
        settings.NOVU_API_KEY, settings.NOVU_URL = running.config["api_key"], running.url
        settings.NOVU_WORKFLOWS = running.config["workflows"]
        settings.NOTIFICATIONS_EMAIL_PROVIDERS = ["novu", f"{CHAIN}SecondProvider"]
        registry._made.cache_clear()
        yield running
    registry._made.cache_clear()
    scripted.forget()


@pytest.fixture
def fake(settings: Any) -> Iterator[FakeTwilio]:
    with FakeTwilio() as running:
        for name, value in running.environment().items():
            setattr(settings, name, value)
        settings.NOTIFICATIONS_SMS_PROVIDERS = ["twilio"]
        registry._made.cache_clear()
        yield running
    registry._made.cache_clear()


def message_to(number: str = NUMBER, **fields: Any) -> Message:
    values = {"text": "It is on its way.", "channel": "sms", "to": [number], "recipient": number}
    return make_message(**values | fields)


def attempt_of(message: Message, **fields: Any) -> Attempt:
    values = {"claim": 1, "provider": "twilio", "started_at": utcnow()}
    return Attempt.objects.create(message=message, **values | fields)


def test_message_in_doubt_is_not_taken_for_an_equal_one(fake: FakeTwilio) -> None:
    first = message_to()
    fake.moves.append(Move(hang_up=True))
    deliver_all()
    second = message_to()
    deliver_all()
    assert [Message.objects.get(pk=one.pk).status for one in (first, second)] == ["queued", "sent"]
    deliver_all(utcnow() + timedelta(minutes=1))
    first.refresh_from_db()
    assert (first.status, len(fake.delivered)) == ("sent", 2)
    names = Attempt.objects.exclude(provider_id="").values_list("provider_id", flat=True)
    assert set(names) == {one["sid"] for one in fake.delivered}


def test_message_that_was_taken_is_found_and_not_sent_again(fake: FakeTwilio) -> None:
    message = message_to()
    fake.moves.append(Move(take=True, hang_up=True))
    deliver_all()
    deliver_all(utcnow() + timedelta(minutes=1))
    message.refresh_from_db()
    assert (message.status, len(fake.delivered)) == ("sent", 1)
    assert message.attempts.latest("id").provider_id == fake.delivered[0]["sid"]


def test_try_that_failed_is_not_taken_for_the_one_in_doubt() -> None:
    message = message_to()
    attempt_of(message, outcome=Outcome.UNDELIVERED, provider_id="SM1")
    again = attempt_of(message, claim=2)
    assert doubts.doubt_of(again, None).claim(["SM1", "SM2"]) == "SM2"
    assert doubts.doubt_of(again, None).claim(["SM1"]) == ""


def test_name_that_a_killed_worker_had_found_is_still_its_message_s() -> None:
    message = message_to()
    attempt_of(message, outcome=Outcome.UNKNOWN, provider_id="SM1")
    assert doubts.doubt_of(attempt_of(message, claim=2), None).claim(["SM1"]) == "SM1"
    other = attempt_of(message_to())
    assert doubts.doubt_of(other, None).claim(["SM1"]) == ""


def test_of_two_in_doubt_the_second_does_not_get_the_name_of_the_first() -> None:
    first, second = attempt_of(message_to()), attempt_of(message_to())
    assert doubts.doubt_of(first, None).claim(["SM1"]) == "SM1"
    assert doubts.doubt_of(second, None).claim(["SM1"]) == ""


@pytest.mark.parametrize(
    ("other", "undecided"),
    [
        ({}, True),
        ({"text": "Other words"}, False),
        ({"number": "+4915187654321"}, False),
        ({"lease_until": None}, False),
    ],
)
def test_nothing_is_told_while_an_equal_one_is_under_way(other: dict[str, Any], *, undecided: bool) -> None:
    asked = attempt_of(message_to())
    attempt_of(message_to(**{"lease_until": Now() + timedelta(minutes=1)} | other))
    claim = doubts.doubt_of(asked, None).claim
    if undecided:
        with pytest.raises(Deferred, match="look_up_undecided"):
            claim(["SM1"])
    else:
        assert claim(["SM1"]) == "SM1"


def test_doubt_begins_with_the_try_and_with_acceptance_where_no_try_is_known() -> None:
    attempt = attempt_of(message_to())
    moment = utcnow() - timedelta(hours=1)
    assert doubts.doubt_of(attempt, moment).since == moment
    assert doubts.doubt_of(attempt, None).since == attempt.message.created_at


@pytest.mark.parametrize("lane", list(Lane))
def test_error_that_is_told_once_more_frees_a_message_for_others(novu: FakeNovu, lane: Lane) -> None:
    message = make_message(lane=lane)
    novu.moves.append(Move(status=500))
    deliver_all()
    assert Message.objects.get(pk=message.pk).in_doubt == "novu"
    deliver_all(utcnow() + timedelta(minutes=1))
    assert (len(delivered["second"]), novu.delivered) == (1, [])
    assert Message.objects.get(pk=message.pk).status == "sent"


def test_error_that_is_told_once_more_is_followed_by_another_key(novu: FakeNovu, settings: Any) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = ["novu"]
    message = make_message()
    novu.moves.append(Move(status=500))
    for minute in range(3):
        deliver_all(utcnow() + timedelta(minutes=minute))
    assert [one["key"] for one in novu.delivered] == [f"{message.pk}-1"]


def test_mail_that_was_taken_although_the_answer_was_an_error_is_found(novu: FakeNovu) -> None:
    make_message()
    novu.moves.append(Move(take=True, status=502))
    deliver_all()
    deliver_all(utcnow() + timedelta(minutes=1))
    assert (len(novu.delivered), delivered["second"]) == (1, [])
