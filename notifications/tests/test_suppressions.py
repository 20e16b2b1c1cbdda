"""Suppressions: who is not written to, who learns it, and what passes all the same."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from audit.models import Entry
from kit.errors import Conflict, Invalid, NotFound
from kit.ids import uuid7
from kit.origin import NOWHERE
from kit.tenants import HOUSE
from notifications import sending, suppressions
from notifications.models import Message, Suppression
from notifications.suppressions import Place
from notifications.testing import SHORT_GREETING, draft_for, make_message

pytestmark = pytest.mark.django_db

Reason = Suppression.Reason
Status = Message.Status
ANNA = Place("email", "anna@example.com")
BERTA, CARL = "berta@example.com", "carl@example.com"


def learn(now: datetime, reason: str = Reason.COMPLAINED, **more: Any) -> bool:
    values: dict[str, Any] = {"tenant": HOUSE, "channel": "email", "address": "Anna@Example.com"}
    return suppressions.learn(**values | more, reason=reason, now=now)


def verdict(now: datetime, **columns: Any) -> str:
    """Return why a mail to Anna is held back at a moment; empty: it goes."""
    draft = draft_for(None, now=now, **columns)
    suppressions.gate([draft], now)
    return draft.closing


def test_nothing_more_goes_to_who_complained_but_what_must_arrive(now: datetime) -> None:
    learn(now)
    assert verdict(now) == "complained"
    assert verdict(now, must_arrive=True) == ""
    assert verdict(now, to=[BERTA]) == ""
    assert verdict(now, tenant=uuid7()) == ""


def test_after_stop_nothing_goes_to_a_number_at_all(now: datetime) -> None:
    learn(now, Reason.STOPPED, channel="sms", address="+4915112345678")
    number: dict[str, Any] = {"channel": "sms", "to": ["+4915112345678"]}
    assert verdict(now, **number) == "stopped"
    assert verdict(now, **number, must_arrive=True) == "stopped"
    assert verdict(now, **number | {"channel": "whatsapp"}) == ""


def test_start_after_stop_lets_a_number_be_written_to_again(now: datetime) -> None:
    stop: dict[str, Any] = {"channel": "sms", "address": "+4915112345678"}
    learn(now, Reason.STOPPED, **stop)
    assert not suppressions.forget(tenant=HOUSE, **stop, reason=Reason.COMPLAINED)
    assert suppressions.forget(tenant=HOUSE, **stop, reason=Reason.STOPPED)
    assert verdict(now, channel="sms", to=["+4915112345678"]) == ""


def test_an_unsubscribed_category_is_held_back_and_no_other(now: datetime) -> None:
    learn(now, Reason.UNSUBSCRIBED, category="newsletter")
    assert verdict(now, category="newsletter") == "unsubscribed"
    assert verdict(now, category="invoices") == ""


def test_an_address_that_bounced_is_tried_again_after_thirty_days(now: datetime) -> None:
    learn(now, Reason.BOUNCED)
    assert verdict(now + timedelta(days=29)) == "bounced"
    assert verdict(now + timedelta(days=31)) == ""
    learn(now + timedelta(days=31), Reason.BOUNCED)
    assert verdict(now + timedelta(days=60)) == "bounced"


@pytest.mark.parametrize("later", [Reason.BOUNCED, Reason.COMPLAINED])
def test_what_weighs_more_is_not_written_over(now: datetime, later: str) -> None:
    assert learn(now, Reason.COMPLAINED, detail="first")
    assert not learn(now, later, detail="second")
    row = Suppression.objects.get()
    assert (row.reason, row.detail, row.expires_at) == (Reason.COMPLAINED, "first", None)
    assert learn(now, Reason.STOPPED)


def test_nobody_has_an_empty_address(now: datetime) -> None:
    assert not learn(now, address=" ")


def test_of_several_recipients_the_others_get_it(now: datetime) -> None:
    learn(now)
    draft = draft_for(None, now=now, to=["anna@example.com", BERTA, CARL])
    suppressions.gate([draft], now)
    assert (draft.closing, draft.message.remaining) == ("", [BERTA, CARL])


def test_what_waits_for_an_address_ends_with_it(now: datetime) -> None:
    later = now + timedelta(days=1)
    waits, code = make_message(now=now, due_at=later), make_message(now=now, due_at=later, category="codes")
    shared = make_message(now=now, due_at=later, to=["anna@example.com", BERTA])
    gone = make_message(now=now, due_at=None, status=Status.SENT)
    learn(now)
    found = {row.pk: (row.status, row.failure, row.remaining) for row in Message.objects.all()}
    assert found[waits.pk] == (Status.SUPPRESSED, "complained", None)
    assert found[code.pk] == (Status.QUEUED, "", None)
    assert found[shared.pk] == (Status.QUEUED, "", [BERTA])
    assert found[gone.pk] == (Status.SENT, "", None)


def test_unsubscribing_ends_what_waits_of_the_category_alone(now: datetime) -> None:
    news, bill = (make_message(now=now, category=category) for category in ("newsletter", "invoices"))
    learn(now, Reason.UNSUBSCRIBED, category="newsletter")
    found = dict(Message.objects.values_list("pk", "status"))
    assert (found[news.pk], found[bill.pk]) == (Status.SUPPRESSED, Status.QUEUED)


def add(now: datetime, place: Place = ANNA, detail: str = "She asked by telephone.", actor: UUID | None = None) -> Any:
    return suppressions.add(place=place, detail=detail, actor=actor or uuid7(), now=now)


def test_staff_hold_back_and_lift_and_both_are_recorded(now: datetime) -> None:
    actor = uuid7()
    row = add(now, actor=actor)
    assert (verdict(now), row.created_by) == ("staff", actor)
    suppressions.lift(suppression=row.pk, why="She wants them again.", actor=actor, now=now, origin=NOWHERE)
    assert verdict(now) == ""
    told = [(entry.action, entry.actor, entry.details["why"]) for entry in Entry.objects.order_by("at", "id")]
    assert told == [
        ("notifications.suppression.added", actor, "She asked by telephone."),
        ("notifications.suppression.lifted", actor, "She wants them again."),
    ]


@pytest.mark.parametrize(
    ("place", "detail", "field"),
    [
        (Place("email", "nobody"), "why", "address"),
        (Place("pigeon", "anna@example.com"), "why", "channel"),
        (Place("email", "anna@example.com", "No Word"), "why", "category"),
        (Place("sms", " "), "why", "address"),
        (Place("sms", "+49 151 12345678"), "why", "address"),
        (Place("whatsapp", "015112345678"), "why", "address"),
        (Place("email", "anna@example.com"), " ", "detail"),
    ],
)
def test_staff_must_say_what_and_why(now: datetime, place: Place, detail: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        add(now, place, detail)
    assert refused.value.field == field


def test_a_number_that_staff_hold_back_is_the_one_that_sending_uses(now: datetime) -> None:
    add(now, Place("sms", "+4915112345678"))
    assert verdict(now, channel="sms", to=["+4915112345678"]) == "staff"


def test_staff_write_nothing_over_that_weighs_more(now: datetime) -> None:
    learn(now, Reason.STOPPED)
    with pytest.raises(Conflict):
        add(now)


def test_what_is_not_there_cannot_be_lifted_nor_without_a_reason(now: datetime) -> None:
    row = add(now)
    with pytest.raises(NotFound):
        suppressions.lift(suppression=uuid7(), why="Why?", actor=uuid7(), now=now, origin=NOWHERE)
    with pytest.raises(NotFound):
        suppressions.lift(suppression=row.pk, why="Why?", actor=uuid7(), now=now, tenant=uuid7(), origin=NOWHERE)
    with pytest.raises(Invalid):
        suppressions.lift(suppression=row.pk, why=" ", actor=uuid7(), now=now, origin=NOWHERE)


def test_the_list_is_narrowed_by_address_channel_and_reason(now: datetime) -> None:
    row = add(now)
    learn(now, Reason.STOPPED, channel="sms", address="+4915112345678")
    assert list(suppressions.find(address="ANNA@example.com")) == [row]
    assert list(suppressions.find(channel="email", reason=Reason.STAFF)) == [row]
    assert suppressions.find().count() == 2


def test_a_thousand_messages_cost_two_statements_for_each_five_hundred_names(
    now: datetime, django_assert_num_queries: Any
) -> None:
    drafts = [draft_for(None, now=now, to=[f"person{number}@example.com"]) for number in range(1000)]
    with django_assert_num_queries(4):
        suppressions.gate(drafts, now)


def test_after_stop_no_code_of_ours_goes_to_the_number(now: datetime) -> None:
    number = "+4915112345678"
    learn(now, Reason.STOPPED, channel="sms", address=number)
    stopped, other = (
        sending.send(kind=SHORT_GREETING, to=to, reference=uuid7(), now=now) for to in (number, "+4915112345679")
    )
    assert (stopped.status, stopped.failure, stopped.due_at) == (Status.SUPPRESSED, "stopped", None)
    assert other.status == Status.QUEUED
