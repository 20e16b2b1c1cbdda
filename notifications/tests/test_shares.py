"""A message to several: what each of them got, and that who has it never gets it twice."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from kit.ids import uuid7
from notifications import receipts, timeline
from notifications.models import Message, Receipt
from notifications.providers.base import Ambiguous
from notifications.testing import deliver_all, make_message
from notifications.tests import scripted
from notifications.tests.scripted import CHAIN, answers, callers, looks

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
ANNA, BERTA, CARL = "anna@example.com", "berta@example.com", "carl@example.com"


@pytest.fixture(autouse=True)
def _chain(settings: Any) -> Iterator[None]:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [CHAIN + "ReportingProvider", CHAIN + "SecondProvider"]
    yield
    scripted.forget()


def shared(now: datetime, *to: str, **fields: Any) -> Message:
    """Make a message to several that its provider has taken."""
    message = make_message(now=now, to=list(to or (ANNA, BERTA)), **fields)
    deliver_all(now)
    return message


def tell(message: Message, *told: tuple[str, str], now: datetime, provider: str = "reporting") -> None:
    """Let a provider report, in this order, events of somebody, or (empty) of nobody in particular."""
    for event, recipient in told:
        receipts.take(
            provider=provider,
            event_id=str(uuid7()),
            event=Receipt.Event(event),
            provider_id=f"{provider}-{message.pk}",
            recipient=recipient,
            occurred_at=now,
            now=now,
        )


def state(message: Message) -> tuple[str, str, list[str] | None]:
    message.refresh_from_db()
    return message.status, message.failure, message.remaining


def went_to() -> list[tuple[str, tuple[str, ...]]]:
    return [(name, mail.to) for name, mail in scripted.calls]


@pytest.mark.parametrize(
    ("told", "status", "failure"),
    [
        ([("delivered", ANNA), ("delivered", "Berta@Example.com")], "delivered", ""),
        ([("delivered", ANNA), ("sent", BERTA)], "sent", ""),
        ([("delivered", ANNA), ("bounced", BERTA)], "sent", "partial"),
        ([("bounced", BERTA), ("delivered", ANNA)], "sent", "partial"),
        ([("bounced", ANNA), ("bounced", BERTA)], "failed", "bounced"),
        ([("sent", ANNA), ("sent", BERTA), ("delivered", ANNA), ("bounced", BERTA)], "sent", "partial"),
        ([("delivered", "")], "sent", ""),
        ([("sent", ""), ("failed", "")], "sent", "partial"),
        ([("sent", ""), ("bounced", "")], "sent", "partial"),
    ],
)
def test_it_ends_as_all_of_its_recipients_have(
    told: list[tuple[str, str]], status: str, failure: str, now: datetime
) -> None:
    message = shared(now)
    tell(message, *told, now=now)
    assert state(message)[:2] == (status, failure)
    assert (message.due_at, message.awaiting) == (None, "")
    deliver_all(now + 60 * MINUTE)
    assert callers() == ["reporting"]


@pytest.mark.parametrize("order", [[("delivered", ANNA), ("failed", BERTA)], [("failed", BERTA), ("delivered", ANNA)]])
def test_failure_of_one_is_heeded_whatever_the_others_have(order: list[tuple[str, str]], now: datetime) -> None:
    message = shared(now)
    tell(message, *order, now=now)
    deliver_all(now)
    assert went_to() == [("reporting", (ANNA, BERTA)), ("second", (BERTA,))]
    assert state(message)[:2] == ("sent", "")
    assert list(message.attempts.values_list("outcome", "recipients")) == [("sent", None), ("accepted", [BERTA])]


def test_failures_one_after_the_other_each_go_to_the_next_once(now: datetime) -> None:
    message = shared(now, ANNA, BERTA, CARL)
    tell(message, ("failed", ANNA), ("failed", ANNA), now=now)
    deliver_all(now)
    tell(message, ("failed", ANNA), ("failed", CARL), ("delivered", BERTA), now=now)
    deliver_all(now)
    assert went_to()[1:] == [("second", (ANNA,)), ("second", (CARL,))]


def test_failures_together_go_to_the_next_together(now: datetime) -> None:
    message = shared(now, ANNA, BERTA, CARL)
    tell(message, ("failed", CARL), ("failed", ANNA), now=now)
    deliver_all(now)
    assert went_to()[1:] == [("second", (ANNA, CARL))]


def test_who_turns_out_to_have_it_is_not_sent_to_again(now: datetime) -> None:
    message = shared(now)
    tell(message, ("failed", ANNA), ("failed", BERTA), ("delivered", ANNA), now=now)
    deliver_all(now)
    assert went_to()[1:] == [("second", (BERTA,))]
    tell(message, ("delivered", BERTA), now=now)
    assert state(message)[0] == "delivered"


def test_failure_that_nobody_else_can_mend_is_told(settings: Any, now: datetime) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [CHAIN + "ReportingProvider"]
    message = shared(now)
    tell(message, ("failed", BERTA), now=now)
    assert state(message) == ("sending", "", [ANNA])
    tell(message, ("delivered", ANNA), now=now)
    assert state(message)[:2] == ("sent", "partial")
    assert "Some of its recipients" in timeline.of(message)[-1].detail
    assert BERTA in "".join(line.detail for line in timeline.of(message))


def test_after_silence_only_who_was_not_heard_of_is_sent_to_by_the_next(now: datetime) -> None:
    message = shared(now)
    tell(message, ("sent", ANNA), now=now)
    assert state(message) == ("sending", "", [BERTA])
    deliver_all(now + 10 * MINUTE)
    assert went_to()[1:] == [("second", (BERTA,))]


def test_failure_of_nobody_in_particular_before_anything_went_out_is_everybodys(now: datetime) -> None:
    message = shared(now)
    tell(message, ("failed", ""), now=now)
    deliver_all(now)
    assert went_to()[1:] == [("second", (ANNA, BERTA))]
    tell(message, ("failed", ""), ("failed", BERTA), now=now)
    deliver_all(now)
    assert (state(message)[0], len(callers())) == ("sent", 2)


@pytest.mark.parametrize(("taken", "called"), [(True, ["knowing"]), (False, ["knowing", "second"])])
def test_of_a_failure_of_nobody_in_particular_its_provider_is_asked(
    settings: Any, now: datetime, *, taken: bool, called: list[str]
) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [CHAIN + "KnowingProvider", CHAIN + "SecondProvider"]
    message = shared(now)
    if not taken:
        scripted.delivered["knowing"].clear()
    tell(message, ("failed", ""), now=now, provider="knowing")
    deliver_all(now)
    assert (callers(), looks) == (called, ["knowing"])


def test_news_of_one_settles_the_doubt_about_all(now: datetime) -> None:
    answers["reporting"].append(Ambiguous("read_timed_out"))
    message = shared(now)
    receipts.take(
        provider="reporting",
        event_id="e",
        event=Receipt.Event.DELIVERED,
        message_id=message.pk,
        recipient=ANNA,
        occurred_at=now,
        now=now,
    )
    assert state(message) == ("sending", "", [BERTA])
    assert (message.awaiting, message.in_doubt) == ("reporting", "")


def test_late_news_does_not_bring_back_what_was_withdrawn(now: datetime) -> None:
    message = shared(now)
    Message.objects.filter(pk=message.pk).update(status="suppressed", awaiting="", due_at=None)
    tell(message, ("failed", ANNA), ("bounced", BERTA), now=now)
    assert state(message)[0] == "suppressed"


def test_a_silent_provider_says_whom_the_next_one_is_to_reach(settings: Any, now: datetime) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [CHAIN + "KnowingProvider", CHAIN + "SecondProvider"]
    message = shared(now)
    scripted.missed["knowing"] = (BERTA,)
    deliver_all(now + 10 * MINUTE)
    assert state(message) == ("queued", "", [BERTA])
    deliver_all(now + 30 * MINUTE)
    assert (went_to()[1:], state(message)[0]) == ([("second", (BERTA,))], "sent")


def test_whom_the_only_provider_has_not_reached_is_told(settings: Any, now: datetime) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [CHAIN + "KnowingProvider"]
    message = shared(now)
    scripted.missed["knowing"] = (BERTA,)
    for minutes in (10, 30):
        deliver_all(now + minutes * MINUTE)
    assert (state(message), callers()) == (("sent", "partial", [BERTA]), ["knowing"])


def test_who_is_reported_as_failed_after_the_provider_was_asked_goes_to_the_next(settings: Any, now: datetime) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [CHAIN + "KnowingProvider", CHAIN + "SecondProvider"]
    message = shared(now)
    deliver_all(now + 10 * MINUTE)
    assert state(message)[0] == "sent"
    tell(message, ("failed", BERTA), now=now, provider="knowing")
    deliver_all(now + 11 * MINUTE)
    assert went_to()[1:] == [("second", (BERTA,))]
