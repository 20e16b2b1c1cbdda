"""What was learned after a message was accepted is heeded when it is taken up: by address, and by choice."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from kit.ids import uuid7
from kit.tenants import HOUSE
from notifications import receipts, suppressions, unwanted
from notifications.models import Message, Preference, Receipt, Suppression
from notifications.providers.base import Transient
from notifications.testing import SHORT_GREETING, deliver_all, make_message, texts
from notifications.tests import scripted
from notifications.tests.scripted import CHAIN, answers, callers, delivered

pytestmark = pytest.mark.django_db

Reason = Suppression.Reason
HOUR = timedelta(hours=1)
ANNA, BERTA, CARL = "anna@example.com", "berta@example.com", "carl@example.com"


@pytest.fixture(autouse=True)
def _chain(settings: Any) -> Iterator[None]:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [CHAIN + "ReportingProvider", CHAIN + "SecondProvider"]
    yield
    scripted.forget()


def hold_back(now: datetime, address: str = ANNA, reason: str = Reason.COMPLAINED, channel: str = "email") -> None:
    """Hold an address back as somebody does whose transaction no waiting message was seen by."""
    Suppression.objects.create(tenant=HOUSE, channel=channel, address=address, reason=reason, created_at=now)


def stored(message: Message) -> tuple[str, str]:
    message.refresh_from_db()
    return message.status, message.failure


def test_whom_nothing_may_go_to_any_more_gets_nothing(now: datetime) -> None:
    message, code = make_message(now=now), make_message(now=now, category="codes")
    hold_back(now)
    deliver_all(now)
    assert (stored(message), message.due_at, message.lease_until) == (("suppressed", "complained"), None, None)
    assert [mail.id for _, mail in scripted.calls] == [code.pk]


def test_stop_after_the_code_was_accepted_holds_it_back(now: datetime) -> None:
    number = "+4915112345678"
    values: dict[str, Any] = {"kind": SHORT_GREETING.name, "channel": "sms", "to": [number], "recipient": number}
    message = make_message(now=now, **values)
    hold_back(now, number, Reason.STOPPED, "sms")
    deliver_all(now)
    assert (stored(message), texts) == (("suppressed", "stopped"), [])


def test_what_the_house_sends_passes_a_complaint_as_when_it_was_accepted(now: datetime) -> None:
    message = make_message(now=now, kind="notifications.greeting", category="alert", reference=uuid7())
    hold_back(now)
    assert unwanted.withdraw([message], now) == set()


def test_who_is_named_behind_others_is_left_out_and_the_others_get_it(now: datetime) -> None:
    message = make_message(now=now, to=[ANNA, BERTA, CARL])
    hold_back(now, BERTA)
    deliver_all(now)
    [(_, mail)] = scripted.calls
    assert (mail.to, stored(message)[0], message.remaining) == ((ANNA, CARL), "sending", [ANNA, CARL])


def test_a_message_ends_when_nobody_of_many_is_left(now: datetime) -> None:
    message = make_message(now=now, to=[ANNA, BERTA])
    for address in (ANNA, BERTA):
        hold_back(now, address)
    deliver_all(now)
    assert (stored(message), callers()) == (("suppressed", "complained"), [])


def test_what_others_have_got_is_sent_when_who_is_left_wants_no_more(now: datetime) -> None:
    message = make_message(now=now, to=[ANNA, BERTA], remaining=[BERTA], sent_at=now)
    hold_back(now, BERTA)
    deliver_all(now)
    assert (stored(message), callers()) == (("sent", ""), [])


def test_a_retry_asks_again(now: datetime) -> None:
    answers["reporting"].append(Transient())
    answers["second"].append(Transient())
    message = make_message(now=now)
    deliver_all(now)
    hold_back(now)
    deliver_all(now + HOUR)
    assert (stored(message), callers()) == (("suppressed", "complained"), ["reporting", "second"])


def test_what_a_silent_provider_has_is_not_given_to_the_next(now: datetime) -> None:
    message = make_message(now=now)
    deliver_all(now)
    hold_back(now)
    deliver_all(now + HOUR)
    assert (stored(message), message.awaiting, callers()) == (("suppressed", "complained"), "", ["reporting"])
    told: dict[str, Any] = {"event_id": "e", "provider_id": f"reporting-{message.pk}", "occurred_at": now, "now": now}
    receipts.take(provider="reporting", event=Receipt.Event.DELIVERED, **told)
    assert stored(message) == ("delivered", "")


def test_nobody_is_left_out_of_a_mail_in_doubt(now: datetime) -> None:
    message = make_message(now=now, to=[ANNA, BERTA], in_doubt="reporting")
    hold_back(now, BERTA)
    assert (unwanted.withdraw([message], now), message.remaining) == (set(), None)


def test_what_she_has_switched_off_meanwhile_ends(now: datetime) -> None:
    person = uuid7()
    kept, off = (make_message(now=now, person=person, category=word) for word in ("tips", "offers"))
    Preference.objects.create(person=person, category="offers", channel="email", allowed=False, updated_at=now)
    deliver_all(now)
    assert (stored(off), stored(kept)) == (("suppressed", "not_wanted"), ("sending", ""))
    assert [mail.id for _, mail in scripted.calls] == [kept.pk]
    assert delivered["second"] == []


def test_a_batch_costs_one_statement_and_one_more_for_people(now: datetime, django_assert_num_queries: Any) -> None:
    batch = [make_message(now=now, to=[f"a{number}@example.com"]) for number in range(100)]
    with django_assert_num_queries(1):
        unwanted.withdraw(batch, now)
    batch[0].person = uuid7()
    with django_assert_num_queries(2):
        assert unwanted.withdraw(batch, now) == set()


def test_who_was_overtaken_withdraws_nothing(now: datetime) -> None:
    message = make_message(now=now)
    hold_back(now)
    Message.objects.filter(pk=message.pk).update(fence=7)
    unwanted.withdraw([message], now)
    assert stored(message) == ("queued", "")


def test_suppressions_are_asked_of_who_is_left(now: datetime) -> None:
    message = make_message(now=now, to=[ANNA, BERTA], remaining=[ANNA])
    hold_back(now, ANNA)
    assert unwanted.withdraw([message], now) == {message.pk}
    assert suppressions.find(address=ANNA).count() == 1
