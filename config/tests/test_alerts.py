"""Staff are told of a jump once an hour for each cause, and of nothing that has always been so."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve
from pytest_django import Settings

from accounts import event_types
from accounts.models import User
from accounts.testing import make_person
from audit import recording
from audit.testing import the_entry
from audit.vocabulary import EventType, Outcome
from config import alerts, failures, heartbeats, message_kinds
from config.event_types import ALERT_RAISED
from config.tasks import watch
from kit.clock import utcnow
from kit.origin import Origin
from kit.tallies import Span
from notifications import pumping
from notifications.kinds import list_declared
from notifications.models import Attempt, Message
from notifications.rendering import render
from notifications.testing import make_message
from roles.testing import allow, give_role

pytestmark = pytest.mark.django_db

NOW = utcnow().replace(microsecond=0)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _thresholds(settings: Settings) -> None:
    settings.ALERTS_LEAST, settings.ALERTS_FACTOR = 10, 3.0


@pytest.fixture
def reader() -> User:
    person = make_person("reader@example.com", is_staff=True)
    give_role(person, "auditor")
    return person


def refuse(times: int, at: dt.datetime, event: EventType = event_types.LOGIN_REFUSED) -> None:
    for number in range(times):
        origin = Origin(address=f"203.0.113.{number % 250}", request_id="r")
        recording.record(event, now=at, actor_kind="stranger", outcome=Outcome.REFUSED, origin=origin)


def told() -> list[tuple[str, list[str]]]:
    """Return whom an alert was mailed to."""
    return list(Message.objects.filter(kind=message_kinds.ALERT.name).order_by("id").values_list("kind", "to"))


def test_a_jump_is_recorded_and_mailed_to_staff_who_may_read_the_log(reader: User) -> None:
    make_person("no-permission@example.com", is_staff=True)
    allow(make_person("no-staff@example.com"), "audit.view_entry")
    make_person("stopped@example.com", is_staff=True, is_superuser=True, is_active=False)
    make_person("owner@example.com", is_staff=True, is_superuser=True)
    refuse(12, NOW - MINUTE)
    assert alerts.watch(now=NOW) == ["sign_ins"]
    assert sorted(to for _, [to] in told()) == ["owner@example.com", "reader@example.com"]
    entry = the_entry("house.alert.raised")
    assert entry.details == {"cause": "sign_ins", "count": 12, "hour_before": 0, "minutes": 10}


def test_of_one_cause_there_is_one_alert_an_hour(reader: User) -> None:
    refuse(12, NOW - MINUTE)
    for later in (0, 1, 2):
        alerts.watch(now=NOW + later * MINUTE)
    assert len(told()) == 1
    refuse(12, NOW + 58 * MINUTE, event_types.REFRESH_REFUSED)
    refuse(100, NOW + 59 * MINUTE)
    assert alerts.watch(now=NOW + 59 * MINUTE) == ["sessions"]
    assert alerts.watch(now=NOW + 61 * MINUTE) == ["sign_ins"]


@pytest.mark.parametrize(
    ("before", "lately", "jumped"),
    [(0, 9, False), (0, 10, True), (60, 30, False), (60, 31, True), (600, 200, False)],
)
def test_a_jump_is_many_and_many_more_than_usual(reader: User, before: int, lately: int, jumped: bool) -> None:
    refuse(before, NOW - 40 * MINUTE)
    refuse(lately, NOW - 5 * MINUTE)
    assert bool(alerts.watch(now=NOW)) == jumped


def test_alerts_can_be_turned_off(reader: User, settings: Settings, django_assert_num_queries: Any) -> None:
    settings.ALERTS_LEAST = 0
    refuse(50, NOW - MINUTE)
    with django_assert_num_queries(0):
        assert alerts.watch(now=NOW) == []


def test_failed_deliveries_are_told_of(reader: User) -> None:
    for number in range(12):
        message = make_message()
        fields = {"message": message, "claim": number, "provider": "smtp", "started_at": NOW}
        Attempt.objects.create(**fields, outcome=Attempt.Outcome.DEFERRED)
    assert alerts.watch(now=utcnow() + MINUTE) == ["deliveries"]


def test_requests_that_fail_by_our_fault_are_counted_and_told_of(
    reader: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("config.system.signing_keys.jwks", fail)
    client = Client(raise_request_exception=False)
    assert {client.get("/.well-known/jwks.json").status_code for _ in range(12)} == {500}
    now = utcnow() + MINUTE
    assert failures.count(Span(now - 10 * MINUTE, now), now=now) == 12
    assert alerts.watch(now=now) == ["requests"]


def test_a_silent_worker_is_told_of_at_the_second_look_and_once(reader: User) -> None:
    heartbeats.renew(name="killed:1", now=NOW)
    looks = {minutes: alerts.watch(now=NOW + minutes * MINUTE) for minutes in range(70)}
    assert {minutes: causes for minutes, causes in looks.items() if causes} == {2: ["workers"]}
    [mail] = [mail for _, mail in render_all(["workers"], count=1)]
    assert mail.subject == "1 worker gone silent"
    assert "1 worker has not been heard for more than a minute" in mail.text


def test_workers_that_come_back_after_an_outage_are_not_told_of(reader: User) -> None:
    for name in ("one:1", "two:1"):
        heartbeats.renew(name=name, now=NOW)
    heartbeats.renew(name="one:1", now=NOW + 20 * MINUTE)
    assert alerts.watch(now=NOW + 20 * MINUTE) == []  # the other one has not had its turn yet
    heartbeats.renew(name="one:1", now=NOW + 21 * MINUTE)
    heartbeats.renew(name="two:1", now=NOW + 20.5 * MINUTE)
    assert alerts.watch(now=NOW + 21 * MINUTE) == []
    assert told() == []


def test_codes_that_nobody_enters_are_told_of(reader: User, settings: Settings) -> None:
    settings.SMS_ALARM_LEAST = 1
    for last in range(2):
        number = f"+491511234000{last}"
        message = Message(channel="sms", kind="mfa.code", to=[number], recipient=number)
        pumping.guard(message, address="", now=NOW)
    assert alerts.watch(now=NOW + MINUTE) == ["codes"]
    [mail] = [mail for _, mail in render_all(["codes"], count=1)]
    assert mail.subject == "Codes to 1 place are hardly entered"
    assert "http://testserver/admin/audit/entry/?action=notifications.area.blocked" in mail.text.splitlines()


def test_short_messages_that_stop_are_told_of_once_an_hour(reader: User, settings: Settings) -> None:
    settings.SMS_PER_DAY = 1
    for number in ("+4915112340001", "+4915112340002", "+4915112340003"):
        message = Message(channel="sms", kind="mfa.code", to=[number], recipient=number)
        pumping.guard(message, address="", now=NOW)
    assert message.failure == "day_spent"
    assert the_entry("notifications.sms.stopped").details == {"reason": "day_spent"}
    assert alerts.watch(now=NOW + MINUTE) == ["short_messages"]
    [mail] = [mail for _, mail in render_all(["short_messages"])]
    assert mail.subject == "No short message goes out any more"
    assert "http://testserver/admin/notifications/message/?channel=sms" in mail.text.splitlines()


def test_watching_costs_the_same_whatever_there_is_to_count(django_assert_num_queries: Any) -> None:
    for times in (0, 9):
        refuse(times, NOW - MINUTE)
        with django_assert_num_queries(8):
            alerts.watch(now=NOW)


def render_all(causes: Iterable[str], *, count: int = 140) -> Iterable[tuple[str, Any]]:
    for cause in causes:
        details: dict[str, str | int] = {"cause": cause, "count": count, "hour_before": 66, "minutes": 10}
        entry = recording.record(ALERT_RAISED, now=NOW, actor_kind="system", details=details)
        assert entry is not None
        content = message_kinds.ALERT.content(entry.pk, NOW)
        assert content is not None
        yield cause, render(content, template=message_kinds.ALERT.template)


def test_each_cause_has_its_words_and_leads_to_a_page_of_the_admin() -> None:
    assert set(message_kinds.CAUSES) == {
        *alerts.REFUSALS,
        "deliveries",
        "requests",
        "workers",
        "codes",
        "short_messages",
    }
    for cause, mail in render_all(set(message_kinds.CAUSES) - {"workers", "codes", "short_messages"}):
        known = message_kinds.CAUSES[cause]
        assert mail.subject == f"{known.title}: 140 in 10 minutes"
        assert "on average: 11" in mail.text
        assert f"http://testserver{known.link}" in mail.text.splitlines()
        assert known.title in mail.html
        assert resolve(known.link.partition("?")[0]).app_name == "admin"


def test_an_alert_whose_entry_is_gone_is_not_sent() -> None:
    assert message_kinds.ALERT in list_declared()
    assert message_kinds.ALERT.content(make_person().pk, NOW) is None


def test_the_periodic_task_watches(reader: User) -> None:
    refuse(12, utcnow() - MINUTE)
    watch.apply()
    assert len(told()) == 1
