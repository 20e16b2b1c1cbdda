"""How long a session goes on, how many one person has, and how long they are remembered."""

import datetime as dt
from typing import Any

import pytest
from django.db import transaction

from accounts import sessions
from accounts.models import Session, User
from accounts.testing import ORIGIN, make_person, sign_in
from audit.testing import the_entry
from kit.testing import races

pytestmark = pytest.mark.django_db

API = Session.Door.API


def find(session: Session, now: dt.datetime) -> sessions.Caller | None:
    return sessions.find_live(session_id=session.pk, door=API, now=now)


def test_a_session_ends_at_its_absolute_end(now: dt.datetime) -> None:
    session = sign_in(now=now).session
    assert sessions.find_live(session_id=session.pk, door=API, now=session.expires_at) is None


def test_an_unused_session_is_over_after_its_idle_time_and_a_used_one_goes_on(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_SESSION_IDLE = 3600
    session, hour = sign_in(now=now).session, dt.timedelta(hours=1)
    assert find(session, now + hour) is None
    sessions.touch(session=session, now=now + hour / 2)
    assert find(session, now + hour) is not None
    assert [one.pk for one in sessions.list_live(user=session.user, now=now + hour)] == [session.pk]
    assert sessions.list_live(user=session.user, now=now + hour * 1.5) == []


def test_staff_are_signed_out_sooner_than_others(now: dt.datetime) -> None:
    hers, staff = sign_in(now=now).session, sign_in(make_person(is_staff=True), now=now).session
    for hours in (1, 13):
        Session.objects.update(last_seen_at=now + dt.timedelta(hours=hours - 1, seconds=1))
        assert find(hers, now + dt.timedelta(hours=hours)) is not None
    assert find(staff, now + dt.timedelta(hours=13)) is None
    Session.objects.update(last_seen_at=now)
    assert find(staff, now + dt.timedelta(minutes=59)) is not None
    assert find(staff, now + dt.timedelta(minutes=60)) is None
    assert sessions.list_live(user=staff.user, now=now + dt.timedelta(minutes=60)) == []


def test_who_becomes_staff_is_held_to_their_times_at_once(now: dt.datetime) -> None:
    session = sign_in(now=now).session
    User.objects.update(is_staff=True)
    assert find(session, now + dt.timedelta(minutes=61)) is None


def test_of_more_sessions_than_allowed_the_oldest_ends(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_SESSIONS_AT_ONCE = 2
    user = make_person()
    begun = [sign_in(user, now=now + dt.timedelta(seconds=number)).session for number in range(3)]
    sign_in(now=now)
    live = sessions.list_live(user=user, now=now + dt.timedelta(seconds=3))
    assert [one.pk for one in live] == [begun[2].pk, begun[1].pk]
    assert Session.objects.get(pk=begun[0].pk).end_reason == Session.EndReason.LIMIT
    assert the_entry("accounts.sessions.ended").details == {"reason": "limit", "count": 1}


def test_what_is_over_anyway_takes_no_place_among_the_sessions_allowed(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_SESSIONS_AT_ONCE = 2
    user = make_person()
    used, unused = sign_in(user, now=now).session, sign_in(user, now=now).session
    later = now + dt.timedelta(days=8)
    Session.objects.filter(pk=used.pk).update(last_seen_at=later)
    third = sign_in(user, now=later).session
    assert {one.pk for one in sessions.list_live(user=user, now=later)} == {used.pk, third.pk}
    assert Session.objects.get(pk=unused.pk).ended_at is None


def test_any_number_of_sessions_may_be_allowed(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_SESSIONS_AT_ONCE = 0
    user = make_person()
    for _ in range(3):
        sign_in(user, now=now)
    assert len(sessions.list_live(user=user, now=now)) == 3


@pytest.mark.django_db(transaction=True)
def test_parallel_sign_ins_never_leave_more_sessions_than_allowed(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_SESSIONS_AT_ONCE = 3
    user = make_person()
    proofs = sessions.Proofs(methods=("pwd",), at=now)

    def begin() -> Session:
        with transaction.atomic():
            return sessions.start(user=user, proofs=proofs, door=API, origin=ORIGIN, now=now)

    begun = races.run(24, begin)
    assert {type(one) for one in begun} == {Session}
    assert len(sessions.list_live(user=user, now=now)) == 3


def test_ended_sessions_are_listed_the_last_one_first_until_they_are_purged(now: dt.datetime) -> None:
    user = make_person()
    for number in range(3):
        at = now + dt.timedelta(seconds=number)
        one = sign_in(user, now=at).session
        if number < 2:
            sessions.end(session=one, reason=Session.EndReason.REMOVED, actor=user.pk, now=at)
    assert [one.created_at for one in sessions.list_ended(user=user)] == [now + dt.timedelta(seconds=1), now]
    assert sessions.purge(now=now + dt.timedelta(days=90)) == 0
    assert sessions.purge(now=now + dt.timedelta(days=90, seconds=2)) == 2
    assert Session.objects.count() == 1


def test_a_session_that_nobody_ended_is_purged_long_after_its_absolute_end(now: dt.datetime) -> None:
    session = sign_in(now=now).session
    kept = dt.timedelta(days=90)
    assert sessions.purge(now=session.expires_at + kept) == 0
    assert sessions.purge(now=session.expires_at + kept + dt.timedelta(seconds=1)) == 1
