"""Guesses at an account: the policy, and that no race gets past it."""

import datetime as dt
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from kit.testing import races
from limits import guesses
from limits.models import Guess
from limits.testing import fail_tries

NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
DEVICE = guesses.device_lane(UUID("01890a5d-ac96-774b-bcce-b302099a8057"))
pytestmark = pytest.mark.django_db


def _later(**after: float) -> dt.datetime:
    return NOW + dt.timedelta(**after)


def _reserve(
    now: dt.datetime = NOW, *, subject: str = "anna", factor: str = "password", lane: str = guesses.STRANGERS
) -> guesses.Reservation:
    return guesses.reserve(subject=subject, factor=factor, lane=lane, now=now)


def _wait(now: dt.datetime = NOW, **of: str) -> int:
    with pytest.raises(guesses.Locked) as refusal:
        _reserve(now, **of)
    return refusal.value.retry_after


def _spend_the_day() -> None:
    """Use up the whole day of strangers without a pause: ten tries with each of ten factors."""
    for number in range(10):
        assert fail_tries(10, subject="anna", factor=f"spent{number}", now=NOW) == 10


def test_ten_tries_are_free_and_the_eleventh_waits() -> None:
    assert fail_tries(30, subject="anna", now=NOW) == 10
    assert _wait() == 30


def test_refusal_has_the_code_of_the_contract() -> None:
    assert guesses.Locked(3).code == "account_locked"


def test_pauses_double_up_to_an_hour() -> None:
    fail_tries(10, subject="anna", now=NOW)
    now, pauses = NOW, []
    for _ in range(9):
        pauses.append(_wait(now))
        now += dt.timedelta(seconds=pauses[-1])
        _reserve(now)
    assert pauses == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_try_within_the_pause_counts_nothing_and_prolongs_nothing() -> None:
    fail_tries(10, subject="anna", now=NOW)
    before = list(Guess.objects.order_by("factor").values())
    assert fail_tries(50, subject="anna", now=_later(seconds=29)) == 0
    assert list(Guess.objects.order_by("factor").values()) == before
    assert _wait(_later(seconds=29)) == 1
    _reserve(_later(seconds=30))


def test_accounts_and_factors_are_counted_apart() -> None:
    fail_tries(10, subject="anna", now=NOW)
    _reserve(subject="berta")
    _reserve(factor="totp")


def test_success_ends_the_run_and_gives_its_own_try_back() -> None:
    fail_tries(9, subject="anna", now=NOW)
    guesses.succeeded(_reserve(), now=NOW)
    run, day = sorted(guesses.state("anna", now=NOW), key=lambda standing: standing.tries)
    assert (run.factor, run.tries, day.factor, day.tries) == ("password", 0, "", 9)
    assert fail_tries(30, subject="anna", now=NOW) == 10


def test_success_with_one_factor_forgets_no_try_with_another() -> None:
    fail_tries(10, subject="anna", factor="totp", now=NOW)
    guesses.succeeded(_reserve(), now=NOW)
    assert _wait(factor="totp") == 30


def test_success_of_another_account_forgets_nothing() -> None:
    fail_tries(10, subject="anna", now=NOW)
    guesses.succeeded(_reserve(subject="mallory"), now=NOW)
    assert _wait() == 30


def test_known_device_is_not_locked_out_by_strangers() -> None:
    _spend_the_day()
    assert _wait() > 3600
    guesses.succeeded(_reserve(lane=DEVICE), now=NOW)
    assert fail_tries(30, subject="anna", lane=DEVICE, now=NOW) == 10


def test_success_on_a_known_device_frees_no_stranger() -> None:
    fail_tries(10, subject="anna", now=NOW)
    guesses.succeeded(_reserve(lane=DEVICE), now=NOW)
    assert _wait() == 30


def test_strangers_have_a_hundred_tries_a_day_with_all_factors_together() -> None:
    for factor in (f"factor{number}" for number in range(9)):
        assert fail_tries(10, subject="anna", factor=factor, now=NOW) == 10
    assert fail_tries(9, subject="anna", factor="last", now=NOW) == 9
    assert fail_tries(9, subject="anna", factor="another", now=_later(hours=23)) == 1
    assert _wait(_later(hours=23), factor="third") == 3600
    assert fail_tries(1, subject="anna", factor="third", now=_later(hours=24)) == 1


def test_lanes_of_strangers_share_one_day() -> None:
    for lane in (f"network:{number}" for number in range(10)):
        assert fail_tries(10, subject="anna", lane=lane, now=NOW) == 10
    assert fail_tries(1, subject="anna", lane="network:10", now=NOW) == 0


