"""The owner of an account that strangers have been guessing at."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import devices, links, lockouts, login
from accounts.message_kinds.lockouts import locked_notice
from accounts.message_kinds.sessions import NEW_DEVICE
from accounts.models import Device, Link, Session, User
from accounts.testing import ORIGIN, PASSWORD, make_person, sign_in
from audit.testing import entries, the_entry
from kit.errors import Invalid
from limits.guesses import FREE_TRIES, STRANGERS, Locked
from notifications.kinds import Content
from notifications.models import Message

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


def begin(name: str, password: str, now: dt.datetime, **more: Any) -> Any:
    credentials = login.Credentials(name=name, password=password, **more)
    return login.begin(credentials=credentials, door=Session.Door.API, now=now, origin=ORIGIN)


def guess(name: str, now: dt.datetime, *, times: int = FREE_TRIES + 3, **more: Any) -> int:
    """Make wrong tries; return how many were looked at."""
    looked = 0
    for n in range(times):
        try:
            begin(name, f"wrong {n}", now, **more)
        except login.InvalidCredentials:
            looked += 1
        except Locked:
            continue
    return looked


def token_for(user: User) -> str:
    """Return the token of the newest link that was mailed to let her in."""
    return links.text_of(Link.objects.filter(user=user, purpose=Link.Purpose.UNLOCK).latest("pk"))


def let_in(user: User, now: dt.datetime) -> str:
    """Use the link of her mail; return the token of the device that came of it."""
    return devices.token_of(lockouts.let_in(token=token_for(user), now=now, origin=ORIGIN))


def content_of(message: Message, now: dt.datetime) -> Content | None:
    """Build what the worker would mail."""
    assert message.reference is not None
    return locked_notice(message.reference, now)


def test_the_owner_is_told_once_a_day_with_a_link(now: dt.datetime) -> None:
    user = make_person(first_name="Anna", locale="de")
    for hour in (0, 2, 4, 23):
        guess(user.email, now + hour * HOUR)
    message = Message.objects.get(kind="accounts.locked")
    assert (message.to, message.locale) == ([user.email], "de")
    content = content_of(message, now)
    assert content is not None
    context = content.context
    assert (context["name"], context["hours"]) == ("Anna", 24)
    assert context["link"].endswith(f"/unlock?token={token_for(user)}")
    assert the_entry("accounts.lockout.announced").target == str(user.pk)
    guess(user.email, now + 25 * HOUR)
    assert Message.objects.filter(kind="accounts.locked").count() == 2


def test_nobody_is_told_before_the_free_tries_are_used_up(now: dt.datetime) -> None:
    guess(make_person().email, now, times=FREE_TRIES - 1)
    assert not Message.objects.exists()


def test_tries_from_a_known_device_are_not_told_of(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    guess(signed_in.user.email, now, device_token=devices.token_of(signed_in.session.device))
    assert not Message.objects.filter(kind="accounts.locked").exists()


def test_a_name_that_nobody_holds_costs_the_same_statements_and_sends_nothing(now: dt.datetime) -> None:
    begin(make_person().email, PASSWORD, now)
    told = []
    for name in (make_person().email, "nobody@example.com"):
        with CaptureQueriesContext(connection) as queries:
            guess(name, now, times=FREE_TRIES)
        told.append([query["sql"].split()[0] for query in queries.captured_queries])
    assert told[0] == told[1]
    message = Message.objects.get(kind="accounts.locked", to=[lockouts.NOBODY])
    assert content_of(message, now) is None


@pytest.mark.parametrize("gone", ["used", "over", "stopped"])
def test_a_link_that_is_good_no_more_is_not_mailed(now: dt.datetime, gone: str) -> None:
    user = make_person()
    guess(user.email, now)
    if gone == "used":
        let_in(user, now)
    if gone == "stopped":
        User.objects.update(is_active=False)
    later = now + 24 * HOUR * (gone == "over")
    assert content_of(Message.objects.get(kind="accounts.locked"), later) is None


def test_the_link_lets_its_holder_in_while_strangers_wait(now: dt.datetime) -> None:
    user = make_person()
    guess(user.email, now)
    token = let_in(user, now)
    with pytest.raises(Locked):
        begin(user.email, PASSWORD, now)
    assert begin(user.email, PASSWORD, now, device_token=token)
    lifted = the_entry("accounts.lockout.lifted")
    assert (lifted.actor, lifted.details) == (user.pk, {"by": "link"})


def test_the_first_sign_in_by_the_link_is_told_as_one_from_a_new_device(now: dt.datetime) -> None:
    user = make_person()
    begin(user.email, PASSWORD, now)
    guess(user.email, now)
    token = let_in(user, now)
    for _ in range(2):
        begin(user.email, PASSWORD, now, device_token=token)
    assert Message.objects.filter(kind=NEW_DEVICE.name).count() == 1


def test_the_link_gives_ten_tries_and_strangers_none(now: dt.datetime) -> None:
    user = make_person()
    guess(user.email, now)
    token = let_in(user, now)
    assert guess(user.email, now, times=30) == 0
    assert guess(user.email, now, times=30, device_token=token) == FREE_TRIES
    assert guess(user.email, now + HOUR / 2, times=30, device_token=token) == 0


def test_a_device_that_was_let_in_and_never_signed_in_is_forgotten_after_an_hour(now: dt.datetime) -> None:
    user, other = make_person(), make_person()
    guess(user.email, now)
    guess(other.email, now)
    unused, used = let_in(user, now), let_in(other, now)
    begin(other.email, PASSWORD, now, device_token=used)
    assert lockouts.purge(now=now + HOUR - dt.timedelta(seconds=1)) == 0
    assert lockouts.purge(now=now + HOUR) == 1
    assert devices.find_known(user=user, token=unused) is None
    assert devices.find_known(user=other, token=used)


def test_a_link_is_good_once(now: dt.datetime) -> None:
    user = make_person()
    guess(user.email, now)
    let_in(user, now)
    with pytest.raises(Invalid) as refused:
        let_in(user, now)
    assert (refused.value.field, refused.value.reason) == ("token", "invalid")
    assert the_entry("accounts.unlock.refused").outcome == "refused"


@pytest.mark.parametrize("token", ["", "x", "a" * 43])
def test_what_is_no_link_lets_nobody_in(now: dt.datetime, token: str) -> None:
    with pytest.raises(Invalid):
        lockouts.let_in(token=token, now=now, origin=ORIGIN)
    assert not Device.objects.exists()


def test_the_link_of_a_stopped_account_is_not_spent(now: dt.datetime) -> None:
    user = make_person()
    guess(user.email, now)
    User.objects.update(is_active=False)
    with pytest.raises(Invalid):
        let_in(user, now)
    User.objects.update(is_active=True)
    assert let_in(user, now)


def test_staff_see_both_lanes_and_end_every_wait(now: dt.datetime) -> None:
    signed_in, staff = sign_in(now=now), make_person(is_staff=True)
    user, known = signed_in.user, devices.token_of(signed_in.session.device)
    guess(user.email, now)
    guess(user.email, now, device_token=known)
    lanes = {one.lane for one in lockouts.standings(user=user, now=now) if one.blocked_until}
    assert lanes == {STRANGERS, f"device:{signed_in.session.device_id}"}
    lockouts.unlock(user=user, actor=staff.pk, now=now)
    assert not [one for one in lockouts.standings(user=user, now=now) if one.blocked_until]
    assert begin(user.email, PASSWORD, now)
    lifted = the_entry("accounts.lockout.lifted")
    assert (lifted.actor, lifted.target, lifted.details) == (staff.pk, str(user.pk), {"by": "staff"})


def test_unlocking_gives_strangers_no_more_than_a_day_and_its_owner_a_link(now: dt.datetime) -> None:
    user, looked = make_person(), 0
    for _ in range(15):
        looked += guess(user.email, now)
        lockouts.unlock(user=user, actor=None, now=now)
    assert looked == 100
    assert len(entries("accounts.lockout.announced")) == 1
    assert begin(user.email, PASSWORD, now, device_token=let_in(user, now))
