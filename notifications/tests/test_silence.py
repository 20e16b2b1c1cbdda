"""A provider that takes a message and tells nothing: how long that is borne, who is asked, and what it ends in."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from notifications.lanes import Lane
from notifications.models import ProviderState
from notifications.testing import deliver_all
from notifications.tests.reporting import MINUTE, accepted, state, stored, tell
from notifications.tests.scripted import CHAIN, callers, delivered, looks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("chain_that_reports")]

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(("lane", "after"), [(Lane.URGENT, 30), (Lane.NORMAL, 600), (Lane.BULK, 3600)])
def test_silence_is_borne_as_long_as_the_lane_bears_it(lane: Lane, after: int, now: datetime) -> None:
    message = accepted(now, lane=lane)
    deliver_all(now + (after - 1) * SECOND)
    assert callers() == ["reporting"]
    deliver_all(now + after * SECOND)
    assert (callers(), stored(message).passed_over) == (["reporting", "second"], ["reporting"])
    assert state(message) == ("sent", "", ["accepted", "accepted"])


def test_silence_with_nobody_else_to_try_or_to_ask_is_not_taken_for_success(settings: Any, now: datetime) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [CHAIN + "ReportingProvider"]
    message = accepted(now)
    deliver_all(now + 10 * MINUTE)
    assert (state(message), stored(message).failure) == (("failed", "", ["accepted"]), "unknown")
    tell(message, "delivered", now)
    assert (state(message)[0], stored(message).failure, callers()) == ("delivered", "", ["reporting"])


@pytest.mark.parametrize(("taken", "status", "failure"), [(True, "sent", ""), (False, "failed", "undelivered")])
def test_silent_provider_is_asked_also_where_it_is_the_only_one(
    settings: Any, now: datetime, *, taken: bool, status: str, failure: str
) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [CHAIN + "KnowingProvider"]
    message = accepted(now)
    if not taken:
        delivered["knowing"].clear()
    for minutes in (10, 30):
        deliver_all(now + minutes * MINUTE)
    assert (stored(message).status, stored(message).failure) == (status, failure)
    assert (callers(), looks) == (["knowing"], ["knowing"])


@pytest.mark.parametrize(("lane", "chain"), [(Lane.NORMAL, ["Knowing"]), (Lane.BULK, ["Knowing", "Second"])])
def test_silent_provider_that_rests_is_waited_for(settings: Any, now: datetime, lane: Lane, chain: list[str]) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [f"{CHAIN}{name}Provider" for name in chain]
    message = accepted(now, lane=lane)
    back = now + 70 * MINUTE
    ProviderState.objects.update_or_create(
        name="knowing", defaults={"updated_at": now, "breaker": "open", "open_until": back}
    )
    deliver_all(now + 61 * MINUTE)
    assert (stored(message).status, looks) == ("sending", [])
    ProviderState.objects.filter(name="knowing").update(open_until=now)
    deliver_all(back)
    assert (stored(message).status, looks, callers()) == ("sent", ["knowing"], ["knowing"])


@pytest.mark.parametrize(
    ("provider", "hours", "end"),
    [("Reporting", 1, ("failed", "unknown")), ("Knowing", 1, ("sent", "")), ("Knowing", 25, ("failed", "unknown"))],
)
def test_what_was_not_reported_on_by_its_own_end_is_asked_for_or_unknown(
    settings: Any, now: datetime, provider: str, hours: int, end: tuple[str, str]
) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [f"{CHAIN}{provider}Provider"]
    message = accepted(now, expires_at=now + MINUTE)
    deliver_all(now + hours * 60 * MINUTE)
    assert (stored(message).status, stored(message).failure) == end


@pytest.mark.parametrize(("taken", "called"), [(True, ["knowing"]), (False, ["knowing", "second"])])
def test_silent_provider_that_can_be_asked_is_asked(
    settings: Any, now: datetime, *, taken: bool, called: list[str]
) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [CHAIN + "KnowingProvider", CHAIN + "SecondProvider"]
    message = accepted(now)
    if not taken:
        delivered["knowing"].clear()
    deliver_all(now + 10 * MINUTE)
    assert (callers(), looks, stored(message).status) == (called, ["knowing"], "sent")
