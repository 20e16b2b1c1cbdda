"""POST /notify/email and GET /notify/messages/{id}."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.testing import the_entry
from kit.clock import utcnow
from notifications.models import IdempotencyKey, Message
from notifications.testing import deliver_all, make_message
from notifications.tests.callers import SEND, VIEW, CallerClient

pytestmark = [pytest.mark.django_db, pytest.mark.urls("notifications.tests.urls")]

BODY = {"to": "anna@example.com", "subject": "Grüße", "text": "Ein Gruß.\n"}


def refused(answer: Any) -> tuple[int, str, list[str]]:
    document = answer.json()
    return answer.status_code, document["code"], [error["field"] for error in document.get("errors", [])]


def statements(queries: CaptureQueriesContext) -> list[str]:
    ignored = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    return [query["sql"] for query in queries if not query["sql"].startswith(ignored)]


def test_accepted_email_is_answered_202_and_arrives() -> None:
    answer = CallerClient(SEND).send_email(BODY | {"html": "<p>Ein Gruß.</p>", "reply_to": "desk@example.com"})
    assert answer.status_code == 202
    assert set(answer.json()) == {"id", "channel", "status", "to", "created_at"}
    assert (answer.json()["status"], answer.json()["channel"]) == ("queued", "email")
    assert answer.json()["to"] == "anna@example.com"
    [mail] = deliver_all()
    assert (mail.to, mail.subject, mail.text) == (("anna@example.com",), "Grüße", "Ein Gruß.\n")
    assert (mail.html, mail.reply_to) == ("<p>Ein Gruß.</p>", "desk@example.com")


def test_acceptance_leaves_one_audit_entry_that_says_nothing_of_the_content() -> None:
    client = CallerClient(SEND)
    message = client.send_email(BODY | {"category": "invoices"}).json()
    entry = the_entry("notifications.message.accepted")
    assert (entry.actor, entry.target) == (client.caller, message["id"])
    assert entry.details == {"channel": "email", "category": "invoices", "recipients": 1, "scheduled": False}


def test_caller_without_the_permission_is_refused() -> None:
    assert refused(CallerClient(VIEW).send_email(BODY))[:2] == (403, "permission_denied")
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": "Hi\r\nBcc: eve@example.com"}, "subject"),
        ({"subject": "Hi\nX: y"}, "subject"),
        ({"subject": "Hi\u2028there"}, "subject"),
        ({"subject": "é" * 500}, "subject"),
        ({"subject": " "}, "subject"),
        ({"subject": 5}, "subject"),
        ({"reply_to": "a@example.com\r\nBcc: eve@example.com"}, "reply_to"),
        ({"reply_to": "a@example.com, eve@example.com"}, "reply_to"),
        ({"to": "a@example.com\r\nRCPT TO:<eve@example.com>"}, "to"),
        ({"to": "a@example.com,eve@example.com"}, "to"),
        ({"to": "groß@example.com"}, "to"),
        ({"to": ["anna@example.com", "no address"]}, "to.1"),
        ({"to": ["anna@example.com", "ANNA@example.com"]}, "to"),
        ({"to": [f"a{n}@example.com" for n in range(51)]}, "to"),
        ({"to": [5] * 50 + [["a@example.com"]]}, "to"),
        ({"to": ["anna@example.com", "\ufdfa" * 255 + "@example.com"]}, "to"),
        ({"to": []}, "to"),
        ({"to": [["a@example.com"]]}, "to"),
        ({"to": None}, "to"),
        ({"text": ""}, "text"),
        ({"text": "x" * 1_048_577}, "text"),
        ({"text": "a\x00b"}, "text"),
        ({"html": ["<p>"]}, "html"),
        ({"category": "Not A Slug"}, "category"),
        ({"metadata": {"a": {"b": 1}}}, "metadata.a"),
        ({"metadata": {"k" * 65: 1}}, "metadata"),
        ({"metadata": ["a"]}, "metadata"),
        ({"metadata": {"a": "x" * 501}}, "metadata.a"),
        ({"metadata": {"a": "b\x00"}}, "metadata.a"),
        ({"metadata": {str(n): n for n in range(21)}}, "metadata"),
        ({"send_at": "2026-01-01T00:00:00"}, "send_at"),
        ({"send_at": "2001-01-01T00:00:00Z"}, "send_at"),
        ({"send_at": "9998-01-01T00:00:00Z"}, "send_at"),
        ({"expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "9998-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2098-01-01T00:00:00Z", "ttl": 60}, "ttl"),
        ({"ttl": 0}, "ttl"),
        ({"ttl": 30 * 86_400 + 1}, "ttl"),
        ({"template": "welcome"}, "subject"),
        ({"context": {"name": "Anna"}}, "context"),
    ],
)
def test_mistake_is_told_at_its_field_and_nothing_is_kept(change: dict[str, Any], field: str) -> None:
    answer = CallerClient(SEND).send_email(BODY | change)
    assert refused(answer) == (400, "validation_error", [field])
    assert not Message.objects.exists()


def test_sender_is_not_the_callers_to_choose() -> None:
    CallerClient(SEND).send_email(BODY | {"from": "boss@example.com", "sender": "boss@example.com"})
    [mail] = deliver_all()
    assert not hasattr(mail, "sender")


def test_later_moment_makes_a_scheduled_message_that_waits_for_it() -> None:
    later = utcnow() + timedelta(hours=3)
    answer = CallerClient(SEND).send_email(BODY | {"send_at": later.isoformat()})
    assert answer.json()["status"] == "scheduled"
    assert deliver_all(utcnow()) == []
    assert len(deliver_all(later)) == 1


def test_equal_key_and_body_give_the_first_answer_again() -> None:
    client = CallerClient(SEND)
    first = client.send_email(BODY, **{"Idempotency-Key": "order 7"})
    deliver_all()
    second = client.send_email(BODY, **{"Idempotency-Key": "order 7"})
    assert (second.status_code, second.json()) == (202, first.json())
    assert second.headers["Idempotency-Replay"] == "true"
    assert "Idempotency-Replay" not in first.headers
    assert Message.objects.count() == 1


def test_equal_key_and_another_body_is_refused() -> None:
    client = CallerClient(SEND)
    client.send_email(BODY, **{"Idempotency-Key": "k"})
    answer = client.send_email(BODY | {"text": "Something else."}, **{"Idempotency-Key": "k"})
    assert refused(answer)[:2] == (422, "idempotency_mismatch")
    assert Message.objects.count() == 1


def test_keys_of_two_callers_are_two_keys() -> None:
    first, second = (CallerClient(SEND).send_email(BODY, **{"Idempotency-Key": "k"}).json() for _ in range(2))
    assert first["id"] != second["id"]


def test_key_is_free_again_after_a_day() -> None:
    client = CallerClient(SEND)
    first = client.send_email(BODY, **{"Idempotency-Key": "k"}).json()
    IdempotencyKey.objects.update(created_at=utcnow() - timedelta(hours=24, seconds=1))
    second = client.send_email(BODY | {"text": "Another."}, **{"Idempotency-Key": "k"})
    assert (second.status_code, second.json()["id"] != first["id"]) == (202, True)


def test_refused_request_does_not_use_its_key_up() -> None:
    client = CallerClient(SEND)
    past = BODY | {"send_at": "2001-01-01T00:00:00Z"}
    assert client.send_email(past, **{"Idempotency-Key": "k"}).status_code == 400
    assert client.send_email(BODY, **{"Idempotency-Key": "k"}).status_code == 202


@pytest.mark.parametrize("key", ["", " ", "k" * 256, "k\x07", "schlüssel"])
def test_key_of_a_wrong_form_is_refused(key: str) -> None:
    answer = CallerClient(SEND).send_email(BODY, **{"Idempotency-Key": key})
    assert refused(answer) == (400, "validation_error", ["Idempotency-Key"])


@pytest.mark.parametrize(("headers", "most"), [({}, 5), ({"Idempotency-Key": "k"}, 7)])
def test_acceptance_costs_few_statements_besides_the_callers_own(headers: dict[str, str], most: int) -> None:
    client = CallerClient(SEND)
    with CaptureQueriesContext(connection) as queries:
        client.send_email(BODY | {"to": [f"a{n}@example.com" for n in range(50)]}, **headers)
    assert len(statements(queries)) == most, "\n".join(one[:70] for one in statements(queries))


def test_caller_sees_her_own_message_with_each_attempt() -> None:
    client = CallerClient(SEND)
    message = make_message(caller=client.caller, category="invoices")
    deliver_all()
    answer = client.see(message.pk).json()
    assert (answer["status"], answer["category"], answer["failure"]) == ("sent", "invoices", "")
    [attempt] = answer["attempts"]
    assert (attempt["provider"], attempt["outcome"]) == ("recording", "accepted")
    assert "text" not in answer


def test_message_of_another_caller_is_unknown_without_the_permission_to_see_all() -> None:
    message = make_message()
    assert refused(CallerClient(SEND).see(message.pk))[:2] == (404, "not_found")
    assert CallerClient(VIEW).see(message.pk).status_code == 200


def test_stranger_is_asked_to_sign_in() -> None:
    answer = Client().get(f"/api/v1/notify/messages/{make_message().pk}")
    assert refused(answer)[:2] == (401, "not_authenticated")
