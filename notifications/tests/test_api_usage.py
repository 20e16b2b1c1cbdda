"""The call that tells what went out."""

from datetime import timedelta
from typing import Any

import pytest

from kit.clock import utcnow
from notifications import usage
from notifications.models import Message
from notifications.tests.callers import CallerClient
from notifications.usage import Settled

pytestmark = [pytest.mark.django_db, pytest.mark.urls("notifications.tests.urls")]

USAGE = "/api/v1/notify/usage"


def spend() -> None:
    """Have two short messages settled today, and one yesterday."""
    message = Message(channel="sms", segments=2, cost=75_000)
    usage.count([Settled(message, "twilio", sent=True)] * 2, utcnow())
    usage.count([Settled(message, "twilio", sent=False)], utcnow() - timedelta(days=1))


def staff() -> CallerClient:
    return CallerClient("notifications.view_usage")


def test_figures_are_told_by_day_channel_and_provider() -> None:
    spend()
    answer = staff().get(USAGE)
    today, yesterday = answer.json()["results"]
    assert (answer.status_code, answer.json()["currency"]) == (200, "EUR")
    assert today == {
        "day": utcnow().date().isoformat(),
        "channel": "sms",
        "provider": "twilio",
        "sent": 2,
        "failed": 0,
        "segments": 4,
        "cost": "0.150000",
    }
    assert (yesterday["sent"], yesterday["failed"], yesterday["cost"]) == (0, 1, "0.000000")


def test_days_are_chosen_in_one_statement(django_assert_num_queries: Any) -> None:
    spend()
    today = utcnow().date().isoformat()
    with django_assert_num_queries(1):
        answer = staff().get(USAGE, {"since": today, "until": today})
    assert len(answer.json()["results"]) == 1


@pytest.mark.parametrize(
    "query",
    [
        {"since": "2026-1-2"},
        {"until": "0001-01-01"},
        {"until": "9999-12-31"},
        {"since": "yesterday"},
        {"since": "2026-01-02", "until": "2026-01-01"},
        {"since": "2024-01-01", "until": "2026-01-01"},
    ],
)
def test_days_that_are_none_are_refused(query: dict[str, str]) -> None:
    answer = staff().get(USAGE, query)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, next(iter(query)))


def test_who_may_not_see_usage_is_refused() -> None:
    assert CallerClient("notifications.view_message").get(USAGE).status_code == 403
