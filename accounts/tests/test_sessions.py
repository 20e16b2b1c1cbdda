"""Sessions: one row read on each request, and what ends them."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts import login, people, sessions
from accounts.models import Session, User
from accounts.testing import ORIGIN, PASSWORD, make_person, sign_in
from accounts.tests import mmdb
from audit.testing import entries, the_entry
from kit.errors import InvalidToken, NotFound

pytestmark = pytest.mark.django_db

API = Session.Door.API


def find(session: Session, now: dt.datetime) -> sessions.Caller | None:
    return sessions.find_live(session_id=session.pk, door=API, now=now)


def test_a_live_session_is_found_with_one_statement(
    now: dt.datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    session = sign_in(now=now).session
    with django_assert_num_queries(1):
        caller = sessions.find_live(session_id=session.pk, door=API, now=now)
        assert caller is not None
        assert (caller.user.email, caller.session.pk) == (session.user.email, session.pk)


def test_a_session_of_one_door_does_not_open_another(now: dt.datetime) -> None:
    session = sign_in(now=now).session
    assert sessions.find_live(session_id=session.pk, door=Session.Door.ADMIN, now=now) is None


def test_a_stopped_account_has_no_live_session_not_even_when_it_may_act_again(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    people.deactivate(user=signed_in.user, actor=None, now=now)
    assert sessions.find_live(session_id=signed_in.session.pk, door=API, now=now) is None
    people.activate(user=signed_in.user, actor=None, now=now)
    assert sessions.find_live(session_id=signed_in.session.pk, door=API, now=now) is None
    assert Session.objects.get().end_reason == Session.EndReason.DEACTIVATED


def test_a_session_that_raced_with_the_stop_does_not_survive_it(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    people.deactivate(user=signed_in.user, actor=None, now=now)
    Session.objects.update(ended_at=None)
    people.activate(user=signed_in.user, actor=None, now=now)
    assert sessions.find_live(session_id=signed_in.session.pk, door=API, now=now) is None


def test_stopping_a_stopped_account_records_nothing_more(now: dt.datetime) -> None:
    user = make_person()
    people.deactivate(user=user, actor=None, now=now)
    people.deactivate(user=user, actor=None, now=now)
    assert the_entry("accounts.user.deactivated").target == str(user.pk)


def test_ending_a_session_twice_records_it_once(now: dt.datetime) -> None:
    session = sign_in(now=now).session
    logout = Session.EndReason.LOGOUT
    ended = [sessions.end(session=session, reason=logout, actor=session.user_id, now=now) for _ in range(2)]
    assert ended == [True, False]
    assert the_entry("accounts.session.ended").details == {"reason": "logout"}


def test_ending_all_but_one_leaves_that_one(now: dt.datetime) -> None:
    kept = sign_in(now=now)
    for _ in range(3):
        sign_in(kept.user, now=now)
    ended = sessions.end_all(
        user=kept.user, reason=Session.EndReason.REMOVED, actor=kept.user.pk, now=now, but=[kept.session.pk]
    )
    assert ended == 3
    assert [session.pk for session in sessions.list_live(user=kept.user, now=now)] == [kept.session.pk]


def test_another_persons_session_is_not_there(now: dt.datetime) -> None:
    mine, hers = sign_in(now=now), sign_in(now=now)
    with pytest.raises(NotFound):
        sessions.end_own(user=mine.user, session_id=hers.session.pk, now=now, origin=ORIGIN)
    assert not entries("accounts.session.ended")


def test_last_use_is_written_every_five_minutes_at_most(
    now: dt.datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    session = sign_in(now=now).session
    with django_assert_num_queries(0):
        sessions.touch(session=session, now=now + dt.timedelta(minutes=4))
    sessions.touch(session=session, now=now + dt.timedelta(minutes=5))
    session.refresh_from_db()
    assert session.last_seen_at == now + dt.timedelta(minutes=5)


@pytest.mark.parametrize("change", [{"is_active": False}, {"frozen_at": 0}, {"password_changed_at": 0}, None])
def test_what_was_proved_of_an_account_that_has_changed_since_starts_no_session(
    change: dict[str, Any] | None, now: dt.datetime
) -> None:
    user = make_person()
    row = User.objects.filter(pk=user.pk)
    if change is None:
        row.delete()
    else:
        row.update(**{name: now if value == 0 and name.endswith("_at") else value for name, value in change.items()})
    with pytest.raises(sessions.AccountMayNotAct):
        sessions.start(user=user, proofs=sessions.Proofs(methods=("pwd",), at=now), door=API, origin=ORIGIN, now=now)


def test_ending_all_sessions_ends_what_waits_for_a_further_step(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_LOGIN_STEPS = ("accounts.tests.house.AlwaysDue",)
    user = make_person()
    due = login.begin(
        credentials=login.Credentials(name=user.email, password=PASSWORD), door=API, now=now, origin=ORIGIN
    )
    assert isinstance(due, login.StepDue)
    sessions.end_all(user=user, reason=Session.EndReason.PASSWORD, actor=user.pk, now=now)
    with pytest.raises(InvalidToken):
        login.find_attempt(challenge=due.challenge, step="token", now=now)


def test_a_session_says_where_it_was_begun(now: dt.datetime, settings: Any, tmp_path: Path) -> None:
    places = {ORIGIN.address: mmdb.city("Berlin", "Germany")}
    settings.GEOIP_PATH = str(mmdb.write(tmp_path / "cities.mmdb", places))
    assert sign_in(now=now).session.place == "Berlin, Germany"


def test_no_door_starts_a_session_for_a_stopped_account(now: dt.datetime) -> None:
    user = make_person(is_active=False)
    proofs = sessions.Proofs(methods=("pwd",), at=now)
    with pytest.raises(sessions.AccountMayNotAct):
        sessions.start(user=user, proofs=proofs, door=API, origin=ORIGIN, now=now)


def test_no_door_starts_a_session_while_a_step_is_due(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_LOGIN_STEPS = ("accounts.tests.house.AlwaysDue",)
    proofs = sessions.Proofs(methods=("pwd",), at=now)
    with pytest.raises(sessions.StepMissing):
        sessions.start(user=make_person(), proofs=proofs, door=API, origin=ORIGIN, now=now)


@pytest.mark.parametrize(
    ("agent", "expected"),
    [("Mozilla/5.0 (iPhone)", "mobile"), ("Mozilla/5.0 (X11; Linux)", "desktop"), ("curl/8", "other")],
)
def test_an_agent_says_what_kind_of_device_it_is(agent: str, expected: str) -> None:
    assert Session(agent=agent).device_type == expected


def test_a_person_may_nothing_by_herself() -> None:
    assert not make_person().has_perm("accounts.view_user")
    assert not User(is_superuser=True, is_active=False).has_perm("accounts.view_user")
    assert User(is_superuser=True).has_perms(["accounts.view_user", "anything.else"])


def test_an_account_that_may_not_act_has_no_live_session(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    User.objects.update(is_active=False)
    assert sessions.find_live(session_id=signed_in.session.pk, door=API, now=now) is None


def test_apps_above_learn_more_of_the_person_from_the_same_statement(
    now: dt.datetime, settings: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.ACCOUNTS_REQUEST_ANNOTATIONS = ("accounts.tests.house.shout",)
    session = sign_in(make_person(first_name="Anna"), now=now).session
    with django_assert_num_queries(1):
        caller = sessions.find_live(session_id=session.pk, door=API, now=now)
    assert caller is not None
    assert vars(caller.user)["shouted"] == "ANNA"
