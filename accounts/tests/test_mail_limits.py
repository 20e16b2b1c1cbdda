"""How much unasked-for mail one address gets."""

import datetime as dt
from typing import Any

import pytest

from accounts import mail_limits
from kit.testing import races

pytestmark = pytest.mark.django_db


def count_allowed(addresses: list[str], now: dt.datetime, *, is_reset: bool = True) -> int:
    return sum(mail_limits.may_mail(address=address, now=now, is_reset=is_reset) for address in addresses)


def test_an_address_gets_three_mails_an_hour(now: dt.datetime) -> None:
    assert count_allowed(["anna@example.com"] * 5, now) == 3
    assert count_allowed(["anna@example.com"], now + dt.timedelta(hours=1)) == 1


@pytest.mark.parametrize("resets_before", [0, 1, 2])
def test_the_last_mail_of_an_hour_is_kept_for_a_new_password(now: dt.datetime, resets_before: int) -> None:
    assert count_allowed(["anna@example.com"] * resets_before, now) == resets_before
    assert count_allowed(["anna@example.com"] * 9, now, is_reset=False) == 2 - resets_before
    assert count_allowed(["anna@example.com"] * 9, now) == 1


def test_of_one_mail_an_hour_none_is_kept(settings: Any, now: dt.datetime) -> None:
    settings.ACCOUNTS_MAILS_PER_HOUR = 1
    assert count_allowed(["anna@example.com"] * 2, now, is_reset=False) == 1
    assert count_allowed(["anna@example.com"], now) == 0


@pytest.mark.parametrize("twin", ["anna+7@example.com", "a.n.n.a@example.com", "ANNA@Example.com", " anna@example.com"])
def test_what_leads_to_one_mailbox_is_counted_together(twin: str, now: dt.datetime) -> None:
    assert count_allowed(["anna@example.com"] * 3 + [twin], now) == 3


def test_another_mailbox_has_a_budget_of_its_own(now: dt.datetime) -> None:
    assert count_allowed(["anna@example.com"] * 3 + ["anna@example.org", "bert@example.com"], now) == 5


@pytest.mark.django_db(transaction=True)
def test_of_fifty_at_once_three_are_allowed(now: dt.datetime) -> None:
    results = races.run(50, lambda: mail_limits.may_mail(address="anna@example.com", now=now, is_reset=True))
    assert results.count(True) == 3
