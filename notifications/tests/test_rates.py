"""Rates and daily quotas: how many a provider is given, by all processes together, and what is left to codes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kit.testing import races
from notifications import rates
from notifications.lanes import Lane
from notifications.models import ProviderState
from notifications.rates import Purse
from notifications.testing import deliver_all, make_message

SECOND = timedelta(seconds=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def limited(settings: Any) -> Any:
    settings.NOTIFICATIONS_PROVIDER_RATES = {"recording": 10.0}
    settings.NOTIFICATIONS_PROVIDER_QUOTAS = {"counted": 5}
    return settings


@pytest.mark.usefixtures("limited")
def test_bucket_holds_a_second_and_fills_with_time(now: datetime) -> None:
    state = ProviderState(name="recording")
    assert rates.reserve(state, 50, urgent=True, now=now) == 10
    assert rates.reserve(state, 50, urgent=True, now=now) == 0
    assert rates.reserve(state, 50, urgent=True, now=now + 0.3 * SECOND) == 3
    assert rates.reserve(state, 50, urgent=True, now=now + 3600 * SECOND) == 10


@pytest.mark.usefixtures("limited")
def test_clock_that_is_behind_fills_no_bucket(now: datetime) -> None:
    state = ProviderState(name="recording")
    assert rates.reserve(state, 8, urgent=True, now=now) == 8
    assert rates.reserve(state, 2, urgent=True, now=now - 10 * SECOND) == 2
    assert rates.reserve(state, 10, urgent=True, now=now) == 0


@pytest.mark.usefixtures("limited")
def test_last_fifth_is_left_to_what_is_urgent(now: datetime) -> None:
    state = ProviderState(name="recording")
    assert rates.reserve(state, 50, urgent=False, now=now) == 8
    assert rates.reserve(state, 50, urgent=False, now=now) == 0
    assert rates.reserve(state, 50, urgent=True, now=now) == 2


def test_slow_rate_leaves_nobody_without(now: datetime, settings: Any) -> None:
    settings.NOTIFICATIONS_PROVIDER_RATES = {"recording": 0.5}
    state = ProviderState(name="recording")
    taken = [rates.reserve(state, 9, urgent=False, now=now + second * SECOND) for second in range(5)]
    assert taken == [1, 0, 1, 0, 1]


@pytest.mark.usefixtures("limited")
def test_quota_is_of_a_day_in_utc() -> None:
    evening = datetime(2026, 11, 22, 23, 59, tzinfo=UTC)
    state = ProviderState(name="counted")
    assert rates.reserve(state, 4, urgent=False, now=evening) == 4
    assert rates.reserve(state, 4, urgent=False, now=evening) == 1
    assert rates.is_spent(state, evening)
    assert rates.tomorrow(evening) == datetime(2026, 11, 23, tzinfo=UTC)
    assert not rates.is_spent(state, evening + timedelta(minutes=1))
    assert rates.reserve(state, 4, urgent=False, now=evening + timedelta(minutes=1)) == 4


def test_provider_without_limits_costs_no_statement(now: datetime, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert Purse().take(ProviderState(name="recording"), 5, urgent=False, now=now)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("limited")
def test_processes_share_one_bucket(now: datetime) -> None:
    ProviderState.objects.create(name="recording", updated_at=now)

    def take() -> int:
        return sum(rates.reserve(ProviderState(name="recording"), 3, urgent=True, now=now) for _ in range(9))

    assert sum(int(str(taken)) for taken in races.run(4, take, threads=4)) == 10


@pytest.mark.usefixtures("limited")
def test_what_finds_no_token_waits_and_a_code_goes_past_it(now: datetime, settings: Any) -> None:
    settings.NOTIFICATIONS_RUN_SECONDS = 1
    for _ in range(20):
        make_message(now=now, lane=Lane.BULK)
    assert len(deliver_all(now)) == 8
    code = make_message(now=now, lane=Lane.URGENT)
    assert [mail.id for mail in deliver_all(now)] == [code.pk]
    assert len(deliver_all(now + SECOND)) == 8
