"""The guard against SMS pumping: what it lets out, what it closes and why."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from audit.models import Entry
from kit.ids import uuid7
from kit.testing import races
from notifications import areas, pumping, sending
from notifications.drafts import Draft
from notifications.lanes import Lane
from notifications.models import Message
from notifications.testing import SHORT_GREETING
from notifications.tests.guarding import NUMBER, draft_to, numbers_of

pytestmark = pytest.mark.django_db

PREFIX, OTHER_PREFIX = "+491511234", "+491511235"


def words(drafts: list[Draft], now: datetime) -> list[str]:
    """Pass the gate and return what closed each draft."""
    pumping.gate(drafts, now)
    return [draft.closing for draft in drafts]


@pytest.mark.parametrize(
    ("number", "word"),
    [
        ("+4915112345678", ""),
        ("+442071838750", ""),
        ("+491", "number_not_valid"),
        ("015112345678", "number_not_valid"),
        ("anna@example.com", "number_not_valid"),
        ("+499001234567", "number_type_not_allowed"),
        ("+44163296000", "number_not_valid"),
        ("+18002255288", "number_type_not_allowed"),
        ("+19002255288", "number_type_not_allowed"),
        ("+447012345678", "number_type_not_allowed"),
        ("+881612345678", "number_type_not_allowed"),
        ("+870773123456", "number_type_not_allowed"),
    ],
)
def test_numbers_that_cost_more_or_reach_nobody_are_not_written_to(number: str, word: str, now: datetime) -> None:
    assert words([draft_to(number, now=now)], now) == [word]


@pytest.mark.parametrize(("allowed", "word"), [(["DE"], ""), (["*"], ""), (["AT"], "country_not_allowed")])
def test_only_the_countries_that_are_named_are_written_to(
    settings: Any, now: datetime, allowed: list[str], word: str
) -> None:
    settings.SMS_COUNTRIES = allowed
    assert words([draft_to(now=now)], now) == [word]


def test_production_writes_to_no_country_unless_one_is_named(settings: Any, now: datetime) -> None:
    settings.PRODUCTION = True
    del settings.SMS_COUNTRIES
    assert words([draft_to(now=now)], now) == ["country_not_allowed"]


def test_a_number_gets_so_many_in_an_hour_whatever_they_are_for(settings: Any, now: datetime) -> None:
    settings.SMS_PER_NUMBER = 2
    drafts = [draft_to(now=now, kind=kind) for kind in ("accounts.phone", "mfa.code", "")]
    assert words(drafts, now) == ["", "", "too_many_to_number"]
    assert words([draft_to(now=now)], now + timedelta(hours=1)) == [""]


def test_numbers_one_after_the_other_share_a_limit(settings: Any, now: datetime) -> None:
    settings.SMS_PER_PREFIX = 3
    closed = words([draft_to(number, now=now) for number in numbers_of(PREFIX, 5)], now)
    assert closed == ["", "", "", "too_many_to_prefix", "too_many_to_prefix"]
    assert words([draft_to(OTHER_PREFIX + "0001", now=now)], now) == [""]


def test_knocking_at_one_number_blocks_no_other(settings: Any, now: datetime) -> None:
    settings.SMS_PER_NUMBER, settings.SMS_PER_PREFIX, settings.SMS_PER_DAY = 1, 3, 3
    for _ in range(9):
        pumping.gate([draft_to(PREFIX + "0001", now=now)], now)
    assert words([draft_to(number, now=now) for number in numbers_of(PREFIX, 4)[2:]], now) == ["", ""]


def test_a_person_and_a_network_address_have_limits_of_their_own(settings: Any, now: datetime) -> None:
    settings.SMS_PER_PERSON = settings.SMS_PER_ADDRESS = 1
    anna = uuid7()
    first, second, third, fourth = (f"+49151123{block}0001" for block in range(4, 8))
    assert words([draft_to(first, now=now, person=anna), draft_to(second, now=now, person=anna)], now) == [
        "",
        "too_many_for_person",
    ]
    here = "192.0.2.7"
    assert words([draft_to(third, now=now, address=here), draft_to(fourth, now=now, address=here)], now) == [
        "",
        "too_many_from_address",
    ]


def test_an_application_is_not_held_to_the_address_of_its_server(settings: Any, now: datetime) -> None:
    settings.SMS_PER_ADDRESS = 1
    drafts = [draft_to(f"+49151123{n}0001", now=now, kind="", address="192.0.2.7") for n in range(4, 8)]
    assert words(drafts, now) == ["", "", "", ""]


def test_a_day_has_so_many_and_costs_so_much(settings: Any, now: datetime) -> None:
    settings.SMS_PER_DAY, settings.SMS_COST_PER_DAY = 2, 0
    drafts = [draft_to(f"+49151123{n}0001", now=now) for n in range(4, 7)]
    assert words(drafts, now) == ["", "", "day_spent"]
    settings.SMS_PER_DAY, settings.SMS_COST_PER_DAY = 0, 1
    dear = [draft_to(f"+49151124{n}0001", now=now, cost=400_000) for n in range(4, 7)]
    assert words(dear, now) == ["", "", "money_spent"]


@pytest.mark.parametrize(("lane", "let_out"), [(Lane.NORMAL, 8), (Lane.BULK, 6)])
@pytest.mark.parametrize(("limit", "price"), [("SMS_PER_DAY", 0), ("SMS_COST_PER_DAY", 1_000_000)])
def test_callers_leave_room_for_codes_in_what_a_day_may_have_and_cost(
    settings: Any, now: datetime, *, limit: str, price: int, lane: Lane, let_out: int
) -> None:
    setattr(settings, limit, 10)
    asked = [draft_to(f"+49151{block:04d}0001", now=now, kind="", lane=lane, cost=price) for block in range(1230, 1250)]
    assert words(asked, now).count("") == let_out
    assert not Entry.objects.filter(action="notifications.sms.stopped").exists()  # codes go on
    assert words([draft_to(f"+49151{block:04d}0001", now=now, cost=price) for block in (1260, 1261)], now) == ["", ""]


@pytest.mark.parametrize("limit", ["SMS_PER_NUMBER", "SMS_PER_PREFIX", "SMS_PER_PERSON"])
def test_what_a_caller_sends_stands_in_the_way_of_no_code(settings: Any, now: datetime, limit: str) -> None:
    setattr(settings, limit, 5)
    anna, number = uuid7(), PREFIX + "0001"
    bulk = [draft_to(number, now=now, kind="", lane=Lane.BULK, person=anna) for _ in range(9)]
    assert words(bulk, now).count("") == 3
    codes = [draft_to(number, now=now, person=anna) for _ in range(6)]
    assert [not word for word in words(codes, now)] == [True] * 5 + [False]


def alarm(settings: Any, now: datetime, *, entered: int) -> list[str]:
    """Send ten codes to numbers of one prefix, of which some are entered, and return what becomes of two more."""
    settings.SMS_ALARM_LEAST, settings.SMS_ALARM_PERCENT = 10, 20
    for position, number in enumerate(numbers_of(PREFIX, 10)):
        assert words([draft_to(number, now=now)], now) == [""]
        if position < entered:
            pumping.entered(number=number, now=now)
    return [words([draft_to(PREFIX + last, now=now)], now)[0] for last in ("0500", "0501")]


def test_a_prefix_whose_codes_nobody_enters_gets_no_more_for_an_hour(settings: Any, now: datetime) -> None:
    assert alarm(settings, now, entered=1) == ["area_blocked", "area_blocked"]
    assert words([draft_to(OTHER_PREFIX + "0001", now=now)], now) == [""]
    [entry] = Entry.objects.filter(action="notifications.area.blocked")
    assert entry.details == {"area": PREFIX, "sent": 11, "entered": 1, "minutes": 60}
    assert areas.count_alarms(now) == (1, 0)


def test_a_prefix_whose_codes_are_entered_stays_open(settings: Any, now: datetime) -> None:
    assert alarm(settings, now, entered=3) == ["", ""]
    assert areas.count_alarms(now) == (0, 0)


def test_a_closed_area_is_for_codes_alone(settings: Any, now: datetime) -> None:
    alarm(settings, now, entered=0)
    assert words([draft_to(PREFIX + "0600", now=now, kind="")], now) == [""]


def test_a_closed_prefix_opens_after_the_hour_and_stays_so_where_codes_are_entered(
    settings: Any, now: datetime
) -> None:
    alarm(settings, now, entered=1)
    later = now + timedelta(hours=1, seconds=1)
    numbers = [PREFIX + f"{position:04d}" for position in range(600, 613)]
    for number in numbers:
        assert words([draft_to(number, now=later)], later) == [""]
        pumping.entered(number=number, now=later)
    assert len(Entry.objects.filter(action="notifications.area.blocked")) == 1


def test_a_prefix_that_opened_again_closes_again_while_nobody_enters(settings: Any, now: datetime) -> None:
    alarm(settings, now, entered=0)
    later = now + timedelta(hours=1, seconds=1)
    asked = [words([draft_to(PREFIX + f"{position:04d}", now=later)], later)[0] for position in range(600, 612)]
    assert asked == [""] * 10 + ["area_blocked"] * 2


def test_of_a_country_whose_codes_nobody_enters_staff_are_told_and_its_people_get_theirs(
    settings: Any, now: datetime
) -> None:
    settings.SMS_ALARM_LEAST = 2
    drafts = [draft_to(f"+4915112{block:02d}0001", now=now) for block in range(21)]
    assert words(drafts, now) == [""] * 21
    assert words([draft_to("+4915119990001", now=now)], now) == [""]
    [entry] = Entry.objects.filter(action="notifications.area.blocked")
    assert entry.details == {"area": "DE", "sent": 21, "entered": 0, "minutes": 0}
    assert areas.count_alarms(now) == (1, 0)


@pytest.mark.parametrize("count", [1, 1000])
def test_a_batch_costs_three_statements_whatever_its_size(
    count: int, settings: Any, now: datetime, django_assert_num_queries: Any
) -> None:
    settings.SMS_ALARM_LEAST = 5000
    drafts = [draft_to(f"+49151{1000000 + 7919 * number % 9000000:07d}0", now=now) for number in range(count)]
    with django_assert_num_queries(3):
        pumping.gate(drafts, now)


def test_a_code_of_the_house_that_may_not_go_out_is_written_as_suppressed(settings: Any, now: datetime) -> None:
    settings.SMS_COUNTRIES = ["AT"]
    message = sending.send(kind=SHORT_GREETING, to=NUMBER, reference=uuid7(), now=now)
    kept = Message.objects.get(pk=message.pk)
    assert (kept.status, kept.failure, kept.due_at) == ("suppressed", "country_not_allowed", None)


def test_a_code_of_the_house_that_may_go_out_is_priced(settings: Any, now: datetime) -> None:
    settings.NOTIFICATIONS_PRICES = {"sms": {"49": 75_000}}
    message = sending.send(kind=SHORT_GREETING, to=NUMBER, reference=uuid7(), now=now, address="192.0.2.7")
    assert (message.status, message.segments, message.cost) == ("queued", 1, 75_000)


@pytest.mark.django_db(transaction=True)
def test_parallel_codes_to_one_prefix_are_all_counted(settings: Any, now: datetime) -> None:
    settings.SMS_PER_PREFIX, settings.SMS_ALARM_LEAST = 5, 0
    drafts = [draft_to(number, now=now) for number in numbers_of(PREFIX, 20)]
    waiting = iter(drafts)
    races.run(20, lambda: pumping.gate([next(waiting)], now))
    assert sum(draft.is_open for draft in drafts) == 5
