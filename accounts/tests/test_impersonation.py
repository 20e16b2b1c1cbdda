"""Staff see the service as a person does: who may begin that, what of hers it is not, and everything that ends it."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from accounts import activity, authority, impersonation, password_changes, people, reauthentication, sessions
from accounts.models import Session, User
from accounts.testing import ORIGIN, PASSWORD, SignedIn, act_for, make_person, sign_in
from audit.models import Entry
from audit.testing import entries, the_entry
from kit.errors import Conflict, Invalid, NotFound, PermissionRefused, Throttled
from kit.origin import Origin
from notifications.models import Message

pytestmark = pytest.mark.django_db

MINUTE = dt.timedelta(minutes=1)
NEW_PASSWORD = "another horse, another staple"


@pytest.fixture
def staff(now: dt.datetime) -> SignedIn:
    """Somebody who may do everything, and has just signed in."""
    return sign_in(make_person("staff@example.com", is_superuser=True, now=now), now=now)


@pytest.fixture
def anna(now: dt.datetime) -> User:
    return make_person("anna@example.com", first_name="Anna", now=now)


def begin(user: User, staff: SignedIn, now: dt.datetime, **wish: Any) -> impersonation.Begun:
    asked = impersonation.Wish(**{"reason": "She asked for help", **wish})
    return impersonation.begin(user=user, session=staff.session, wish=asked, now=now, origin=ORIGIN)


def find(acting: SignedIn, now: dt.datetime) -> sessions.Caller | None:
    actor = acting.session.impersonator_id
    assert actor is not None
    return impersonation.find_live(session_id=acting.session.pk, actor=actor, now=now)


def test_it_begins_as_a_session_that_is_no_sign_in_of_hers(anna: User, staff: SignedIn, now: dt.datetime) -> None:
    session = act_for(anna, staff=staff, now=now).session
    assert (session.user, session.impersonator, session.parent) == (anna, staff.user, staff.session)
    assert (session.door, session.device, session.amr, session.factor_at) == ("acting", None, [], None)
    assert (session.address, session.agent, session.place) == ("", "", "")
    assert session.expires_at == now + 30 * MINUTE
    assert not reauthentication.is_recent(session, now=now)


def test_its_beginning_is_recorded_with_both_and_the_reason(anna: User, staff: SignedIn, now: dt.datetime) -> None:
    session = begin(anna, staff, now, reason=" Ticket 4711 ", minutes=5).session
    entry = the_entry("accounts.impersonation.started")
    assert (entry.actor, entry.target, entry.outcome) == (staff.user.pk, str(anna.pk), "done")
    both = {"session": str(session.pk), "asked_in": str(session.parent_id)}  # the end of the second is its own entry
    assert entry.details == {**both, "minutes": 5, "reason": "Ticket 4711"}


@pytest.mark.parametrize("told", [True, False])
def test_she_is_told_unless_the_house_says_otherwise(
    anna: User, staff: SignedIn, now: dt.datetime, settings: Any, told: bool
) -> None:
    settings.ACCOUNTS_IMPERSONATION_TOLD = told
    session = act_for(anna, staff=staff, now=now).session
    found = Message.objects.filter(kind="accounts.impersonated", recipient=anna.email)
    assert list(found.values_list("reference", flat=True)) == ([session.pk] if told else [])


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "two\nlines"])
def test_a_reason_is_one_line_that_says_something(anna: User, staff: SignedIn, now: dt.datetime, reason: str) -> None:
    with pytest.raises(Invalid) as refusal:
        begin(anna, staff, now, reason=reason)
    assert refusal.value.field == "reason"
    begin(anna, staff, now, reason="x" * 500)


@pytest.mark.parametrize(("minutes", "accepted"), [(0, False), (1, True), (60, True), (61, False)])
def test_it_goes_on_for_a_minute_to_an_hour(
    anna: User, staff: SignedIn, now: dt.datetime, minutes: int, accepted: bool
) -> None:
    if accepted:
        assert begin(anna, staff, now, minutes=minutes).session.expires_at == now + minutes * MINUTE
        return
    with pytest.raises(Invalid):
        begin(anna, staff, now, minutes=minutes)


def test_it_ends_no_later_than_the_session_it_was_asked_for_in(anna: User, staff: SignedIn, now: dt.datetime) -> None:
    Session.objects.filter(pk=staff.session.pk).update(expires_at=now + 7 * MINUTE)
    staff.session.refresh_from_db()
    assert begin(anna, staff, now).session.expires_at == now + 7 * MINUTE


def test_it_asks_for_a_sign_in_of_a_moment_ago_or_a_proof(anna: User, staff: SignedIn, now: dt.datetime) -> None:
    later = now + 11 * MINUTE
    with pytest.raises(reauthentication.ReauthenticationRequired):
        begin(anna, staff, later)
    with pytest.raises(Invalid):
        begin(anna, staff, later, password="wrong")
    assert not Session.objects.filter(user=anna).exists()
    assert begin(anna, staff, later, password=PASSWORD).session.user == anna


@pytest.mark.parametrize("state", [{"is_active": False}, {"frozen": True}])
def test_a_stopped_person_sees_nothing_and_neither_does_anybody_for_her(
    anna: User, staff: SignedIn, now: dt.datetime, state: dict[str, bool]
) -> None:
    columns = {"frozen_at": now} if "frozen" in state else state
    User.objects.filter(pk=anna.pk).update(**columns)  # after she was read
    with pytest.raises(impersonation.Stopped):
        begin(anna, staff, now)
    assert the_entry("accounts.management.refused").details == {"action": "impersonate", "reason": "Stopped"}


def test_nobody_acts_for_herself(staff: SignedIn, now: dt.datetime) -> None:
    with pytest.raises(Conflict):
        begin(staff.user, staff, now)


def test_nobody_acts_for_others_without_the_permission(anna: User, now: dt.datetime, settings: Any) -> None:
    settings.AUTHENTICATION_BACKENDS = ["accounts.tests.house.StaffManagePeople"]
    manager = sign_in(make_person(is_staff=True, now=now), now=now)
    with pytest.raises(PermissionRefused):
        begin(anna, manager, now)
    assert the_entry("accounts.management.refused").actor == manager.user.pk


def test_nobody_acts_for_a_person_who_may_do_more(staff: SignedIn, now: dt.datetime, settings: Any) -> None:
    settings.AUTHENTICATION_BACKENDS = ["accounts.tests.house.StaffActForPeople"]
    helper = sign_in(make_person(is_staff=True, now=now), now=now)
    with pytest.raises(authority.BeyondReach):
        begin(staff.user, helper, now)
    assert the_entry("accounts.management.refused").details["reason"] == "BeyondReach"


def test_nobody_acts_for_a_third_person_from_within(anna: User, staff: SignedIn, now: dt.datetime) -> None:
    User.objects.filter(pk=anna.pk).update(is_superuser=True)
    anna.refresh_from_db()
    acting = act_for(anna, staff=staff, now=now)
    with pytest.raises(PermissionRefused):
        begin(make_person(now=now), acting, now, password=PASSWORD)


def test_one_who_acts_does_so_twenty_times_an_hour(
    staff: SignedIn, anna: User, now: dt.datetime, settings: Any
) -> None:
    settings.LIMITS_BY_ADDRESS = {"impersonate-by-caller": (2, 3600)}
    for _ in range(2):
        begin(anna, staff, now)
    with pytest.raises(Throttled):
        begin(anna, staff, now)
    other = sign_in(make_person(is_superuser=True, now=now), now=now)
    assert begin(anna, other, now).session.impersonator == other.user


def test_a_request_finds_whom_it_is_for_and_who_acts(anna: User, staff: SignedIn, now: dt.datetime) -> None:
    caller = find(act_for(anna, staff=staff, now=now), now)
    assert caller is not None
    assert (caller.user, caller.session.impersonator) == (anna, staff.user)


def test_both_of_them_carry_what_the_row_of_a_request_tells(
    anna: User, staff: SignedIn, now: dt.datetime, settings: Any
) -> None:
    settings.ACCOUNTS_REQUEST_ANNOTATIONS = ["accounts.tests.house.shout"]
    User.objects.filter(pk=staff.user.pk).update(first_name="Sam")
    caller = find(act_for(anna, staff=staff, now=now), now)
    assert caller is not None
    assert [getattr(one, "shouted", "") for one in (caller.user, caller.session.impersonator)] == ["ANNA", "SAM"]


def test_finding_it_takes_one_statement(
    anna: User, staff: SignedIn, now: dt.datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    acting = act_for(anna, staff=staff, now=now)
    with django_assert_num_queries(1):
        assert find(acting, now) is not None


def test_it_is_found_by_nobody_elses_id_and_at_no_other_door(anna: User, staff: SignedIn, now: dt.datetime) -> None:
    acting = act_for(anna, staff=staff, now=now)
    others = sign_in(anna, now=now)
    assert impersonation.find_live(session_id=acting.session.pk, actor=uuid4(), now=now) is None
    assert impersonation.find_live(session_id=acting.session.pk, actor=anna.pk, now=now) is None
    assert impersonation.find_live(session_id=others.session.pk, actor=staff.user.pk, now=now) is None
    for door in (Session.Door.API, Session.Door.ADMIN):
        assert sessions.find_live(session_id=acting.session.pk, door=door, now=now) is None


def end_hers(anna: User, staff: SignedIn, now: dt.datetime) -> None:
    reason = Session.EndReason.LOGOUT
    sessions.end(session=staff.session, reason=reason, actor=staff.user.pk, now=now, origin=ORIGIN)


def end_all_of_hers(anna: User, staff: SignedIn, now: dt.datetime) -> None:
    sessions.end_all(user=staff.user, reason=Session.EndReason.STAFF, actor=None, now=now)


def change_her_password(anna: User, staff: SignedIn, now: dt.datetime) -> None:
    changed = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    password_changes.change(session=staff.session, now=now, origin=ORIGIN, **changed)


def stop_staff(anna: User, staff: SignedIn, now: dt.datetime) -> None:
    make_person(is_superuser=True)
    people.deactivate(user=staff.user, actor=None, now=now)


def freeze_staff(anna: User, staff: SignedIn, now: dt.datetime) -> None:
    User.objects.filter(pk=staff.user.pk).update(frozen_at=now)


def take_the_permission(anna: User, staff: SignedIn, now: dt.datetime) -> None:
    User.objects.filter(pk=staff.user.pk).update(is_superuser=False)


def stop_the_person(anna: User, staff: SignedIn, now: dt.datetime) -> None:
    people.deactivate(user=anna, actor=None, now=now)


def freeze_the_person(anna: User, staff: SignedIn, now: dt.datetime) -> None:
    User.objects.filter(pk=anna.pk).update(frozen_at=now)


def sign_her_out(anna: User, staff: SignedIn, now: dt.datetime) -> None:
    sessions.end_all(user=anna, reason=Session.EndReason.LOGOUT_ALL, actor=anna.pk, now=now)


ENDS = (
    *(end_hers, end_all_of_hers, change_her_password, stop_staff, freeze_staff, take_the_permission),
    *(stop_the_person, freeze_the_person, sign_her_out),
)


@pytest.mark.parametrize("end", ENDS)
def test_it_ends_at_once_with(
    end: Callable[[User, SignedIn, dt.datetime], None], anna: User, staff: SignedIn, now: dt.datetime
) -> None:
    acting, moment = act_for(anna, staff=staff, now=now), now + MINUTE
    assert find(acting, moment) is not None
    end(anna, staff, moment)
    assert find(acting, moment) is None


def test_it_ends_by_itself_and_when_her_own_session_has_not_been_used(
    anna: User, staff: SignedIn, now: dt.datetime
) -> None:
    acting = act_for(anna, staff=staff, now=now)
    assert find(acting, now + 29 * MINUTE) is not None
    assert find(acting, now + 30 * MINUTE) is None
    Session.objects.filter(pk=staff.session.pk).update(last_seen_at=now - dt.timedelta(days=7))
    assert find(acting, now + MINUTE) is None


def test_it_hangs_on_no_session_but_one_of_who_acts(anna: User, staff: SignedIn, now: dt.datetime) -> None:
    acting = act_for(anna, staff=staff, now=now)
    others = sign_in(make_person(is_superuser=True, now=now), now=now)
    Session.objects.filter(pk=acting.session.pk).update(parent=others.session)
    assert find(acting, now) is None


def test_it_ends_when_the_person_may_do_more_than_who_acts(anna: User, now: dt.datetime, settings: Any) -> None:
    settings.AUTHENTICATION_BACKENDS = ["accounts.tests.house.StaffActForPeople"]
    acting = act_for(anna, staff=sign_in(make_person(is_staff=True, now=now), now=now), now=now)
    assert find(acting, now) is not None
    User.objects.filter(pk=anna.pk).update(is_superuser=True)
    assert find(acting, now) is None


def test_she_sees_and_ends_it_among_her_sessions(anna: User, staff: SignedIn, now: dt.datetime) -> None:
    own, acting = sign_in(anna, now=now), act_for(anna, staff=staff, now=now)
    listed = sessions.list_live(user=anna, now=now)
    assert {session.pk: session.by_staff for session in listed} == {own.session.pk: False, acting.session.pk: True}
    sessions.end_own(user=anna, session_id=acting.session.pk, now=now, origin=ORIGIN)
    assert find(acting, now) is None
    ended = the_entry("accounts.impersonation.ended")
    assert (ended.actor, ended.impersonator) == (anna.pk, None)
    assert ended.details == {"reason": "removed", "impersonator": str(staff.user.pk)}


def test_it_is_listed_no_more_once_the_session_it_hangs_on_has_ended(
    anna: User, staff: SignedIn, now: dt.datetime
) -> None:
    acting = act_for(anna, staff=staff, now=now)
    end_hers(anna, staff, now)
    acting.session.refresh_from_db()
    assert (sessions.list_live(user=anna, now=now), acting.session.is_live(now)) == ([], False)
    with pytest.raises(NotFound):
        sessions.end_own(user=anna, session_id=acting.session.pk, now=now, origin=ORIGIN)


def test_it_takes_no_place_among_her_sessions(anna: User, staff: SignedIn, now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_SESSIONS_AT_ONCE = 1
    first, acting = sign_in(anna, now=now), act_for(anna, staff=staff, now=now)
    assert len(sessions.list_live(user=anna, now=now)) == 2
    second = sign_in(anna, now=now + MINUTE)
    left = {session.pk for session in sessions.list_live(user=anna, now=now + MINUTE)}
    assert left == {acting.session.pk, second.session.pk}
    first.session.refresh_from_db()
    assert first.session.end_reason == "limit"


def test_it_goes_with_the_session_it_hangs_on_and_with_the_account(
    anna: User, staff: SignedIn, now: dt.datetime
) -> None:
    act_for(anna, staff=staff, now=now)
    staff.session.delete()
    assert not Session.objects.filter(user=anna).exists()
    other = sign_in(make_person(is_superuser=True, now=now), now=now)
    act_for(anna, staff=other, now=now)
    other.user.delete()
    assert not Session.objects.filter(user=anna).exists()


@pytest.mark.parametrize("columns", [{"door": "api"}, {"parent": None}, {"impersonator": None}])
def test_it_never_becomes_a_session_of_her_own(
    anna: User, staff: SignedIn, now: dt.datetime, columns: dict[str, Any]
) -> None:
    acting = act_for(anna, staff=staff, now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Session.objects.filter(pk=acting.session.pk).update(**columns)
    with pytest.raises(IntegrityError), transaction.atomic():
        Session.objects.filter(pk=staff.session.pk).update(door="acting")


def test_what_is_done_for_her_is_told_to_her_as_the_staffs(anna: User, staff: SignedIn, now: dt.datetime) -> None:
    session = act_for(anna, staff=staff, now=now).session
    acting = Origin(address="198.51.100.7", agent="Staff browser", impersonator=staff.user.pk)
    call = "api/v1/auth/profile"
    impersonation.record_refusal(session=session, method="PATCH", call=call, now=now, origin=acting)
    (entry,) = entries("accounts.impersonation.refused")
    assert (entry.actor, entry.impersonator) == (anna.pk, staff.user.pk)
    seen = activity.shown(Entry.objects.select_related("personal").get(pk=entry.pk), to=anna.pk)
    assert (seen.by, seen.ip_address, seen.user_agent) == ("staff", "", "")
