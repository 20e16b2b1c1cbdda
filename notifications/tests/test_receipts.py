"""What providers tell later: once each, in any order, and what it makes of a message and its next provider."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from kit.testing import races
from notifications import receipts, suppressions
from notifications.lanes import Lane
from notifications.models import Attempt, Receipt, Suppression
from notifications.providers.base import Ambiguous
from notifications.providers.base import Receipt as Taken
from notifications.testing import deliver_all, draft_for, make_message
from notifications.tests import scripted
from notifications.tests.reporting import MINUTE, accepted, state, stored, tell
from notifications.tests.scripted import CHAIN, answers, callers, delivered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("chain_that_reports")]

Event = Receipt.Event


def test_accepted_is_not_sent(now: datetime) -> None:
    message = accepted(now)
    assert state(message) == ("sending", "reporting", ["accepted"])
    assert stored(message).due_at == now + 10 * MINUTE
    assert stored(message).sent_at is None


@pytest.mark.parametrize(
    ("events", "status", "outcome"),
    [
        (["sent"], "sent", "sent"),
        (["delivered"], "delivered", "delivered"),
        (["sent", "delivered", "read"], "delivered", "delivered"),
        (["delivered", "sent"], "delivered", "delivered"),
        (["delivered", "failed"], "delivered", "delivered"),
        (["sent", "bounced"], "failed", "undelivered"),
        (["complained"], "delivered", "delivered"),
    ],
)
def test_events_move_a_message_on_and_never_back(events: list[str], status: str, outcome: str, now: datetime) -> None:
    message = accepted(now)
    for event in events:
        assert tell(message, event, now)
    assert state(message) == (status, "", [outcome])
    assert stored(message).due_at is None
    assert not Receipt.objects.filter(handled_at=None).exists()


def test_event_is_taken_once(now: datetime) -> None:
    message = accepted(now)
    assert tell(message, "failed", now, event_id="e1")
    assert not tell(message, "failed", now, event_id="e1")
    assert tell(message, "failed", now, event_id="e1", provider="second")
    assert stored(message).tries == 1


@pytest.mark.parametrize("before", [[], ["sent"]])
def test_message_that_a_provider_gives_up_goes_to_the_next_at_once(before: list[str], now: datetime) -> None:
    message = accepted(now)
    for event in [*before, "failed"]:
        tell(message, event, now)
    deliver_all(now)
    assert callers() == ["reporting", "second"]
    assert state(message) == ("sent", "", ["undelivered", "accepted"])
    assert scripted.calls[1][1].key != scripted.calls[0][1].key


def test_message_that_the_only_provider_gives_up_has_failed(settings: Any, now: datetime) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [CHAIN + "ReportingProvider"]
    message = accepted(now)
    tell(message, "failed", now, detail="no route")
    assert (stored(message).status, stored(message).failure) == ("failed", "undelivered")
    assert message.attempts.get().detail == "no route"


def test_what_was_delivered_is_never_sent_again(now: datetime) -> None:
    message = accepted(now)
    for event in ("delivered", "failed", "bounced"):
        tell(message, event, now)
    deliver_all(now + 60 * MINUTE)
    assert callers() == ["reporting"]


def test_event_that_comes_before_the_answer_is_kept_and_heeded(now: datetime) -> None:
    message = make_message(now=now)

    def answer(_: Any) -> Taken:
        return Taken(provider_id="early")

    answers["reporting"].append(answer)
    tell(message, "delivered", now, provider_id="early")
    assert Receipt.objects.get().handled_at is None
    deliver_all(now)
    assert state(message) == ("delivered", "", ["delivered"])
    assert Receipt.objects.get().message_id == message.pk


@pytest.mark.django_db(transaction=True)
def test_event_that_comes_during_the_call_is_heeded_when_it_ends(now: datetime) -> None:
    message = make_message(now=now)

    def answer(_: Any) -> Taken:
        tell(message, "delivered", now, provider_id="", message_id=message.pk)
        connection.close()
        return Taken(provider_id="x")

    answers["reporting"].append(answer)
    deliver_all(now)
    assert state(message) == ("delivered", "", ["delivered"])


def test_event_settles_a_doubt(now: datetime) -> None:
    answers["reporting"].append(Ambiguous("read_timed_out"))
    message = accepted(now, lane=Lane.BULK)
    assert (stored(message).status, stored(message).failure) == ("failed", "unknown")
    tell(message, "delivered", now, provider_id="", message_id=message.pk)
    assert (state(message), stored(message).failure) == (("delivered", "", ["delivered"]), "")


def test_event_that_was_told_at_an_awkward_moment_is_found_by_the_tidy_up(now: datetime) -> None:
    message = accepted(now)
    fields = {"provider": "reporting", "provider_id": f"reporting-{message.pk}", "occurred_at": now}
    Receipt.objects.create(event_id="e1", event=Event.SENT, received_at=now, **fields)
    assert receipts.match_late(now) == 1
    assert stored(message).status == "sent"


def test_late_news_of_a_provider_passed_over_ends_what_has_not_gone_elsewhere(now: datetime) -> None:
    message = accepted(now)
    tell(message, "failed", now)
    assert stored(message).status == "queued"
    tell(message, "delivered", now)
    deliver_all(now + MINUTE)
    assert (state(message)[0], callers()) == ("delivered", ["reporting"])


def test_late_news_of_a_provider_passed_over_is_history_once_another_has_it(now: datetime) -> None:
    message = accepted(now)
    tell(message, "failed", now)
    deliver_all(now)
    tell(message, "delivered", now)
    assert state(message) == ("sent", "", ["delivered", "accepted"])


@pytest.mark.parametrize(
    ("event", "reason"), [("bounced", "bounced"), ("complained", "complained"), ("stopped", "unsubscribed")]
)
def test_address_is_learnt_to_be_left_alone(event: str, reason: str, now: datetime) -> None:
    message = accepted(now)
    tell(message, event, now, recipient="anna@example.com")
    learnt = Suppression.objects.get()
    assert (learnt.address, learnt.reason, learnt.channel, learnt.message) == (
        "anna@example.com",
        reason,
        "email",
        message.pk,
    )


def test_stop_that_answers_no_message_is_heeded(now: datetime) -> None:
    values: dict[str, Any] = {"event_id": "e1", "recipient": "+4915112345678", "occurred_at": now, "now": now}
    assert receipts.take(provider="second", event=Event.STOPPED, **values)
    assert Suppression.objects.get().channel == "sms"
    assert Receipt.objects.get().handled_at == now


def test_who_unsubscribes_from_mail_at_the_provider_still_gets_what_must_arrive(now: datetime) -> None:
    message = accepted(now)
    tell(message, "stopped", now)
    later = [draft_for(None, now=now, **fields) for fields in ({"category": "tips"}, {"must_arrive": True})]
    suppressions.gate(later, now)
    assert [draft.closing for draft in later] == ["unsubscribed", ""]


def test_report_without_a_name_is_of_nobody_where_there_are_several(now: datetime) -> None:
    shared, alone = accepted(now, to=["anna@example.com", "bert@example.com"]), accepted(now)
    tell(shared, "complained", now)
    assert not Suppression.objects.exists()
    tell(alone, "complained", now)
    assert Suppression.objects.get().address == "anna@example.com"


def test_bounce_of_one_of_several_recipients_leaves_the_message_sent(now: datetime) -> None:
    message = accepted(now, to=["anna@example.com", "bert@example.com"])
    tell(message, "sent", now)
    tell(message, "bounced", now, recipient="bert@example.com")
    assert stored(message).status == "sent"


def test_giving_up_one_of_several_recipients_sends_to_that_one_alone(now: datetime) -> None:
    message = accepted(now, to=["anna@example.com", "bert@example.com"])
    tell(message, "failed", now, recipient="bert@example.com")
    deliver_all(now)
    assert [mail.to for mail in delivered["second"]] == [("bert@example.com",)]


@pytest.mark.django_db(transaction=True)
def test_same_event_by_many_at_once_counts_once(now: datetime) -> None:
    message = accepted(now)
    taken = races.run(8, lambda: tell(message, "failed", now, event_id="e1"), threads=4)
    assert sorted(map(bool, taken)) == [False] * 7 + [True]
    assert stored(message).tries == 1


def test_event_of_a_message_of_somebody_else_is_kept_and_harms_nobody(now: datetime) -> None:
    message = accepted(now)
    assert tell(message, "failed", now, provider_id="not-ours")
    assert tell(message, "failed", now, provider="second", provider_id="", message_id=message.pk)
    assert stored(message).status == "sending"
    assert Attempt.objects.get().outcome == "accepted"
