"""What every mail that asks somebody to react tells her: when, and from where."""

import datetime as dt
from collections.abc import Callable

import pytest

from accounts import addresses, erasure, password_changes, reversals
from accounts.models import User
from accounts.testing import ORIGIN, make_person
from notifications.testing import deliver_all

pytestmark = pytest.mark.django_db


def ask_for_a_password(user: User, now: dt.datetime) -> None:
    password_changes.request_reset(email=user.email, now=now, origin=ORIGIN)


def delete(user: User, now: dt.datetime) -> None:
    erasure.request(user=user, actor=user, now=now, origin=ORIGIN)


def change_the_address(user: User, now: dt.datetime) -> None:
    addresses.change(user=user, email="new@example.com", now=now, origin=ORIGIN)


def change_the_password(user: User, now: dt.datetime) -> None:
    before = reversals.state_of(user)
    reversals.notify(user=user, change="password", before=before, to=user.email, now=now, origin=ORIGIN)


@pytest.mark.parametrize("act", [ask_for_a_password, delete, change_the_address, change_the_password])
def test_a_notice_tells_when_and_from_where(act: Callable[[User, dt.datetime], None], now: dt.datetime) -> None:
    user = make_person()
    act(user, now)
    told = mail_to(user.email, now)
    assert f"When: {now:%-d %B %Y %H:%M} UTC" in told
    assert f"From: the network address {ORIGIN.address}" in told


def test_a_link_that_staff_have_sent_tells_nothing_of_where_they_sit(now: dt.datetime) -> None:
    user = make_person()
    password_changes.send_link(user=user, address=user.email, now=now)
    told = mail_to(user.email, now)
    assert ("When: " in told, "From: " in told) == (True, False)


def mail_to(address: str, now: dt.datetime) -> str:
    """Send what is due and return the plain text of the one mail to an address."""
    (mail,) = [mail for mail in deliver_all(now) if address in mail.to]
    return mail.text
