"""Messages of a kind: sent by the product itself, built in the worker, and nowhere on record."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core import serializers
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from kit.ids import uuid7
from notifications import sending
from notifications.kinds import Content, Kind
from notifications.lanes import Lane
from notifications.models import Attempt, Message
from notifications.testing import GREETING, deliver_all, greetings, link_in

pytestmark = pytest.mark.django_db

LINK = "https://gatehouse.example.com/open?token=s3cr3t-and-derived"


def greet(now: datetime, **context: Any) -> Message:
    reference = uuid7()
    greetings[reference] = Content(context={"name": "Anna", "link": LINK} | context)
    return sending.send(kind=GREETING, to="anna@example.com", reference=reference, now=now)


def test_sending_a_kind_is_one_insert(now: datetime) -> None:
    with CaptureQueriesContext(connection) as queries:
        greet(now)
    assert [query["sql"].split()[0] for query in queries] == ["INSERT"]


def test_kind_is_rendered_when_it_is_sent(now: datetime) -> None:
    message = greet(now)
    [mail] = deliver_all(now)
    assert (mail.id, mail.subject, link_in(mail)) == (message.pk, "Hello Anna", LINK)
    assert mail.automatic


def test_what_a_kind_says_is_written_nowhere(now: datetime) -> None:
    greet(now)
    deliver_all(now)
    rows = serializers.serialize("json", [*Message.objects.all(), *Attempt.objects.all()])
    assert "s3cr3t" not in rows
    assert "Anna" not in rows.replace("anna@example.com", "")


def test_each_attempt_renders_the_same_link(now: datetime) -> None:
    message = greet(now)
    deliver_all(now)
    Message.objects.filter(pk=message.pk).update(due_at=now, status="queued")
    first, second = deliver_all(now), deliver_all(now)
    assert second == []
    assert link_in(first[0]) == LINK


def test_kind_with_nothing_to_say_any_more_is_suppressed(now: datetime) -> None:
    message = greet(now)
    greetings.clear()
    assert deliver_all(now) == []
    message.refresh_from_db()
    assert (message.status, message.attempts.get().outcome) == ("suppressed", "withdrawn")


def test_kind_that_cannot_be_built_is_tried_again_and_its_words_are_not_kept(now: datetime) -> None:
    message = greet(now)
    greetings[message.reference] = Content(template="no/such", context={"link": LINK})  # type: ignore[index]
    deliver_all(now)
    attempt = message.attempts.get()
    assert (attempt.outcome, attempt.error, attempt.detail) == ("deferred", "not_built", "TemplateDoesNotExist")


def test_kind_expires_by_its_own_rule(now: datetime) -> None:
    message = greet(now)
    assert message.expires_at == now + GREETING.expires_after


def test_message_of_a_transaction_that_is_rolled_back_never_was(now: datetime) -> None:
    with transaction.atomic():
        greet(now)
        transaction.set_rollback(True)
    assert deliver_all(now) == []


def test_kind_that_no_setting_names_is_refused_before_it_is_queued(now: datetime) -> None:
    stray = Kind(
        name="stray",
        lane=Lane.NORMAL,
        category="",
        template="",
        build=lambda reference, moment: None,
        expires_after=timedelta(1),
    )
    with pytest.raises(LookupError):
        sending.send(kind=stray, to="anna@example.com", reference=None, now=now)


def test_values_are_printed_as_they_are_and_escaped_in_html(now: datetime) -> None:
    greet(now, name="{{ 7 }}<script>{% load x %}")
    [mail] = deliver_all(now)
    assert mail.text.startswith("Hello {{ 7 }}<script>{% load x %},")
    assert "{{ 7 }}&lt;script&gt;{% load x %}" in mail.html


def test_value_with_a_line_break_stays_on_the_subjects_one_line(now: datetime) -> None:
    greet(now, name="Anna\r\nBcc: eve@example.com")
    [mail] = deliver_all(now)
    assert mail.subject == "Hello Anna Bcc: eve@example.com"


def test_kind_without_a_reference_is_built_from_the_message_itself(now: datetime) -> None:
    message = sending.send(kind=GREETING, to="anna@example.com", reference=None, now=now)
    key: UUID = message.pk
    greetings[key] = Content(context={"name": "Anna", "link": LINK})
    assert len(deliver_all(now)) == 1


def test_kind_without_an_html_template_is_sent_as_text(now: datetime) -> None:
    greet(now, name="Anna")
    greetings.update(
        {key: replace(content, template="notifications/tests/plain") for key, content in greetings.items()}
    )
    [mail] = deliver_all(now)
    assert (mail.subject, mail.text, mail.html) == ("Plain", "Plain & simple: Anna\n", "")


def test_kind_that_no_release_knows_any_more_waits_for_one_that_does(now: datetime) -> None:
    message = greet(now)
    Message.objects.update(kind="notifications.forgotten")
    deliver_all(now)
    assert message.attempts.get().detail == "UnknownKind"
