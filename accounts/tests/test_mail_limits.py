"""How much unasked-for mail one address gets."""

import datetime as dt

import pytest

from accounts import mail_limits
from kit.testing import races

pytestmark = pytest.mark.django_db


def count_allowed(addresses: list[str], now: dt.datetime) -> int:
    return sum(mail_limits.may_mail(address=address, now=now) for address in addresses)


def test_an_address_gets_three_mails_an_hour(now: dt.datetime) -> None:
    assert count_allowed(["anna@example.com"] * 5, now) == 3
    assert count_allowed(["anna@example.com"], now + dt.timedelta(hours=1)) == 1


@pytest.mark.parametrize("twin", ["anna+7@example.com", "a.n.n.a@example.com", "ANNA@Example.com", " anna@example.com"])
def test_what_leads_to_one_mailbox_is_counted_together(twin: str, now: dt.datetime) -> None:
    assert count_allowed(["anna@example.com"] * 3 + [twin], now) == 3


def test_another_mailbox_has_a_budget_of_its_own(now: dt.datetime) -> None:
    assert count_allowed(["anna@example.com"] * 3 + ["anna@example.org", "bert@example.com"], now) == 5


@pytest.mark.django_db(transaction=True)
def test_of_fifty_at_once_three_are_allowed(now: dt.datetime) -> None:
    results = races.run(50, lambda: mail_limits.may_mail(address="anna@example.com", now=now))
    assert results.count(True) == 3
