"""Recovery codes: ten, hard to guess, shown once, good once, and a warning when few are left."""

import datetime as dt
import re
from typing import Any

import pytest

from accounts.models import User
from accounts.testing import ORIGIN, make_person
from audit.testing import the_entry
from mfa import recovery
from mfa.models import RecoveryCode
from mfa.testing import make_recovery_codes
from notifications import testing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty_post_box() -> Any:
    yield
    testing.forget_mail()


def is_right(user: Any, code: str, now: dt.datetime) -> bool:
    return recovery.is_right(user=user, code=code, now=now, origin=ORIGIN)


def test_there_are_ten_of_eighty_random_bits(now: dt.datetime) -> None:
    shown = [code for _ in range(50) for code in make_recovery_codes(make_person(), now=now)]
    assert len(set(shown)) == 50 * recovery.COUNT == 500
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}", code) for code in shown)
    assert len(set("".join(shown))) == 33  # all of the alphabet, and the hyphen


def test_each_is_good_once(now: dt.datetime) -> None:
    user = make_person()
    code, *others = make_recovery_codes(user)
    assert [is_right(user, code, now) for _ in range(3)] == [True, False, False]
    assert recovery.count_left(user) == len(others) == 9
    entry = the_entry("mfa.recovery_code.used")
    assert (entry.actor, entry.details) == (user.pk, {"left": 9})


@pytest.mark.parametrize(
    "written", [str.lower, lambda code: code.replace("-", ""), lambda code: code.replace("-", " "), lambda code: code]
)
def test_it_may_be_written_as_people_do(now: dt.datetime, written: Any) -> None:
    user = make_person()
    assert is_right(user, written(make_recovery_codes(user)[0]), now)


def test_letters_that_look_alike_are_taken_for_what_they_look_like(now: dt.datetime) -> None:
    user = make_person()
    codes = make_recovery_codes(user)
    code = next(code for code in iter(lambda: make_recovery_codes(user)[0], None) if {"0", "1"} <= set(code))
    assert not any(is_right(user, old, now) for old in codes)
    assert is_right(user, code.replace("0", "o").replace("1", "l"), now)


@pytest.mark.parametrize("end", ["\n", " ", "-", "A", "\u0661"])
def test_another_form_is_no_code(now: dt.datetime, end: str) -> None:
    user = make_person()
    code = make_recovery_codes(user)[0]
    assert not is_right(user, code + end, now)
    assert is_right(user, code, now)


def test_another_persons_code_opens_nothing(now: dt.datetime) -> None:
    hers, his = make_person(), make_person()
    code = make_recovery_codes(hers)[0]
    make_recovery_codes(his)
    assert not is_right(his, code, now)
    assert is_right(hers, code, now)


def test_a_stopped_account_uses_none_up(now: dt.datetime) -> None:
    user = make_person()
    code = make_recovery_codes(user)[0]
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert not is_right(user, code, now)
    User.objects.filter(pk=user.pk).update(is_active=True)
    assert is_right(user, code, now)


def test_new_ones_end_the_old_ones(now: dt.datetime) -> None:
    user = make_person()
    old, new = make_recovery_codes(user), make_recovery_codes(user)
    assert not any(is_right(user, code, now) for code in old)
    assert all(is_right(user, code, now) for code in new)


def test_no_code_rests_in_clear(now: dt.datetime) -> None:
    codes = make_recovery_codes(make_person())
    kept = str(list(RecoveryCode.objects.values()))
    assert not any(form in kept for code in codes for form in (code, code.replace("-", ""), code.lower()))


def test_the_owner_is_warned_when_three_are_left_and_not_again(now: dt.datetime) -> None:
    user = make_person()
    mails = []
    for code in make_recovery_codes(user):
        assert is_right(user, code, now)
        mails.append(len(testing.deliver_all(now)))
    assert mails == [0] * 6 + [1] + [0] * 3
    mail = testing.sent[0]
    assert mail.to == (user.email,)
    assert "only 3 are left" in mail.text


def test_nobody_is_warned_of_codes_that_are_gone(now: dt.datetime) -> None:
    user = make_person()
    for code in make_recovery_codes(user)[:7]:
        assert is_right(user, code, now)
    make_recovery_codes(user)
    assert testing.deliver_all(now) == []
