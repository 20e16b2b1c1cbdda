"""What providers tell later: once each, in any order, and what it makes of a message and its next provider."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from kit.ids import uuid7
from kit.testing import races
from notifications import receipts, suppressions
from notifications.lanes import Lane
from notifications.models import Attempt, Message, ProviderState, Receipt, Suppression
from notifications.providers.base import Ambiguous
from notifications.providers.base import Receipt as Taken
from notifications.testing import deliver_all, draft_for, make_message
from notifications.tests import scripted
from notifications.tests.scripted import CHAIN, answers, callers, delivered, looks

pytestmark = pytest.mark.django_db

Event = Receipt.Event
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _chain(settings: Any) -> Iterator[None]:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [CHAIN + "ReportingProvider", CHAIN + "SecondProvider"]
    yield
    scripted.forget()


def stored(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def tell(message: Message, event: str, now: datetime, *, provider: str = "reporting", **fields: Any) -> bool:
    values: dict[str, Any] = {
        "event_id": str(uuid7()),
        "provider_id": f"{provider}-{message.pk}",
        "occurred_at": now,
        "now": now,
    }
    return receipts.take(provider=provider, event=Event(event), **values | fields)


def accepted(now: datetime, **fields: Any) -> Message:
    message = make_message(now=now, **fields)
    deliver_all(now)
    return message


def state(message: Message) -> tuple[str, str, list[str]]:
    message = stored(message)
    return message.status, message.awaiting, list(message.attempts.values_list("outcome", flat=True))


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


@pytest.mark.parametrize(("lane", "after"), [(Lane.URGENT, 30), (Lane.NORMAL, 600), (Lane.BULK, 3600)])
def test_silence_is_borne_as_long_as_the_lane_bears_it(lane: Lane, after: int, now: datetime) -> None:
    message = accepted(now, lane=lane)
    deliver_all(now + (after - 1) * SECOND)
    assert callers() == ["reporting"]
    deliver_all(now + after * SECOND)
    assert (callers(), stored(message).passed_over) == (["reporting", "second"], ["reporting"])
    assert state(message) == ("sent", "", ["accepted", "accepted"])


def test_silence_with_nobody_else_to_try_or_to_ask_is_not_taken_for_success(settings: Any, now: datetime) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [CHAIN + "ReportingProvider"]
    message = accepted(now)
    deliver_all(now + 10 * MINUTE)
    assert (state(message), stored(message).failure) == (("failed", "", ["accepted"]), "unknown")
    tell(message, "delivered", now)
    assert (state(message)[0], stored(message).failure, callers()) == ("delivered", "", ["reporting"])


@pytest.mark.parametrize(("taken", "status", "failure"), [(True, "sent", ""), (False, "failed", "undelivered")])
def test_silent_provider_is_asked_also_where_it_is_the_only_one(
    settings: Any, now: datetime, *, taken: bool, status: str, failure: str
) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [CHAIN + "KnowingProvider"]
    message = accepted(now)
    if not taken:
        delivered["knowing"].clear()
    for minutes in (10, 30):
        deliver_all(now + minutes * MINUTE)
    assert (stored(message).status, stored(message).failure) == (status, failure)
    assert (callers(), looks) == (["knowing"], ["knowing"])


@pytest.mark.parametrize(("lane", "chain"), [(Lane.NORMAL, ["Knowing"]), (Lane.BULK, ["Knowing", "Second"])])
def test_silent_provider_that_rests_is_waited_for(settings: Any, now: datetime, lane: Lane, chain: list[str]) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [f"{CHAIN}{name}Provider" for name in chain]
    message = accepted(now, lane=lane)
    back = now + 70 * MINUTE
    ProviderState.objects.update_or_create(
        name="knowing", defaults={"updated_at": now, "breaker": "open", "open_until": back}
    )
    deliver_all(now + 61 * MINUTE)
    assert (stored(message).status, looks) == ("sending", [])
    ProviderState.objects.filter(name="knowing").update(open_until=now)
    deliver_all(back)
    assert (stored(message).status, looks, callers()) == ("sent", ["knowing"], ["knowing"])


@pytest.mark.parametrize(
    ("provider", "hours", "end"),
    [("Reporting", 1, ("failed", "unknown")), ("Knowing", 1, ("sent", "")), ("Knowing", 25, ("failed", "unknown"))],
)
def test_what_was_not_reported_on_by_its_own_end_is_asked_for_or_unknown(
    settings: Any, now: datetime, provider: str, hours: int, end: tuple[str, str]
) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [f"{CHAIN}{provider}Provider"]
    message = accepted(now, expires_at=now + MINUTE)
    deliver_all(now + hours * 60 * MINUTE)
    assert (stored(message).status, stored(message).failure) == end


@pytest.mark.parametrize(("taken", "called"), [(True, ["knowing"]), (False, ["knowing", "second"])])
def test_silent_provider_that_can_be_asked_is_asked(
    settings: Any, now: datetime, *, taken: bool, called: list[str]
) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [CHAIN + "KnowingProvider", CHAIN + "SecondProvider"]
    message = accepted(now)
    if not taken:
        delivered["knowing"].clear()
    deliver_all(now + 10 * MINUTE)
    assert (callers(), looks, stored(message).status) == (called, ["knowing"], "sent")


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
