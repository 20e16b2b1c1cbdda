"""GET /notify/messages, the timeline of one, and POST …/cancel and …/resend."""

import base64
from datetime import datetime, timedelta
from typing import Any

import pytest

from audit.testing import the_entry
from kit.ids import uuid7
from notifications import attachments
from notifications.models import Attempt, Message, Receipt
from notifications.testing import deliver_all, make_message
from notifications.tests import people
from notifications.tests.callers import SEND, VIEW, CallerClient
from notifications.tests.people import counted

pytestmark = [pytest.mark.django_db, pytest.mark.urls("notifications.tests.urls")]

API = "/api/v1/notify/messages"
CHANGE = "notifications.change_message"
PDF = {"filename": "a.pdf", "content_type": "application/pdf", "content": base64.b64encode(b"%PDF-1").decode()}
ENDED: dict[str, Any] = {"status": "sent", "due_at": None}


@pytest.fixture
def client() -> CallerClient:
    return CallerClient(SEND)


def mine(client: CallerClient, **fields: Any) -> Message:
    return make_message(caller=client.caller, **fields)


def ids(client: CallerClient, query: str = "") -> list[str]:
    answer = client.get(f"{API}{query}")
    assert answer.status_code == 200, answer.content
    return [one["id"] for one in answer.json()["results"]]


def act(client: CallerClient, message: Message, what: str, **headers: str) -> Any:
    return client.post(f"{API}/{message.pk}/{what}", {"reason": "R"}, format="json", headers=headers)


def test_list_shows_ones_own_messages_newest_first_and_all_to_whoever_may(client: CallerClient) -> None:
    first, second, other = mine(client), mine(client), make_message()
    assert ids(client) == [str(second.pk), str(first.pk)]
    assert ids(CallerClient(VIEW)) == [str(other.pk), str(second.pk), str(first.pk)]


@pytest.mark.parametrize(
    "query",
    [
        "status=sent",
        "channel=sms",
        "category=news",
        "template=t",
        "recipient=B@example.com",
        "since=2031-01-01T00:00:00Z",
    ],
)
def test_list_is_narrowed_by_each_question(client: CallerClient, query: str) -> None:
    mine(client)
    later = uuid7().int + (5 * 365 * 86_400_000 << 80)
    fields = {"channel": "sms", "category": "news", "template": "t", "recipient": "b@example.com", **ENDED}
    wanted = mine(client, id=type(uuid7())(int=later), **fields)
    assert ids(client, f"?{query}") == [str(wanted.pk)]


def test_list_ends_before_a_moment_and_goes_on_by_its_cursor(client: CallerClient) -> None:
    made = [str(mine(client).pk) for _ in range(3)]
    assert ids(client, "?until=2001-01-01T00:00:00Z") == []
    page = client.get(f"{API}?page_size=2").json()
    rest = client.get(page["next"]).json()
    assert [one["id"] for one in page["results"] + rest["results"]] == made[::-1]


@pytest.mark.parametrize("query", ["status=lost", "channel=fax", "since=yesterday", "page_size=0"])
def test_question_that_cannot_be_asked_is_refused(client: CallerClient, query: str) -> None:
    assert client.get(f"{API}?{query}").status_code == 400


@pytest.mark.parametrize("count", [1, 30])
def test_list_costs_one_statement(client: CallerClient, count: int) -> None:
    for _ in range(count):
        mine(client)
    most: list[int] = []
    with counted(most):
        ids(client)
    assert most == [1]


def test_message_shows_all_that_happened_in_the_order_of_time(client: CallerClient, now: datetime) -> None:
    message = mine(client, now=now, **ENDED)
    times = [now + timedelta(seconds=seconds) for seconds in range(1, 4)]
    Receipt.objects.create(
        provider="b", event_id="1", event="delivered", message=message, occurred_at=times[2], received_at=times[2]
    )
    for claim, (provider, outcome) in enumerate([("a", "deferred"), ("b", "accepted")]):
        Attempt.objects.create(
            message=message, claim=claim, provider=provider, outcome=outcome, started_at=times[claim]
        )
    told = client.see(message.pk).json()["timeline"]
    assert [(one["what"], one["provider"], one["word"]) for one in told] == [
        ("accepted", "", "accepted"),
        ("attempt", "a", "deferred"),
        ("attempt", "b", "accepted"),
        ("receipt", "b", "delivered"),
    ]