def test_known_device_has_a_day_of_its_own() -> None:
    for factor in (f"factor{number}" for number in range(12)):
        fail_tries(10, subject="anna", factor=factor, lane=DEVICE, now=NOW)
    assert Guess.objects.get(factor="", lane=DEVICE).tries == 100
    _reserve()


def test_refusal_by_the_day_takes_back_the_run_that_was_raised() -> None:
    _spend_the_day()
    assert _wait(factor="fresh") == 86_400
    assert not Guess.objects.filter(factor="fresh").exists()


def test_right_hundredth_try_opens_the_day_again() -> None:
    for number in range(9):
        fail_tries(10, subject="anna", factor=f"factor{number}", now=NOW)
    fail_tries(9, subject="anna", factor="last", now=NOW)
    reservation = _reserve()
    assert _wait(factor="other") == 86_400
    guesses.succeeded(reservation, now=NOW)
    assert fail_tries(5, subject="anna", factor="other", now=NOW) == 1


def test_success_after_the_day_has_turned_gives_nothing_back_to_the_new_one() -> None:
    reservation = _reserve()
    _reserve(_later(hours=24))
    guesses.succeeded(reservation, now=_later(hours=24))
    assert Guess.objects.get(factor="").tries == 1


def test_run_is_forgotten_after_a_day_without_a_try() -> None:
    fail_tries(10, subject="anna", now=NOW)
    assert fail_tries(30, subject="anna", now=_later(hours=24)) == 10


def test_success_after_unlocking_or_purging_does_no_harm() -> None:
    reservation = _reserve()
    guesses.unlock("anna")
    guesses.succeeded(reservation, now=NOW)
    assert fail_tries(30, subject="anna", now=NOW) == 10


def test_staff_see_how_an_account_stands() -> None:
    fail_tries(10, subject="anna", now=NOW)
    day, run = guesses.state("anna", now=NOW)
    assert (day.factor, day.tries, day.blocked_until) == ("", 10, None)
    assert (run.factor, run.tries, run.blocked_until) == ("password", 10, _later(seconds=30))
    assert [str(guess) for guess in Guess.objects.order_by("factor")] == [
        "10 x any factor (strangers)",
        "10 x password (strangers)",
    ]


def test_purge_deletes_what_is_forgotten() -> None:
    _reserve()
    _reserve(_later(hours=1), subject="berta")
    assert guesses.purge(_later(hours=24)) == 2
    assert set(Guess.objects.values_list("subject", flat=True)) == {"berta"}


def test_reserving_is_one_statement_and_succeeding_another() -> None:
    def written(queries: CaptureQueriesContext) -> list[str]:
        return [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]

    with CaptureQueriesContext(connection) as reserving:
        reservation = _reserve()
    with CaptureQueriesContext(connection) as succeeding:
        guesses.succeeded(reservation, now=NOW)
    assert (len(written(reserving)), len(written(succeeding))) == (1, 1)


def test_try_without_a_factor_is_an_error() -> None:
    with pytest.raises(ValueError, match="factor"):
        _reserve(factor="")


@pytest.mark.django_db(transaction=True)
def test_try_that_the_callers_transaction_could_undo_is_an_error() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        _reserve()


@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_parallel_tries_ten_get_through() -> None:
    outcomes = races.run(100, _reserve)
    passed = [outcome for outcome in outcomes if isinstance(outcome, guesses.Reservation)]
    assert len(passed) == 10
    assert {type(outcome) for outcome in outcomes} == {guesses.Reservation, guesses.Locked}


@pytest.mark.django_db(transaction=True)
def test_parallel_tries_with_many_factors_stay_within_the_day() -> None:
    factors = iter(f"factor{number % 12}" for number in range(144))
    outcomes = races.run(144, lambda: _reserve(factor=next(factors)))
    passed = [outcome for outcome in outcomes if isinstance(outcome, guesses.Reservation)]
    assert len(passed) == Guess.objects.get(factor="").tries == 100


@pytest.mark.django_db(transaction=True)
def test_parallel_successes_and_tries_do_not_stand_in_each_others_way() -> None:
    factors = iter(f"factor{number % 2}" for number in range(100))
    outcomes = races.run(100, lambda: guesses.succeeded(_reserve(factor=next(factors)), now=NOW))
    assert outcomes == [None] * 100
    assert Guess.objects.get(factor="").tries == 0


def test_locked_accounts_are_counted_while_they_are_locked() -> None:
    for subject in ("anna", "berta"):
        fail_tries(10, subject=subject, now=NOW)
    fail_tries(9, subject="clara", now=NOW)
    assert guesses.count_locked(NOW) == 2
    assert guesses.count_locked(NOW, most=1) == 1
    assert guesses.count_locked(_later(seconds=31)) == 0
