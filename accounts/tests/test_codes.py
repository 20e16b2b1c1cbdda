"""Codes of six digits: how often, how many tries, and which one is good."""

import datetime as dt
import re

import pytest

from accounts import codes, people
from accounts.models import SentCode, User
from accounts.testing import make_person
from kit.errors import Invalid, Throttled
from kit.testing import races
from limits import counters
from notifications.channels import Channel

pytestmark = pytest.mark.django_db

PHONE = SentCode.Purpose.PHONE
NUMBER = "+4915112345678"
SECONDS = dt.timedelta(seconds=1)


def issue(user: User | None, now: dt.datetime) -> SentCode:
    return codes.issue(purpose=PHONE, user=user, channel=Channel.SMS, to=NUMBER, now=now)


def use(user: User | None, code: str, now: dt.datetime) -> SentCode:
    subject = people.guess_subject(user, "nobody")
    codes.count_try(purpose=PHONE, subject=subject, now=now)
    return codes.use(purpose=PHONE, user=user, subject=subject, code=code, now=now)


def wrong(row: SentCode) -> str:
    return f"{(int(codes.text_of(row)) + 1) % 1_000_000:06d}"


def count_sent(subject: str, to: str, moments: list[dt.datetime]) -> list[int]:
    """Return the seconds that each of these was told to wait; 0 where it was sent."""

    def wait(moment: dt.datetime) -> int:
        try:
            codes.pace(subject=subject, to=to, now=moment)
        except Throttled as refused:
            return refused.retry_after
        return 0

    return [wait(moment) for moment in moments]


def test_a_code_is_six_digits_and_good_once(now: dt.datetime) -> None:
    user = make_person()
    code = codes.text_of(issue(user, now))
    assert re.fullmatch(r"\d{6}", code)
    assert use(user, code, now).to == NUMBER
    with pytest.raises(Invalid) as refused:
        use(user, code, now)
    assert refused.value.field == "code"


def test_a_row_does_not_tell_its_code(now: dt.datetime) -> None:
    row = issue(make_person(), now)
    assert codes.text_of(row) not in "".join(map(str, SentCode.objects.values_list("digest", "to", "key_id")[0]))


def test_a_code_ends_after_ten_minutes(now: dt.datetime) -> None:
    user = make_person()
    row = issue(user, now)
    assert codes.is_good(row, now=now + 599 * SECONDS)
    with pytest.raises(Invalid):
        use(user, codes.text_of(row), now + 600 * SECONDS)


def test_only_the_newest_code_is_good(now: dt.datetime) -> None:
    user = make_person()
    first, second = issue(user, now), issue(user, now)
    if codes.text_of(first) != codes.text_of(second):  # one time in a million they are equal
        with pytest.raises(Invalid):
            use(user, codes.text_of(first), now)
    assert use(user, codes.text_of(second), now).pk == second.pk


def test_a_code_is_nobody_elses(now: dt.datetime) -> None:
    code = codes.text_of(issue(make_person(), now))
    with pytest.raises(Invalid):
        use(make_person(), code, now)


def test_a_code_for_nobody_opens_nothing(now: dt.datetime) -> None:
    row = issue(None, now)
    assert not codes.is_good(row, now=now)
    with pytest.raises(Invalid):
        use(None, codes.text_of(row), now)


def test_a_voided_code_is_good_no_more(now: dt.datetime) -> None:
    user = make_person()
    row = issue(user, now)
    assert codes.void(user=user, purpose=PHONE, now=now) == 1
    with pytest.raises(Invalid):
        use(user, codes.text_of(row), now)


def test_five_tries_are_all_that_a_person_has_however_many_codes_she_asks_for(now: dt.datetime) -> None:
    user = make_person()
    for _ in range(codes.TRIES):
        row = issue(user, now)
        with pytest.raises(Invalid):
            use(user, wrong(row), now)
    with pytest.raises(Throttled) as refused:
        use(user, codes.text_of(row), now)
    assert refused.value.retry_after == codes.TRIES_WINDOW
    later = now + 600 * SECONDS
    assert use(user, codes.text_of(issue(user, later)), later).used_at == later


def test_a_right_code_costs_no_try(now: dt.datetime) -> None:
    user = make_person()
    for _ in range(codes.TRIES + 1):
        use(user, codes.text_of(issue(user, now)), now)


def test_a_minute_lies_between_two_codes(now: dt.datetime) -> None:
    assert count_sent("anna", NUMBER, [now, now + 20 * SECONDS, now + 60 * SECONDS]) == [0, 40, 0]


def test_five_codes_go_out_in_ten_minutes_and_ten_a_day(now: dt.datetime) -> None:
    waits = count_sent("anna", NUMBER, [now + 60 * SECONDS * minute for minute in range(60)])
    assert waits[:7] == [0, 0, 0, 0, 0, 300, 240]
    assert waits.count(0) == 10
    assert count_sent("anna", NUMBER, [now + dt.timedelta(days=1)]) == [0]


def test_a_number_is_not_rung_all_day_by_many_accounts(now: dt.datetime) -> None:
    waits = [count_sent(f"person {minute}", NUMBER, [now + 60 * SECONDS * minute])[0] for minute in range(30)]
    assert waits.count(0) == 10


def test_purging_keeps_codes_for_a_day_after_their_end(now: dt.datetime) -> None:
    issue(make_person(), now)
    assert codes.purge(now=now + dt.timedelta(hours=24)) == 0
    assert codes.purge(now=now + dt.timedelta(hours=24, minutes=10)) == 1


@pytest.mark.django_db(transaction=True)
def test_of_fifty_uses_of_a_code_at_once_one_passes(now: dt.datetime) -> None:
    user = make_person()
    code = codes.text_of(issue(user, now))
    results = races.run(50, lambda: codes.use(purpose=PHONE, user=user, subject="anna", code=code, now=now))
    assert sum(isinstance(result, SentCode) for result in results) == 1


@pytest.mark.django_db(transaction=True)
def test_of_fifty_wrong_codes_at_once_five_are_looked_at(now: dt.datetime) -> None:
    user = make_person()
    code = wrong(issue(user, now))
    results = races.run(50, lambda: use(user, code, now))
    assert sum(isinstance(result, Invalid) for result in results) == codes.TRIES
    assert sum(isinstance(result, Throttled) for result in results) == 50 - codes.TRIES


@pytest.mark.parametrize(("channel", "counted"), [(Channel.SMS, 1), (Channel.EMAIL, None)])
def test_a_code_by_short_message_that_is_entered_is_told_to_the_guard(
    channel: Channel, counted: int | None, now: dt.datetime
) -> None:
    person = make_person()
    row = codes.issue(purpose=PHONE, user=person, channel=channel, to=NUMBER, now=now)
    codes.use(purpose=PHONE, user=person, subject=str(person.pk), code=codes.text_of(row), now=now)
    key = f"sms:entered:{now:%Y-%m-%d}:{NUMBER[:-4]}"
    assert counters.read([key], now=now).get(key) == counted
