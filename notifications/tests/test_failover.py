"""Chains of providers while some of them are down: who carries what meanwhile, what waits, and how they come back."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from notifications import breakers, dispatching, expiry
from notifications.models import Message, ProviderState
from notifications.providers.base import Misconfigured, Receipt, Transient
from notifications.testing import deliver_all, make_message
from notifications.tests import scripted
from notifications.tests.scripted import callers, calls, delivered, down

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("chain_of_two")]

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def count_by_status() -> dict[str, int]:
    return {status: Message.objects.filter(status=status).count() for status in ("queued", "sent", "failed")}


def test_provider_down_for_two_hours_is_left_alone_and_taken_back(now: datetime) -> None:
    down["plain"] = Transient("connection_failed")
    for minute in range(120):
        for _ in range(3):
            make_message(now=now)
        deliver_all(now + minute * MINUTE)
    assert len(delivered["second"]) == 360
    in_vain = callers().count("plain")
    assert breakers.FAILURES_IN_A_ROW <= in_vain <= breakers.FAILURES_IN_A_ROW + 4 + 120 / 5 + 5
    del down["plain"]
    for minute in range(120, 130):
        for _ in range(3):
            make_message(now=now)
        deliver_all(now + minute * MINUTE)
    assert len(delivered["plain"]) >= 10
    assert callers()[-3:] == ["plain"] * 3
    ids = [email.id for name in delivered for email in delivered[name]]
    assert len(ids) == len(set(ids)) == 390


def test_failover_begins_within_the_threshold(now: datetime) -> None:
    down["plain"] = Transient("connection_failed")
    for _ in range(50):
        make_message(now=now)
    deliver_all(now)
    assert callers().count("plain") <= breakers.FAILURES_IN_A_ROW + 4
    assert len(delivered["second"]) == 50


def test_wrong_credentials_send_one_message_on_and_the_others_straight(now: datetime, settings: Any) -> None:
    settings.NOTIFICATIONS_THREADS = 2
    down["plain"] = Misconfigured("login_refused")
    for _ in range(20):
        make_message(now=now)
    deliver_all(now)
    assert callers().count("plain") <= 2
    assert len(delivered["second"]) == 20


@pytest.mark.usefixtures("alone")
def test_what_nobody_can_carry_waits_untouched(now: datetime, django_assert_num_queries: Any) -> None:
    down["plain"] = Transient("connection_failed")
    for _ in range(50):
        make_message(now=now)
    deliver_all(now)
    before = list(Message.objects.values_list("pk", "fence", "due_at", "tries", "lease_until"))
    tried = len(calls)
    for second in range(1, 30):
        assert not dispatching.is_due(now + second * SECOND)
        deliver_all(now + second * SECOND)
    assert (len(calls), list(Message.objects.values_list("pk", "fence", "due_at", "tries", "lease_until"))) == (
        tried,
        before,
    )
    assert count_by_status() == {"queued": 50, "sent": 0, "failed": 0}
    with django_assert_num_queries(3):
        dispatching.is_due(now + SECOND)


@pytest.mark.usefixtures("alone")
def test_everybody_down_and_back_delivers_all_once_and_without_a_herd(now: datetime) -> None:
    down["plain"] = Transient("connection_failed")
    for _ in range(100):
        make_message(now=now)
    for minute in range(60):
        deliver_all(now + minute * MINUTE)
    assert len(calls) <= 9 + 15
    calls.clear()
    del down["plain"]
    probes: list[int] = []
    scripted.answers["plain"].extend([_counting(probes), _counting(probes)])
    for minute in range(60, 80):
        deliver_all(now + minute * MINUTE)
    assert probes == [1, 2]
    ids = [email.id for email in delivered["plain"]]
    assert (len(ids), len(set(ids))) == (100, 100)
    assert count_by_status() == {"queued": 0, "sent": 100, "failed": 0}


def _counting(seen: list[int]) -> Any:
    """Return an answer that notes how many calls there have been when it is given."""

    def answer(_: Any) -> Any:
        seen.append(len(calls))
        return Receipt()

    return answer


@pytest.mark.usefixtures("alone")
def test_failed_probe_costs_one_message_a_try(now: datetime) -> None:
    down["plain"] = Transient("connection_failed")
    for _ in range(20):
        make_message(now=now)
    deliver_all(now)
    tried = len(calls)
    deliver_all(now + 31 * SECOND)
    assert len(calls) == tried + 1
    assert ProviderState.objects.get().breaker == "open"


@pytest.mark.usefixtures("alone")
def test_expired_while_nobody_could_send_is_failed_together(now: datetime, django_assert_num_queries: Any) -> None:
    breakers.switch("plain", off=True, actor=None, now=now)
    for _ in range(30):
        make_message(now=now, expires_at=now + MINUTE)
    alive = make_message(now=now)
    deliver_all(now + MINUTE)
    with django_assert_num_queries(2):
        assert expiry.end(now + MINUTE) == 30
    assert set(Message.objects.exclude(pk=alive.pk).values_list("status", "failure")) == {("failed", "expired")}
    assert Message.objects.get(pk=alive.pk).status == "queued"


@pytest.mark.django_db(transaction=True)
def test_two_dispatchers_open_one_breaker(now: datetime) -> None:
    down["plain"] = Transient("connection_failed")
    for _ in range(40):
        make_message(now=now)
    runs = [dispatching._Run(lambda: now) for _ in range(2)]

    def work(run: Any) -> None:
        run.drain()
        connection.close()

    threads = [threading.Thread(target=work, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert callers().count("plain") <= 2 * (breakers.FAILURES_IN_A_ROW + 4)
    ids = [email.id for email in delivered["second"]]
    assert len(ids) == len(set(ids)) == 40
