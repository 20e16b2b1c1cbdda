"""Breakers: what opens one, how long, who probes, what closes it; what is no reason."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from kit.ids import uuid7
from kit.testing import races
from notifications import breakers
from notifications.breakers import Board, Lesson
from notifications.delivery import Result
from notifications.models import Attempt, ProviderState

Outcome = Attempt.Outcome
Breaker = ProviderState.Breaker
SECOND = timedelta(seconds=1)

GOOD = Result(outcome=Outcome.ACCEPTED)
BAD = Result(outcome=Outcome.DEFERRED, error="connection_failed", is_fault=True)
REFUSED = Result(outcome=Outcome.REFUSED, error="recipient_refused")
PUT_OFF = Result(outcome=Outcome.DEFERRED, error="mailbox_full")
LIMITED = Result(outcome=Outcome.DEFERRED, error="rate_limited", retry_after=90)
LOCKED_OUT = Result(outcome=Outcome.MISCONFIGURED, error="login_refused")


def learnt(state: ProviderState, results: list[Result], now: datetime, *, probe: bool = False) -> ProviderState:
    lesson = Lesson()
    for result in results:
        lesson.add(result, now, probe=probe)
    for name, value in breakers.after(state, lesson, now).items():
        setattr(state, name, value)
    return state


def opened(now: datetime, **fields: Any) -> ProviderState:
    return ProviderState(name="x", breaker=Breaker.OPEN, open_until=now, openings=1, **fields)


@pytest.mark.parametrize(
    ("results", "breaker"),
    [
        ([BAD] * 4, "closed"),
        ([BAD] * 5, "open"),
        ([BAD] * 4 + [GOOD] + [BAD] * 4, "closed"),
        ([BAD, GOOD] * 9, "closed"),
        ([BAD, GOOD] * 10, "open"),
        ([BAD, GOOD, GOOD] * 20, "closed"),
        ([REFUSED] * 50, "closed"),
        ([PUT_OFF] * 50, "closed"),
        ([LIMITED] * 50, "closed"),
        ([BAD] * 4 + [LIMITED] * 9, "closed"),
        ([LOCKED_OUT], "open"),
    ],
)
def test_only_what_a_provider_does_to_everybody_opens_its_breaker(
    results: list[Result], breaker: str, now: datetime
) -> None:
    assert learnt(ProviderState(name="x"), results, now).breaker == breaker


def test_failures_count_across_batches_and_successes_end_the_row(now: datetime) -> None:
    state = learnt(ProviderState(name="x"), [BAD] * 3, now)
    assert learnt(state, [BAD], now).breaker == "closed"
    assert learnt(state, [GOOD, BAD], now).failures == 1
    assert learnt(state, [BAD] * 4, now).breaker == "open"


def test_share_of_failures_is_that_of_one_minute(now: datetime) -> None:
    state = learnt(ProviderState(name="x"), [BAD, GOOD] * 9, now)
    state = learnt(state, [GOOD, BAD], now + 60 * SECOND)
    assert (state.breaker, state.window_calls) == ("closed", 2)


def test_it_is_open_for_longer_each_time_up_to_five_minutes(now: datetime) -> None:
    state, waits = ProviderState(name="x"), []
    learnt(state, [BAD] * 5, now)
    for _ in range(6):
        assert state.open_until is not None
        waits.append((state.open_until - now) // SECOND)
        state.breaker = Breaker.HALF_OPEN
        learnt(state, [BAD], now, probe=True)
    assert waits == [30, 60, 120, 240, 300, 300]


def test_wrong_credentials_open_it_for_the_longest_time(now: datetime) -> None:
    assert learnt(ProviderState(name="x"), [LOCKED_OUT], now).open_until == now + breakers.LONGEST_PAUSE


def test_two_probes_in_a_row_close_it(now: datetime) -> None:
    state = ProviderState(name="x", breaker=Breaker.HALF_OPEN, openings=2, probe_until=now + 60 * SECOND)
    learnt(state, [GOOD], now, probe=True)
    assert (state.breaker, state.probe_until) == ("half_open", None)
    learnt(state, [GOOD], now, probe=True)
    assert (state.breaker, state.failures, state.openings) == ("closed", 0, 2)


def test_minute_without_opening_makes_the_next_pause_short_again(now: datetime) -> None:
    state = learnt(ProviderState(name="x", openings=4), [GOOD], now)
    assert state.openings == 4
    assert learnt(state, [GOOD], now + 60 * SECOND).openings == 0


def test_calls_that_were_under_way_when_it_opened_change_nothing(now: datetime) -> None:
    state = opened(now + 30 * SECOND)
    learnt(state, [GOOD, BAD, BAD], now)
    assert (state.breaker, state.open_until, state.openings) == ("open", now + 30 * SECOND, 1)


def test_message_that_could_not_be_built_gives_the_probe_back(now: datetime) -> None:
    state = ProviderState(name="x", breaker=Breaker.HALF_OPEN, probe_until=now + 60 * SECOND)
    learnt(state, [Result(outcome=Outcome.DEFERRED, error="not_built", is_ours=True)], now, probe=True)
    assert (state.breaker, state.probe_until) == ("half_open", None)


def test_rest_that_a_provider_asks_for_is_kept_an_hour_at_most(now: datetime) -> None:
    state = learnt(ProviderState(name="x"), [LIMITED], now)
    assert (state.paused_until, breakers.is_usable(state, now)) == (now + 90 * SECOND, False)
    assert breakers.is_usable(state, now + 90 * SECOND)
    for_ever = Result(outcome=Outcome.DEFERRED, retry_after=1e9)
    assert learnt(state, [for_ever], now).paused_until == now + breakers.LONGEST_REST


@pytest.mark.django_db
def test_what_processes_learn_at_once_is_counted_together(now: datetime) -> None:
    boards = [Board(), Board()]
    for board in boards:
        board.look()
    for board in boards:
        board.learn([("x", BAD, False)] * 3, now)
        board.tell(now)
    assert ProviderState.objects.get().breaker == "open"


@pytest.mark.django_db
def test_that_all_is_well_is_written_once_a_second_at_most(now: datetime, django_assert_num_queries: Any) -> None:
    board = Board()
    board.learn([("x", GOOD, False)], now)
    board.tell(now)
    with django_assert_num_queries(0):
        board.learn([("x", GOOD, False)] * 50, now)
        board.tell(now)
    with django_assert_num_queries(1):
        board.tell(now, at_once=True)
    assert ProviderState.objects.get().window_calls == 51


@pytest.mark.django_db(transaction=True)
def test_parallel_failures_are_all_counted(now: datetime) -> None:
    def fail() -> None:
        board = Board()
        board.look()
        board.learn([("x", BAD, False), ("x", GOOD, False)], now)
        board.tell(now)

    assert races.run(9, fail, threads=3) == [None] * 9
    state = ProviderState.objects.get()
    assert (state.window_calls, state.window_failures, state.breaker) == (18, 9, "closed")


@pytest.mark.django_db(transaction=True)
def test_one_of_many_gets_the_probe(now: datetime) -> None:
    state = opened(now)
    state.updated_at = now
    state.save()

    def probe() -> bool:
        board = Board()
        board.look()
        return board.begin_probe("x", now)

    assert sorted(map(bool, races.run(8, probe, threads=8))) == [False] * 7 + [True]


@pytest.mark.django_db
def test_probe_whose_worker_died_is_anybodys_after_its_lease(now: datetime) -> None:
    state = opened(now)
    state.updated_at = now
    state.save()
    for moment, won in ((now, True), (now + SECOND, False), (now + 300 * SECOND, True)):
        board = Board()
        board.look()
        assert board.begin_probe("x", moment) is won


@pytest.mark.django_db
def test_switch_takes_a_provider_out_and_back_with_a_clean_slate(now: datetime) -> None:
    actor = uuid7()
    Board().look()
    assert breakers.switch("recording", off=True, actor=actor, now=now)
    assert not breakers.switch("recording", off=True, actor=actor, now=now)
    state = breakers.states()["recording"]
    assert (state.switched_off, state.switched_by, breakers.is_usable(state, now)) == (True, actor, False)
    ProviderState.objects.update(breaker=Breaker.OPEN, open_until=now + 300 * SECOND, paused_until=now + 300 * SECOND)
    assert breakers.switch("recording", off=False, actor=actor, now=now)
    assert breakers.is_usable(breakers.states()["recording"], now)
