"""Messages in the admin: found, read with what became of them, never written, never what they say."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404

from audit.models import Entry
from kit.clock import utcnow
from kit.ids import uuid7
from notifications.models import Attempt, Message, Receipt, Suppression
from notifications.preferences import NOT_CHOSEN
from notifications.testing import deliver_all, make_message
from notifications.tests.admin_pages import ACTING, STAFF, found, page, view
from notifications.tests.callers import VIEW, Caller

pytestmark = [pytest.mark.django_db, pytest.mark.urls("notifications.tests.urls")]

ALL = ("add", "change", "delete")
EVERYTHING = Caller(
    frozenset({VIEW, *(f"notifications.{verb}_{row}" for verb in ALL for row in ("message", "attempt"))})
)


def attempt(message: Message, **fields: Any) -> Attempt:
    values: dict[str, Any] = {"claim": 1, "provider": "smtp", "started_at": utcnow(), "outcome": "accepted"}
    return Attempt.objects.create(message=message, **values | fields)


def test_message_is_shown_with_its_attempts_and_not_what_it_says() -> None:
    message = make_message(text="Between you and me.", subject="Hello there")
    deliver_all()
    text = page("change_view", str(message.pk))
    assert "Hello there" in text
    assert "recording took it" in text
    assert "Between you and me." not in text
    assert 'name="_save"' not in text


@pytest.mark.parametrize("why", [*Suppression.Reason.values, NOT_CHOSEN, "quiet_hours", "country_not_allowed"])
def test_message_that_was_held_back_says_why_in_words(why: str) -> None:
    text = page("change_view", str(make_message(status="suppressed", failure=why, due_at=None).pk))
    code = why.replace("_", " ")
    told = text.partition("<h3>Held back: nothing was sent</h3>")[2].partition("</div>")[0]
    assert re.match(rf"<p>{code}: [^·<]{{30,}}", told), told
    assert why not in text.replace(code, "") or why == code


def test_message_that_was_held_back_leads_those_who_may_look_to_the_reason() -> None:
    held = make_message(status="suppressed", failure="bounced", due_at=None, recipient="anna+1@example.com")
    link = "/suppression/?q=anna%2B1%40example.com"
    lookers = Caller(frozenset({VIEW, "notifications.view_suppression"}))
    assert link in page("change_view", str(held.pk), user=lookers)
    assert link not in page("change_view", str(held.pk))


def test_the_life_of_a_message_is_told_in_its_order() -> None:
    start = utcnow()
    message = make_message(now=start, status="failed", failure="expired", due_at=None)
    attempt(message, started_at=start + timedelta(seconds=1), outcome="deferred", error="unavailable")
    attempt(message, claim=2, started_at=start + timedelta(seconds=9), provider="novu", provider_id="tx-1")
    moment = {"occurred_at": start + timedelta(seconds=12), "received_at": start + timedelta(seconds=13)}
    Receipt.objects.create(provider="novu", event_id="1", event="failed", message=message, **moment)
    text = page("change_view", str(message.pk))
    told = [
        "Accepted",
        "smtp could not take it for now",
        "novu took it",
        "novu says that it could not",
        "Failed for good",
    ]
    places = [text.index(f"<h3>{words}") for words in told]
    assert places == sorted(places)
    assert "expired: It was not worth sending any more." in text


@pytest.mark.parametrize("name", ["add_view", "change_view", "delete_view"])
def test_nothing_can_be_written(name: str) -> None:
    message = make_message(subject="As it was")
    with pytest.raises(PermissionDenied):
        view(name, *([] if name == "add_view" else [str(message.pk)]), user=EVERYTHING, form="subject=Other")
    assert Message.objects.get().subject == "As it was"


def test_message_is_found_by_what_belongs_to_it() -> None:
    make_message()
    message = make_message(recipient="berta@example.com", person=uuid7(), template="invoice", batch=uuid7())
    attempt(message, provider="recording", provider_id="tx-1")
    words = ("BERTA@example.com", message.pk, message.caller, message.person, message.batch, "invoice", "tx-1")
    assert [found(f"q={word}") for word in words] == [[message]] * len(words)
    assert found("q=nobody@example.com") == []


def test_feed_is_narrowed_by_each_filter() -> None:
    make_message()
    code = make_message(channel="sms", lane=0, kind="notifications.greeting", status="suppressed", failure="day_spent")
    attempt(code, provider="recording")
    queries = ("channel=sms", "lane=0", "kind=notifications.greeting", "failure=day_spent", "provider=recording")
    for query in (*queries, "status__exact=suppressed", "channel=sms&q=anna@example.com"):
        assert found(query) == [code], query


@pytest.mark.parametrize("query", ["text__icontains=a", "caller__isnull=1&subject__regex=x"])
def test_feed_is_filtered_by_nothing_else(query: str) -> None:
    with pytest.raises(SuspiciousOperation):
        view("changelist_view", query=query)


def test_staff_without_the_permission_sees_nothing() -> None:
    message = make_message()
    for name, arguments in (("changelist_view", ()), ("change_view", (str(message.pk),)), ("charts", ())):
        with pytest.raises(PermissionDenied):
            view(name, *arguments, user=Caller())


@pytest.mark.parametrize(
    ("action", "status", "then"), [("cancel", "queued", "cancelled"), ("retry", "failed", "queued")]
)
def test_button_does_what_it_says_and_the_log_is_told_why(action: str, status: str, then: str) -> None:
    message = make_message(status=status, failure="poison" if status == "failed" else "")
    assert f"/do/{action}/" in page("change_view", str(message.pk), user=ACTING)
    view("do", message.pk, action, user=ACTING, form="reason=Asked+to+by+Anna")
    message.refresh_from_db()
    assert (message.status, message.failure) == (then, "")
    assert Entry.objects.get(target=str(message.pk)).details["reason"] == "Asked to by Anna"


def test_sending_once_more_makes_another_message() -> None:
    message = make_message(status="sent", due_at=None, text="Hello")
    view("do", message.pk, "resend", user=ACTING, form="reason=Lost")
    again = Message.objects.get(resent_from=message.pk)
    assert (again.text, again.status, again.caller) == ("Hello", "queued", ACTING.pk)


def test_nothing_is_done_without_a_reason_or_the_permission() -> None:
    message = make_message()
    _, told = view("do", message.pk, "cancel", user=ACTING, form="reason=+")
    assert told == ["Say why: the log is told. Nothing was changed."]
    assert "/do/cancel/" not in page("change_view", str(message.pk))
    with pytest.raises(Http404):
        view("do", message.pk, "cancel", user=STAFF, form="reason=Because")
    assert Message.objects.get().status == "queued"


def test_many_are_tried_again_at_once_and_those_that_cannot_are_told_of() -> None:
    failed, sent = make_message(status="failed", failure="expired"), make_message(status="sent")
    form = f"action=retry&reason=Mended&_selected_action={failed.pk}&_selected_action={sent.pk}&index=0"
    _, told = view("changelist_view", user=ACTING, form=form)
    assert told[0] == "1 message queued again."
    assert told[1].startswith("1 not: Only a message that has failed")
    assert set(Message.objects.values_list("status", flat=True)) == {"queued", "sent"}


def test_many_without_a_reason_are_left_and_nobody_is_told_of_a_success() -> None:
    messages = [make_message(status="failed", failure="expired") for _ in range(3)]
    chosen = "&".join(f"_selected_action={message.pk}" for message in messages)
    _, told = view("changelist_view", user=ACTING, form=f"action=retry&reason=&index=0&{chosen}")
    assert told == ["3 not: Say why: the log is told. Nothing was changed."]


def test_message_that_is_tried_again_is_sent() -> None:
    message = make_message(status="failed", failure="expired", due_at=None, expires_at=utcnow())
    view("do", message.pk, "retry", user=ACTING, form="reason=Mended")
    assert [mail.to for mail in deliver_all()] == [("anna@example.com",)]


@pytest.mark.parametrize("count", [30, 3000])
def test_pages_cost_the_same_whatever_there_is(count: int, django_assert_num_queries: Any) -> None:
    message = make_message(status="failed", failure="expired")
    fields = {"to": ["berta@example.com"], "recipient": "berta@example.com", "status": "failed", "lane": 1}
    Message.objects.bulk_create(Message(**fields, created_at=utcnow()) for _ in range(count))
    attempt(message)
    for query in ("", "provider=recording&channel=email", "status__exact=failed&failure=expired"):
        with django_assert_num_queries(2):
            page("changelist_view", query=query)
    with django_assert_num_queries(3):
        page("changelist_view", query="q=berta@example.com")
    with django_assert_num_queries(4):
        page("change_view", str(message.pk))
    with django_assert_num_queries(4):
        page("charts")
