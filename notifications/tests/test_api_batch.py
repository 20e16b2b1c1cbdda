"""POST /notify/batch: up to a thousand messages, each judged by itself, and what that costs."""

import time
import tracemalloc
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from audit.testing import the_entry
from kit.ids import uuid7
from notifications import filling
from notifications.models import Message
from notifications.testing import deliver_all, make_template, publish_wording
from notifications.tests import people
from notifications.tests.callers import SEND, CallerClient
from notifications.tests.people import counted
from notifications.wording.defaults import Sources

pytestmark = [pytest.mark.django_db, pytest.mark.urls("notifications.tests.urls")]

MEBIBYTE = 1024**2
MAIL = {"channel": "email", "to": "anna@example.com", "subject": "Hello", "text": "Hello, Anna."}
TEXT = {"channel": "sms", "to": "+4915112345678", "text": "Hello"}


@pytest.fixture(autouse=True)
def _people(settings: Any) -> Iterator[None]:
    settings.NOTIFICATIONS_RECIPIENTS = people.RESOLVER
    settings.NOTIFICATIONS_PUSH_PROVIDERS = ["notifications.testing.RecordingProvider"]
    yield
    people.contacts.clear()
    people.asked.clear()


@pytest.fixture
def client() -> CallerClient:
    return CallerClient(SEND)


def send(client: CallerClient, *messages: Any, **headers: str) -> Any:
    return client.post("/api/v1/notify/batch", {"messages": messages}, format="json", headers=headers)


def mails(count: int) -> list[dict[str, str]]:
    return [MAIL | {"to": f"p{number}@example.com"} for number in range(count)]


def test_each_message_has_its_answer_in_its_place(client: CallerClient) -> None:
    wrong = [
        MAIL | {"to": "nobody"},
        {"channel": "fax"},
        {"channel": ["email"]},
        {"channel": "email"},
        MAIL | {"category": "security"},
    ]
    answer = send(client, MAIL, *wrong, TEXT)
    first, *problems, last = answer.json()["results"]
    assert (answer.status_code, first["status"], last["channel"]) == (202, "queued", "sms")
    assert [problem["status"] for problem in problems] == [400, 400, 400, 400, 403]
    assert [problem["errors"][0]["field"] for problem in problems[:4]] == ["to", "channel", "channel", "to"]
    assert len(deliver_all()) == 1


def test_messages_of_one_call_share_a_batch_and_an_audit_entry(client: CallerClient) -> None:
    send(client, MAIL, MAIL, MAIL | {"to": "x"})
    [batch] = set(Message.objects.values_list("batch", flat=True))
    entry = the_entry("notifications.batch.accepted")
    assert (entry.target, entry.details) == (str(batch), {"messages": 2, "refused": 1})


def test_call_repeated_under_its_key_gives_the_first_answer_with_its_problems(client: CallerClient) -> None:
    first, second = (send(client, MAIL, MAIL | {"to": "x"}, **{"Idempotency-Key": "k"}) for _ in range(2))
    assert first.json() == second.json()
    assert ("Idempotency-Replay" in first.headers, second.headers["Idempotency-Replay"]) == (False, "true")
    assert Message.objects.count() == 1


def test_another_call_under_the_same_key_is_refused(client: CallerClient) -> None:
    send(client, MAIL, **{"Idempotency-Key": "k"})
    assert send(client, MAIL, MAIL, **{"Idempotency-Key": "k"}).status_code == 422
    email = client.send_email({**MAIL}, **{"Idempotency-Key": "k"})
    assert (email.status_code, Message.objects.count()) == (422, 1)


@pytest.mark.parametrize("count", [0, 1001])
def test_call_for_none_and_for_too_many_is_refused(client: CallerClient, count: int) -> None:
    answer = send(client, *mails(count))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "messages")
    assert not Message.objects.exists()


def test_people_are_looked_up_a_hundred_at_a_time(client: CallerClient) -> None:
    known = [people.new_person() for _ in range(150)]
    push = {"channel": "push", "title": "Hello", "body": "Hello."}
    answer = send(client, *[push | {"to": str(person)} for person in [*known, uuid7()]])
    statuses = [one["status"] for one in answer.json()["results"]]
    assert (statuses.count("queued"), statuses[-1], people.asked) == (150, 400, [100, 51])


