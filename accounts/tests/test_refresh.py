"""Refresh tokens: one live successor, kind to races, deaf to thieves."""

import datetime as dt
from typing import Any

import pytest

from accounts import people, refresh, sessions
from accounts.models import RefreshToken, Session, User
from accounts.testing import ORIGIN, make_person, sign_in
from audit.testing import entries
from kit.errors import InvalidToken
from kit.testing import races

pytestmark = pytest.mark.django_db

SECOND = dt.timedelta(seconds=1)
WEEK = dt.timedelta(days=7)


def renew(token: object, now: dt.datetime) -> str:
    return refresh.renew(token=token, now=now, origin=ORIGIN).text


def live_tokens() -> int:
    return RefreshToken.objects.filter(spent_at=None, session__ended_at=None).count()


def test_a_refresh_token_is_spent_for_its_successor(now: dt.datetime) -> None:
    first = sign_in(now=now).refresh
    second = renew(first, now)
    assert second != first
    assert renew(second, now) not in {first, second}


def test_a_renewed_token_does_not_show_itself(now: dt.datetime) -> None:
    renewed = refresh.renew(token=sign_in(now=now).refresh, now=now, origin=ORIGIN)
    assert renewed.text not in repr(renewed)


def test_a_spent_token_is_answered_with_the_same_successor_within_the_grace(now: dt.datetime) -> None:
    first = sign_in(now=now).refresh
    second = renew(first, now)
    assert renew(first, now + 20 * SECOND) == second
    assert live_tokens() == 1


def test_a_spent_token_is_answered_with_the_live_end_of_its_chain(now: dt.datetime) -> None:
    first = sign_in(now=now).refresh
    third = renew(renew(first, now), now + 5 * SECOND)
    assert renew(first, now + 10 * SECOND) == third