def test_message_costs_four_statements_however_much_happened(client: CallerClient) -> None:
    message = mine(client)
    most: list[int] = []
    with counted(most):
        client.see(message.pk)
    assert most[0] <= 4


@pytest.mark.parametrize("status", ["queued", "scheduled"])
def test_message_that_waits_is_cancelled_and_never_sent(client: CallerClient, status: str, now: datetime) -> None:
    message = mine(client, status=status, now=now)
    answer = act(client, message, "cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert deliver_all(now) == []
    assert the_entry("notifications.message.cancelled").details == {"channel": "email", "reason": "R"}


@pytest.mark.parametrize(
    "fields",
    [
        ENDED,
        {"status": "sending"},
        {"status": "cancelled", "due_at": None},
        {"sent_at": datetime.fromisoformat("2026-01-01T00:00:00Z")},
        {"in_doubt": "smtp"},
    ],
)
def test_message_that_may_have_gone_is_not_cancelled(client: CallerClient, fields: dict[str, Any]) -> None:
    message = mine(client, **fields)
    answer = act(client, message, "cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert Message.objects.get().status == message.status


def test_message_is_sent_once_more_as_a_new_one(client: CallerClient) -> None:
    message = mine(client, metadata={"a": 1}, html="<p>", reply_to="b@example.com", category="news", **ENDED)
    answer = act(client, message, "resend")
    again = Message.objects.get(pk=answer.json()["id"])
    assert (answer.status_code, again.resent_from, again.caller) == (202, message.pk, client.caller)
    [mail] = deliver_all()
    assert (mail.id, mail.subject, mail.html, mail.reply_to) == (again.pk, "Hello", "<p>", "b@example.com")
    entry = the_entry("notifications.message.resent")
    assert (entry.target, entry.details["again"]) == (str(message.pk), str(again.pk))


def test_message_is_sent_once_more_with_its_files_while_they_are_there(client: CallerClient, now: datetime) -> None:
    client.send_email({"to": "a@example.com", "subject": "S", "text": "T", "attachments": [PDF]})
    message = Message.objects.get()
    deliver_all()
    assert act(client, message, "resend").status_code == 202
    [mail] = deliver_all()
    assert mail.files[0].open() == b"%PDF-1"
    attachments.discard_spent(now)
    assert act(client, message, "resend").status_code == 409


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"status": "sending"},
        {"kind": "notifications.greeting", **ENDED},
        {"blanked_at": "2026-01-01T00:00Z", **ENDED},
    ],
)
def test_message_that_cannot_be_repeated_is_not_sent_once_more(client: CallerClient, fields: dict[str, Any]) -> None:
    assert act(client, mine(client, **fields), "resend").status_code == 409
    assert Message.objects.count() == 1


def test_message_is_sent_once_more_only_by_the_rules_of_today(client: CallerClient, settings: Any) -> None:
    message = mine(client, template="hello", **ENDED)
    settings.NOTIFICATIONS_RECIPIENT_DOMAINS = ["example.org"]
    assert act(client, message, "resend").status_code == 403
    settings.NOTIFICATIONS_RECIPIENT_DOMAINS = []
    assert act(client, message, "resend").status_code == 202
    assert Message.objects.get(resent_from=message.pk).template == "hello"


def test_message_for_somebody_who_is_gone_is_not_sent_once_more(client: CallerClient, settings: Any) -> None:
    settings.NOTIFICATIONS_RECIPIENTS = people.RESOLVER
    known = mine(client, person=people.new_person(), **ENDED)
    assert act(client, known, "resend").status_code == 202
    people.contacts.clear()
    assert act(client, known, "resend").status_code == 409


def test_resending_under_one_key_makes_one_message(client: CallerClient) -> None:
    message = mine(client, **ENDED)
    first, second = (act(client, message, "resend", **{"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.json(), second.headers["Idempotency-Replay"]) == (second.json(), "true")
    assert Message.objects.count() == 2


@pytest.mark.parametrize("what", ["cancel", "resend"])
def test_anothers_message_is_unknown_but_to_whoever_may_change_all(client: CallerClient, what: str) -> None:
    message = make_message(**(ENDED if what == "resend" else {}))
    assert act(client, message, what).status_code == 404
    assert act(CallerClient(SEND, VIEW), message, what).status_code == 404
    assert act(CallerClient(VIEW, CHANGE), message, what).status_code == 403
    assert act(CallerClient(SEND, CHANGE), message, what).status_code in (200, 202)
