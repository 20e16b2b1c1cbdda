"""Digests: what a person wants gathered waits, goes out as one mail, and is never lost on the way."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from kit.ids import uuid7
from kit.origin import NOWHERE
from notifications import digests, preferences, receipts, retrying, testing
from notifications.models import Message, Preference, QuietHours, Receipt
from notifications.preferences import Choice, Hours
from notifications.providers.base import Permanent
from notifications.testing import draft_for

pytestmark = pytest.mark.django_db

Digest = Preference.Digest
Status = Message.Status
NOON = datetime(2026, 11, 22, 12, 10, tzinfo=UTC)
ONE = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
LATER = ONE + digests.PATIENTLY


@pytest.fixture(autouse=True)
def _kinds(settings: Any) -> None:
    settings.NOTIFICATIONS_KINDS = ("notifications.testing", "notifications.message_kinds")


def reader(often: str = Digest.HOURLY, hours: Hours | None = None) -> UUID:
    """Return a person who wants her invoices gathered."""
    person = uuid7()
    choice = Choice(category="invoices", channel="email", digest=often)
    preferences.choose(person=person, choices=[choice], hours=hours, now=NOON)
    return person


def accept(person: UUID, *subjects: str, now: datetime = NOON, **columns: Any) -> list[Message]:
    """Put mails to a person through the gate and keep them."""
    values = {"category": "invoices", **columns}
    drafts = [draft_for(person, now=now, subject=subject, **values) for subject in subjects]
    digests.gate(drafts, now)
    for draft in drafts:
        draft.message.save(force_insert=True)
    return [draft.message for draft in drafts]


def states() -> dict[str, str]:
    return dict(Message.objects.values_list("subject", "status"))


def test_what_is_gathered_waits_for_the_hour() -> None:
    [message] = accept(reader(), "First")
    assert (message.status, message.due_at) == (Status.SCHEDULED, LATER)
    assert message.expires_at == NOON + timedelta(hours=24) + (LATER - NOON)
    assert digests.put_together(ONE - timedelta(minutes=1)) == 0
    assert testing.deliver_all(ONE) == []


def test_at_its_moment_all_goes_out_as_one_mail() -> None:
    person = reader()
    members = accept(person, "First", "Second", "Third", text="What it  says\nin short.")
    assert digests.put_together(ONE) == 3
    [mail] = testing.deliver_all(ONE)
    assert mail.subject == "Invoices: 3 messages"
    assert [line for line in mail.text.splitlines() if line in {"First", "Second", "Third"}] == [
        *("First", "Second", "Third")
    ]
    assert "What it says in short." in mail.text
    assert "<strong>Second</strong>" in mail.html
    digest = Message.objects.get(kind="notifications.digest")
    assert (digest.person, digest.category, digest.to) == (person, "invoices", ["anna@example.com"])
    told = Message.objects.filter(digest=digests.told_in(digest.pk), status=Status.SENDING, due_at=None)
    assert {row.pk for row in told} == {member.pk for member in members}
    assert digests.follow_all() == 3
    assert set(told.model.objects.values_list("status", "sent_at")) == {(Status.SENT, ONE)}
    assert digests.put_together(ONE) == 0


def test_what_is_told_of_ends_as_the_mail_does_that_tells_of_it() -> None:
    accept(reader(), "First", "Second")
    testing.answers.append(Permanent("no_such_domain"))
    digests.put_together(ONE)
    assert (digests.follow_all(), states()["First"]) == (0, Status.SENDING)
    testing.deliver_all(ONE)
    assert (digests.follow_all(), digests.follow_all()) == (2, 0)
    members = Message.objects.exclude(digest="")
    assert set(members.values_list("status", "failure")) == {(Status.FAILED, "no_such_domain")}
    digest = Message.objects.get(kind="notifications.digest")
    retrying.retry(message=digest, actor=uuid7(), now=ONE, origin=NOWHERE, reason="The domain is back")
    assert set(members.values_list("status", "failure")) == {(Status.SENDING, "")}
    [mail] = testing.deliver_all(ONE)
    assert ("Second" in mail.text, digests.follow_all(), states()["First"]) == (True, 2, Status.SENT)


def test_what_is_told_of_late_of_a_digest_is_true_of_its_messages() -> None:
    accept(reader(), "First", "Second")
    digests.put_together(ONE)
    testing.deliver_all(ONE)
    digests.follow_all()
    attempt = Message.objects.get(kind="notifications.digest").attempts.get()
    told: dict[str, Any] = {"provider": attempt.provider, "message_id": attempt.message_id, "now": ONE}
    receipts.take(event_id="e", event=Receipt.Event.BOUNCED, occurred_at=ONE, **told)
    assert set(Message.objects.values_list("status", "failure")) == {(Status.FAILED, "bounced")}


def test_a_message_of_a_digest_that_failed_goes_by_itself_when_it_is_tried_again() -> None:
    [first, _] = accept(reader(), "First", "Second")
    testing.answers.append(Permanent())
    digests.put_together(ONE)
    testing.deliver_all(ONE)
    digests.follow_all()
    retrying.retry(message=first, actor=uuid7(), now=ONE, origin=NOWHERE, reason="Asked for")
    assert [mail.subject for mail in testing.deliver_all(ONE)] == ["First"]
    assert (digests.follow_all(), states()["First"]) == (0, Status.SENT)


def test_all_that_is_due_is_put_together_in_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "AT_ONCE", 2)
    for _ in range(5):
        accept(reader(), "First", "Second")
    assert digests.put_together(ONE) == 10
    assert len(testing.deliver_all(ONE)) == 5
    assert digests.follow_all() == 10


def test_a_run_ends_in_time_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    accept(reader(), "First", "Second")
    with monkeypatch.context() as hurried:
        hurried.setattr(digests, "SECONDS", 0)
        assert digests.put_together(ONE) == 0
    assert digests.put_together(ONE) == 2


def test_a_single_message_goes_out_as_it_is() -> None:
    accept(reader(), "Alone")
    assert digests.put_together(ONE) == 0
    [mail] = testing.deliver_all(ONE)
    assert (mail.subject, states()) == ("Alone", {"Alone": Status.SENT})


def test_people_categories_and_hours_are_gathered_apart() -> None:
    anna, berta = reader(), reader()
    accept(anna, "A1", "A2")
    accept(berta, "B1", "B2", to=["berta@example.com"], recipient="berta@example.com")
    accept(anna, "A3", "A4", now=ONE + timedelta(minutes=1))
    assert digests.put_together(ONE) == 4
    assert sorted(mail.to[0] for mail in testing.deliver_all(ONE)) == ["anna@example.com", "berta@example.com"]
    assert {states()[name] for name in ("A3", "A4")} == {Status.SCHEDULED}


def test_what_nobody_put_together_goes_out_by_itself() -> None:
    accept(reader(), "First", "Second")
    assert {mail.subject for mail in testing.deliver_all(LATER)} == {"First", "Second"}
    assert digests.put_together(LATER) == 0


def test_a_death_on_the_way_leaves_all_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    accept(reader(), "First", "Second")
    with monkeypatch.context() as broken:
        broken.setattr(digests, "told_in", _die)
        with pytest.raises(KeyboardInterrupt):
            digests.put_together(ONE)
    assert (states(), Message.objects.count()) == ({"First": Status.SCHEDULED, "Second": Status.SCHEDULED}, 2)
    assert digests.put_together(ONE) == 2


def _die(_message: UUID) -> str:
    raise KeyboardInterrupt


def test_what_was_cancelled_meanwhile_is_not_told() -> None:
    _, second, _ = accept(reader(), "First", "Second", "Third")
    Message.objects.filter(pk=second.pk).update(status=Status.CANCELLED, due_at=None)
    digests.put_together(ONE)
    [mail] = testing.deliver_all(ONE)
    assert "Second" not in mail.text


def test_of_very_many_the_first_are_told_and_the_rest_counted() -> None:
    accept(reader(), *(f"Number {number}" for number in range(60)))
    digests.put_together(ONE)
    [mail] = testing.deliver_all(ONE)
    assert (mail.text.count("Number"), "And 10 more." in mail.text) == (50, True)


@pytest.mark.parametrize(
    "columns",
    [
        {"category": "security", "must_arrive": True},
        {"category": "newsletter"},
        {"channel": "inbox"},
        {"files": 1},
        {"to": ["a@example.com", "b@example.com"]},
        {"expires_at": ONE},
    ],
)
def test_everything_else_goes_at_once(columns: dict[str, Any]) -> None:
    draft = draft_for(reader(), now=NOON, **{"category": "invoices"} | columns)
    digests.gate([draft], NOON)
    assert (draft.message.due_at, draft.message.digest, draft.closing) == (NOON, "", "")


@pytest.mark.parametrize(
    ("moment", "zone", "told"),
    [
        ("2026-11-22T06:59", "Europe/Berlin", "2026-11-22T07:00"),
        ("2026-11-22T07:00", "Europe/Berlin", "2026-11-23T07:00"),
        ("2026-03-28T12:00", "Europe/Berlin", "2026-03-29T06:00"),  # the clock is put forward in between
        ("2026-11-22T12:00", "Asia/Kathmandu", "2026-11-23T02:15"),
    ],
)
def test_the_morning_is_hers(moment: str, zone: str, told: str) -> None:
    at, expected = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (moment, told))
    assert digests.moment_after(at, often=Digest.DAILY, zone=ZoneInfo(zone), hours=None) == expected


def test_nothing_is_told_in_her_quiet_hours() -> None:
    hours = QuietHours(person=uuid7(), begins=1320, ends=9 * 60, time_zone="UTC", updated_at=NOON)
    late = datetime(2026, 11, 22, 21, 30, tzinfo=UTC)
    for often in (Digest.HOURLY, Digest.DAILY):
        told = digests.moment_after(late, often=often, zone=ZoneInfo("UTC"), hours=hours)
        assert told == datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_a_thousand_messages_that_go_at_once_cost_two_statements(django_assert_num_queries: Callable[..., Any]) -> None:
    drafts = [draft_for(uuid7(), now=NOON, category="invoices") for _ in range(1000)]
    with django_assert_num_queries(2):
        digests.gate(drafts, NOON)