def test_a_token_spent_longer_ago_ends_its_session_alone(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    other = sign_in(signed_in.user, now=now)
    second = renew(signed_in.refresh, now)
    with pytest.raises(InvalidToken):
        renew(signed_in.refresh, now + 21 * SECOND)
    with pytest.raises(InvalidToken):
        renew(second, now + 22 * SECOND)
    assert renew(other.refresh, now + 22 * SECOND)
    assert Session.objects.get(pk=signed_in.session.pk).end_reason == Session.EndReason.REUSE


def test_erased_successors_leave_nothing_to_follow(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    renew(signed_in.refresh, now)
    assert refresh.erase_successors(now=now + 20 * SECOND) == 0
    assert refresh.erase_successors(now=now + 26 * SECOND) == 1
    assert not RefreshToken.objects.filter(successor__isnull=False).exists()


def test_no_table_holds_a_refresh_token(now: dt.datetime) -> None:
    first = sign_in(now=now).refresh
    second = renew(first, now)
    stored = str([(row.digest, bytes(row.successor or b"")) for row in RefreshToken.objects.all()])
    assert first not in stored
    assert second not in stored


def test_a_refresh_token_ends_after_seven_days(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    with pytest.raises(InvalidToken):
        renew(signed_in.refresh, now + dt.timedelta(days=7))


def test_a_session_ends_after_thirty_days_however_often_it_is_refreshed(now: dt.datetime) -> None:
    token = sign_in(now=now).refresh
    for day in range(6, 30, 6):
        token = renew(token, now + dt.timedelta(days=day))
    with pytest.raises(InvalidToken):
        renew(token, now + dt.timedelta(days=30))


def test_a_session_that_nobody_uses_is_over_however_long_its_token_is_good(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_SESSION_IDLE = 3600
    used, unused = sign_in(now=now), sign_in(now=now)
    second = renew(used.refresh, now + dt.timedelta(minutes=59))
    assert renew(second, now + dt.timedelta(minutes=118))
    with pytest.raises(InvalidToken):
        renew(unused.refresh, now + dt.timedelta(minutes=60))


def test_who_becomes_staff_is_refreshed_by_the_rules_for_staff(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    User.objects.update(is_staff=True)
    with pytest.raises(InvalidToken):
        renew(signed_in.refresh, now + dt.timedelta(hours=2))


def test_a_client_is_told_the_sooner_end_of_the_sessions_of_staff(now: dt.datetime) -> None:
    signed_in = sign_in(make_person(is_staff=True), now=now)
    assert refresh.issue(session=signed_in.session, now=now).expires_at == now + dt.timedelta(hours=1)
    token = signed_in.refresh
    for minutes in range(50, 680, 50):
        at = now + dt.timedelta(minutes=minutes)
        renewed = refresh.renew(token=token, now=at, origin=ORIGIN)
        again = refresh.renew(token=token, now=at + SECOND, origin=ORIGIN)
        assert renewed.expires_at == again.expires_at == at + dt.timedelta(hours=1)
        token = renewed.text
    last = refresh.renew(token=token, now=now + dt.timedelta(minutes=690), origin=ORIGIN)
    assert last.expires_at == now + dt.timedelta(hours=12)


def test_refreshing_does_not_make_a_sign_in_any_fresher(now: dt.datetime) -> None:
    later = now + dt.timedelta(hours=1)
    renewed = refresh.renew(token=sign_in(now=now).refresh, now=later, origin=ORIGIN)
    assert (renewed.session.auth_time, renewed.session.amr) == (now, ["pwd"])


def test_a_stopped_account_is_not_refreshed(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    people.deactivate(user=signed_in.user, actor=None, now=now)
    with pytest.raises(InvalidToken):
        renew(signed_in.refresh, now)


def test_an_ended_session_is_not_refreshed(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    sessions.end(session=signed_in.session, reason=Session.EndReason.LOGOUT, actor=None, now=now)
    with pytest.raises(InvalidToken):
        renew(signed_in.refresh, now)


@pytest.mark.parametrize("bad", [None, 7, [], "", "ghr_", "ghr_" + "x" * 43, "ghr_" + "x" * 5000])
def test_what_is_no_refresh_token_is_refused(bad: object, now: dt.datetime) -> None:
    with pytest.raises(InvalidToken):
        renew(bad, now)


def test_a_changed_refresh_token_is_refused_and_ends_nothing(now: dt.datetime) -> None:
    token = sign_in(now=now).refresh
    for bad in (token[:-1], token.upper(), token + "=", token[4:], token + " "):
        with pytest.raises(InvalidToken):
            renew(bad, now)
    assert renew(token, now)


def test_an_access_token_is_no_refresh_token(now: dt.datetime) -> None:
    with pytest.raises(InvalidToken):
        renew(sign_in(now=now).access, now)


@pytest.mark.django_db(transaction=True)
def test_fifty_parallel_refreshes_get_one_live_successor(now: dt.datetime) -> None:
    token = sign_in(now=now).refresh
    results = races.run(50, lambda: renew(token, now))
    assert {type(result) for result in results} == {str}
    assert len(set(map(str, results))) == 1
    assert live_tokens() == 1


def test_purging_deletes_only_what_nobody_can_present(now: dt.datetime) -> None:
    sign_in(now=now)
    assert refresh.purge(now=now + dt.timedelta(days=7)) == 0
    assert refresh.purge(now=now + dt.timedelta(days=8)) == 1


def test_every_refused_refresh_token_is_recorded_with_its_reason(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    sessions.end(session=signed_in.session, reason=Session.EndReason.LOGOUT, actor=None, now=now)
    for token, at in (("?", now), ("ghr_" + "x" * 43, now), (signed_in.refresh, now), (signed_in.refresh, now + WEEK)):
        with pytest.raises(InvalidToken):
            renew(token, at)
    told = [(entry.details["reason"], entry.target) for entry in entries("accounts.refresh.refused")]
    session = str(signed_in.session.pk)
    assert told == [("unknown", ""), ("unknown", ""), ("ended", session), ("expired", session)]


def test_a_spent_token_signs_its_session_out_within_the_grace_alone(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    renew(signed_in.refresh, now)
    found = refresh.find_session(token=signed_in.refresh, now=now + 20 * SECOND)
    assert found == signed_in.session
    with pytest.raises(InvalidToken):
        refresh.find_session(token=signed_in.refresh, now=now + 21 * SECOND)
