"""Devices that a person has signed in from: known by a token, told of when new, forgotten when unseen."""

import datetime as dt
from typing import Any

import pytest

from accounts import devices, reversals
from accounts.message_kinds.sessions import NEW_DEVICE
from accounts.models import Device, Link, Session
from accounts.testing import ORIGIN, make_person, sign_in
from audit.testing import the_entry
from notifications.models import Message
from notifications.testing import deliver_all, link_in

pytestmark = pytest.mark.django_db

YEAR = dt.timedelta(days=365)


def test_a_device_token_can_be_told_again_and_is_not_stored(now: dt.datetime) -> None:
    device = devices.register(user=make_person(), name="Phone", now=now)
    token = devices.token_of(device)
    assert devices.find_known(user=device.user, token=token) == device
    assert token not in str(list(Device.objects.values_list()))
    device.key_id = "gone"
    assert devices.token_of(device) == ""


def told_of() -> list[Any]:
    """Return the sessions that a person was told of."""
    notices = Message.objects.filter(kind=NEW_DEVICE.name).values_list("reference", flat=True)
    return [link.data["data"]["session"] for link in Link.objects.filter(pk__in=list(notices))]


def test_the_first_device_of_all_is_not_told_and_the_second_is(now: dt.datetime) -> None:
    first = sign_in(now=now)
    assert told_of() == []
    second = sign_in(first.user, now=now)
    assert told_of() == [str(second.session.pk)]
    sign_in(now=now)
    assert told_of() == [str(second.session.pk)]


def test_a_known_device_is_not_told_again(now: dt.datetime) -> None:
    first = sign_in(now=now)
    token = devices.token_of(first.session.device)
    sign_in(first.user, now=now, device_token=token)
    assert told_of() == []


def test_the_notice_says_which_device_when_and_from_where(now: dt.datetime) -> None:
    first = sign_in(make_person(first_name="Anna"), now=now)
    second = sign_in(first.user, now=now, device_name="New phone").session
    Session.objects.filter(pk=second.pk).update(place="Berlin, Germany")
    (mail,) = deliver_all()
    for words in ("Anna", "New phone", "Berlin, Germany", ORIGIN.address, f"{now:%H:%M} UTC", "http://testserver"):
        assert words in mail.text
        assert words in mail.html


def test_the_owner_says_by_the_notice_that_it_was_not_her(now: dt.datetime) -> None:
    first = sign_in(now=now)
    theirs = sign_in(first.user, now=now).session
    (mail,) = deliver_all()
    token = link_in(mail).partition("token=")[2]
    user = reversals.undo(token=token, now=now, origin=ORIGIN)
    theirs.refresh_from_db()
    assert (theirs.end_reason, user.frozen_at) == ("undone", now)
    assert the_entry("accounts.change.undone").details == {"change": "sign_in", "changes": 1}


def test_a_session_that_is_gone_has_no_notice(now: dt.datetime) -> None:
    first = sign_in(now=now)
    sign_in(first.user, now=now).session.delete()
    assert deliver_all() == []
    assert NEW_DEVICE.content(make_person().pk, now) is None


def test_a_device_unseen_for_a_year_is_known_no_more(now: dt.datetime) -> None:
    session = sign_in(now=now).session
    token = devices.token_of(session.device)
    session.delete()
    assert devices.purge(now=now + YEAR - dt.timedelta(seconds=1)) == 0
    assert devices.purge(now=now + YEAR) == 1
    assert devices.find_known(user=session.user, token=token) is None


def test_a_device_with_a_session_is_kept(now: dt.datetime) -> None:
    sign_in(now=now)
    assert devices.purge(now=now + YEAR) == 0
    assert Device.objects.exists()
