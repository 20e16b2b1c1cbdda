"""Whose turn it is to carry a message, and under which key."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from notifications import breakers
from notifications.breakers import Board
from notifications.lanes import Lane
from notifications.models import Attempt, Message, ProviderState
from notifications.providers.base import Ambiguous, RateLimited, Transient
from notifications.testing import deliver_all, make_message
from notifications.tests import scripted
from notifications.tests.scripted import callers, calls, delivered, down

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("chain_of_two")]

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def test_rest_that_a_provider_asks_for_is_given_and_others_take_over(now: datetime) -> None:
    scripted.answers["plain"].append(RateLimited(retry_after=60))
    make_message(now=now)
    deliver_all(now)
    make_message(now=now)
    deliver_all(now + 59 * SECOND)
    assert callers() == ["plain", "second", "second"]
    make_message(now=now)
    deliver_all(now + 60 * SECOND)
    assert callers()[-1] == "plain"


def test_provider_that_staff_switched_off_is_passed_by(now: datetime) -> None:
    breakers.switch("plain", off=True, actor=None, now=now)
    make_message(now=now)
    deliver_all(now)
    assert callers() == ["second"]


def test_spent_quota_sends_the_rest_by_the_next_provider(now: datetime, settings: Any) -> None:
    settings.NOTIFICATIONS_PROVIDER_QUOTAS = {"plain": 3}
    for _ in range(8):
        make_message(now=now)
    deliver_all(now)
    assert (len(delivered["plain"]), len(delivered["second"])) == (3, 5)


def test_each_certain_failure_changes_the_key(now: datetime) -> None:
    down["plain"] = Transient("connection_failed")
    message = make_message(now=now)
    deliver_all(now)
    assert [email.key for _, email in calls] == [f"{message.pk}-0", f"{message.pk}-1"]
    message.refresh_from_db()
    assert (message.tries, message.status) == (1, "sent")


@pytest.mark.usefixtures("alone")
def test_pause_grows_with_certain_failures(now: datetime) -> None:
    message = make_message(now=now, tries=9, lane=Lane.URGENT)
    scripted.answers["plain"].append(Transient("connection_failed"))
    waits = []
    for _ in range(30):
        Message.objects.filter(pk=message.pk).update(due_at=now, tries=9)
        ProviderState.objects.all().delete()
        scripted.answers["plain"].append(Transient("connection_failed"))
        deliver_all(now)
        message.refresh_from_db()
        assert message.due_at is not None
        waits.append(message.due_at - now)
    assert max(waits) > 10 * SECOND
    assert max(waits) <= MINUTE


def test_time_outs_count_against_a_provider_too(now: datetime) -> None:
    down["plain"] = Ambiguous("read_timed_out")
    for _ in range(30):
        make_message(now=now)
    deliver_all(now)
    board = Board()
    board.look()
    assert not board.is_usable("plain", now)
    assert Attempt.objects.filter(outcome="unknown").count() == callers().count("plain") <= 9


def test_code_probes_nobody_while_another_can_carry_it_and_something_else_may(now: datetime) -> None:
    down["plain"] = Transient("connection_failed")
    for _ in range(5):
        make_message(now=now)
    deliver_all(now)
    calls.clear()
    for second, expected in ((31, ["second"]), (89, ["second"]), (90, ["plain", "second"])):
        make_message(now=now, lane=Lane.URGENT)
        deliver_all(now + second * SECOND)
        assert callers() == expected
        calls.clear()