def test_person_is_kept_by_her_id_in_its_one_form(client: CallerClient) -> None:
    anna = people.new_person()
    push = {"channel": "push", "title": "Hello", "body": "Hello."}
    answer = send(client, *[push | {"to": name} for name in (str(anna).upper(), anna.hex, anna.urn, "device-1")])
    assert [one["to"] for one in answer.json()["results"]] == [str(anna)] * 3 + ["device-1"]


def test_thousand_messages_are_accepted_in_order(client: CallerClient) -> None:
    results = send(client, *mails(1_000)).json()["results"]
    assert [one["to"] for one in results] == [f"p{number}@example.com" for number in range(1_000)]
    assert [one["id"] for one in results] == sorted(one["id"] for one in results)
    assert Message.objects.count() == 1_000


def rows_in_a_statement() -> int:
    """Return how many messages go in one statement: a hundred, or as many as SQLite has parameters for."""
    fields = len(Message._meta.concrete_fields)
    return 100 if connection.vendor == "postgresql" else min(100, connection.features.max_query_params // fields)  # type: ignore[operator]


@pytest.mark.parametrize("count", [1, 100, 1_000])
def test_statements_are_few_however_many_the_messages_are(client: CallerClient, count: int) -> None:
    most: list[int] = []
    with counted(most):
        send(client, *mails(count))
    writes = -(-count // rows_in_a_statement())
    reads = -(-2 * count // 500)  # suppressions, an address and its digest each
    others = 3  # the caller's quotas, and the audit entry
    assert most[0] <= writes + reads + others


def test_templates_of_many_messages_are_read_once(client: CallerClient, now: datetime) -> None:
    make_template("hello", {"name": "Anna"}, now=now)
    publish_wording("hello", Sources(subject="Hello", text="Hello {{ name }}"), now=now)
    worded = [
        {"channel": "email", "to": f"p{n}@example.com", "template": "hello", "context": {"name": "B"}}
        for n in range(20)
    ]
    send(client, worded[0])
    few: list[int] = []
    for batch in (worded[:1], worded):
        with counted(few):
            send(client, *batch)
    assert few[0] == few[1]


def test_no_more_words_are_made_for_a_call_that_has_none_left(
    client: CallerClient, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_template("hello", {"name": "Anna"}, now=now)
    publish_wording("hello", Sources(text="Hello {{ name }}"), now=now, channel="sms")
    monkeypatch.setattr(filling, "MAX_WORDS", len("Hello Anna"))
    worded = {"channel": "sms", "to": TEXT["to"], "template": "hello", "context": {"name": "Anna"}}
    results = send(client, worded, worded | {"context": {}}, TEXT).json()["results"]
    assert [one["status"] for one in results] == ["queued", 413, "queued"]


@pytest.mark.parametrize(("path", "accepted"), [("batch", 202), ("batch?dry_run=true", 200)])
def test_call_whose_templates_take_too_long_together_is_told_so_in_time(
    client: CallerClient, now: datetime, monkeypatch: pytest.MonkeyPatch, path: str, accepted: int
) -> None:
    make_template("slow", {"xs": [1]}, now=now)
    slow = "{% for a in xs %}{% for b in xs %}{% if a == b %}.{% endif %}{% endfor %}{% endfor %}"
    publish_wording("slow", Sources("Slow", slow), now=now)
    monkeypatch.setattr(filling, "MAX_SECONDS_OF_CALL", 0.2)
    worded = {"channel": "email", "to": MAIL["to"], "template": "slow", "context": {"xs": list(range(90))}}
    began = time.thread_time()
    answer = client.post(f"/api/v1/notify/{path}", {"messages": [*[worded] * 300, MAIL]}, format="json")
    assert (answer.status_code, time.thread_time() - began < 5) == (accepted, True)
    last, plain = answer.json()["results"][-2:]
    assert (last["status"], last["errors"][0]["field"], plain["channel"]) == (400, "template", "email")


def test_memory_of_a_large_call_is_bounded(client: CallerClient) -> None:
    body = [MAIL | {"text": "x" * (MEBIBYTE - 1)} for _ in range(20)]
    tracemalloc.start()
    assert send(client, *body).status_code == 202
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200 * MEBIBYTE
