"""Who may listen to an inbox: whom every other call would let in, and for no longer."""

import datetime as dt
from typing import Any

import pytest

from accounts import sessions
from accounts.models import Session, User
from accounts.stream_door import Door
from accounts.testing import ORIGIN, SignedIn, act_for, make_person, new_address, sign_in
from kit.clock import utcnow
from kit.errors import InvalidToken, NotAuthenticated
from kit.origin import Origin
from limits.addresses import TooMany
from notifications.streams.door import Listener

pytestmark = pytest.mark.django_db

LOGOUT = Session.EndReason.LOGOUT


@pytest.fixture
def anna() -> SignedIn:
    return sign_in(make_person())


@pytest.fixture
def staff() -> SignedIn:
    return sign_in(make_person(is_superuser=True))


def admit(caller: SignedIn, *, now: dt.datetime | None = None) -> Listener:
    """Come to the door with the token of a person."""
    return Door().admit(authorization=f"Bearer {caller.access}", origin=ORIGIN, now=now or utcnow())


def is_gone(listener: Listener) -> bool:
    """Tell whether the door would not have somebody there any more."""
    return listener in Door().find_gone([listener], utcnow())


def end(session: Session) -> None:
    sessions.end(session=session, reason=LOGOUT, actor=None, now=utcnow())


def test_token_of_a_live_session_lets_in_until_it_expires(anna: SignedIn) -> None:
    listener = admit(anna)
    assert listener.person == anna.user.pk
    assert dt.timedelta(minutes=29) < listener.ends_at - utcnow() <= dt.timedelta(minutes=30)
    assert anna.access not in repr(listener)
    assert not is_gone(listener)


def test_whoever_comes_with_nothing_is_told_to_sign_in() -> None:
    with pytest.raises(NotAuthenticated):
        Door().admit(authorization="", origin=ORIGIN, now=utcnow())


@pytest.mark.parametrize("header", ["Bearer x", "Basic x", "Bearer", "Bearer {0},{0}", "Bearer {0} x", "{0}"])
def test_credential_that_does_not_hold_is_refused(anna: SignedIn, header: str) -> None:
    with pytest.raises(InvalidToken):
        Door().admit(authorization=header.format(anna.access), origin=ORIGIN, now=utcnow())


def test_token_of_an_ended_session_is_refused(anna: SignedIn) -> None:
    end(anna.session)
    with pytest.raises(InvalidToken):
        admit(anna)


def test_expired_token_is_refused(anna: SignedIn) -> None:
    with pytest.raises(InvalidToken):
        admit(anna, now=utcnow() + dt.timedelta(hours=1))


def test_tokens_that_do_not_hold_are_counted_by_address_as_those_of_the_api(settings: Any) -> None:
    settings.LIMITS_BY_ADDRESS = {"bearer": (2, 60)}
    settings.RATE_LIMIT_SCALE = 1
    origin = Origin(address=new_address())
    for _ in range(2):
        with pytest.raises(InvalidToken):
            Door().admit(authorization="Bearer x", origin=origin, now=utcnow())
    with pytest.raises(TooMany):
        Door().admit(authorization="Bearer x", origin=origin, now=utcnow())


def test_coming_is_a_use_of_the_session(anna: SignedIn) -> None:
    Session.objects.filter(pk=anna.session.pk).update(last_seen_at=utcnow() - dt.timedelta(minutes=6))
    admit(anna)
    anna.session.refresh_from_db()
    assert utcnow() - anna.session.last_seen_at < dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"frozen_at": utcnow()}, {"erase_at": utcnow() + dt.timedelta(days=1)}]
)
def test_who_may_not_act_is_gone(anna: SignedIn, change: dict[str, Any]) -> None:
    listener = admit(anna)
    User.objects.filter(pk=anna.user.pk).update(**change)
    assert is_gone(listener)


def test_who_signs_out_is_gone_and_nobody_else(anna: SignedIn) -> None:
    others = [sign_in(anna.user), sign_in(make_person())]
    listeners = [admit(one) for one in (anna, *others)]
    end(anna.session)
    assert list(Door().find_gone(listeners, utcnow())) == listeners[:1]


def test_who_is_deleted_is_gone(anna: SignedIn) -> None:
    listener = admit(anna)
    anna.session.delete()
    assert is_gone(listener)


@pytest.mark.parametrize("count", [2, 20])
def test_all_are_looked_at_by_one_statement(count: int, django_assert_num_queries: Any) -> None:
    listeners = [admit(sign_in(make_person())) for _ in range(count)]
    with django_assert_num_queries(1):
        assert not Door().find_gone(listeners, utcnow())


def test_staff_who_act_for_a_person_hear_what_she_would(anna: SignedIn, staff: SignedIn) -> None:
    listener = admit(act_for(anna.user, staff=staff))
    assert listener.person == anna.user.pk
    assert not is_gone(listener)


def test_staff_are_gone_with_their_own_session(anna: SignedIn, staff: SignedIn) -> None:
    listener = admit(act_for(anna.user, staff=staff))
    end(staff.session)
    assert is_gone(listener)


def test_staff_are_gone_with_their_permission(anna: SignedIn, staff: SignedIn) -> None:
    listener = admit(act_for(anna.user, staff=staff))
    User.objects.filter(pk=staff.user.pk).update(is_superuser=False)
    assert is_gone(listener)
