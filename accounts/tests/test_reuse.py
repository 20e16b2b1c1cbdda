"""A refresh token that came twice: the verdict, its evidence, and who is told."""

import datetime as dt
from dataclasses import replace

import pytest

from accounts import refresh
from accounts.message_kinds.sessions import REFRESH_REUSED
from accounts.models import Session
from accounts.testing import ORIGIN, SignedIn, sign_in
from audit.testing import entries, the_entry
from kit.errors import InvalidToken
from kit.origin import Origin
from kit.testing import races
from notifications.models import Message

pytestmark = pytest.mark.django_db

SECOND = dt.timedelta(seconds=1)
ELSEWHERE = replace(ORIGIN, address="198.51.100.9")
OTHER_APP = replace(ORIGIN, agent="another app")


def renew(token: object, now: dt.datetime, origin: Origin = ORIGIN) -> str:
    return refresh.renew(token=token, now=now, origin=origin).text


def reused(now: dt.datetime, *, by: Origin = ORIGIN, go_on: bool = False) -> Session:
    """Sign in and refresh, go on with what came of it or not, and show the spent token a minute later."""
    signed_in = sign_in(now=now, device_name="Old laptop")
    second = renew(signed_in.refresh, now)
    if go_on:
        renew(second, now + 30 * SECOND)
    with pytest.raises(InvalidToken):
        renew(signed_in.refresh, now + 60 * SECOND, by)
    return Session.objects.get(pk=signed_in.session.pk)


def test_a_race_is_noted_once_with_its_evidence_and_the_session_goes_on(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    renew(signed_in.refresh, now)
    for seconds in (3, 4):
        renew(signed_in.refresh, now + seconds * SECOND)
    session = Session.objects.get(pk=signed_in.session.pk)
    assert (session.verdict, session.ended_at) == (Session.Verdict.RACE, None)
    assert (
        session.evidence["spent_seconds_ago"] == the_entry("accounts.refresh.raced").details["spent_seconds_ago"] == 3
    )
    assert not Message.objects.exists()


def test_the_client_that_lost_its_answer_tried_again_too_late(now: dt.datetime) -> None:
    session = reused(now)
    assert (session.verdict, session.end_reason) == (Session.Verdict.LATE_RETRY, Session.EndReason.REUSE)


@pytest.mark.parametrize(("by", "go_on"), [(ELSEWHERE, False), (OTHER_APP, False), (ORIGIN, True), (ELSEWHERE, True)])
def test_a_token_that_two_may_hold_is_taken_for_stolen(by: Origin, *, go_on: bool, now: dt.datetime) -> None:
    session = reused(now, by=by, go_on=go_on)
    assert (session.verdict, session.end_reason) == (Session.Verdict.THEFT, Session.EndReason.REUSE)
    assert session.evidence["successor_used"] is go_on


def test_another_address_of_one_customers_network_is_the_same(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    home = replace(ORIGIN, address="2001:db8:1:2::7")
    renew(signed_in.refresh, now, home)
    with pytest.raises(InvalidToken):
        renew(signed_in.refresh, now + 60 * SECOND, replace(home, address="2001:db8:1:2::8"))
    assert Session.objects.get().verdict == Session.Verdict.LATE_RETRY


def test_a_theft_after_a_race_is_told_as_a_theft(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    renew(signed_in.refresh, now)
    renew(signed_in.refresh, now + SECOND)
    with pytest.raises(InvalidToken):
        renew(signed_in.refresh, now + 60 * SECOND, ELSEWHERE)
    assert Session.objects.get().verdict == Session.Verdict.THEFT


def test_evidence_names_both_who_showed_the_token_on_the_session_and_neither_in_the_log(now: dt.datetime) -> None:
    evidence = reused(now, by=ELSEWHERE).evidence
    assert (evidence["first"]["ip_address"], evidence["again"]["ip_address"]) == (ORIGIN.address, ELSEWHERE.address)
    assert (evidence["first"]["user_agent"], evidence["again"]["at"][-1]) == (ORIGIN.agent, "Z")
    (entry,) = entries("accounts.refresh.reused")
    assert entry.details == {
        "verdict": "theft",
        "spent_seconds_ago": 60,
        "same_address": False,
        "same_agent": True,
        "successor_used": False,
    }


def test_the_owner_is_told_once(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    renew(signed_in.refresh, now)
    for late in (60, 61):
        with pytest.raises(InvalidToken):
            renew(signed_in.refresh, now + late * SECOND)
    assert Message.objects.get(kind="accounts.refresh_reused").to == [signed_in.user.email]
    assert len(entries("accounts.refresh.reused")) == 1


@pytest.mark.django_db(transaction=True)
def test_late_reuse_in_parallel_ends_the_session_and_tells_the_owner_once(now: dt.datetime) -> None:
    signed_in: SignedIn = sign_in(now=now)
    renew(signed_in.refresh, now)
    results = races.run(12, lambda: renew(signed_in.refresh, now + 60 * SECOND))
    assert all(isinstance(result, InvalidToken) for result in results)
    assert len(entries("accounts.refresh.reused")) == Message.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_parallel_racers_are_noted_once(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    results = races.run(50, lambda: renew(signed_in.refresh, now))
    assert len(set(map(str, results))) == 1
    assert len(entries("accounts.refresh.raced")) == 1


def test_the_notice_says_which_device_it_was_and_who_showed_the_key(now: dt.datetime) -> None:
    session = reused(now, by=ELSEWHERE)
    content = REFRESH_REUSED.content(session.pk, now)
    assert content is not None
    assert (content.context["device"], content.context["calm"]) == ("Old laptop", False)
    assert [use["ip_address"] for use in content.context["uses"]] == [ORIGIN.address, ELSEWHERE.address]


def test_the_notice_of_a_late_retry_is_calm(now: dt.datetime) -> None:
    content = REFRESH_REUSED.content(reused(now).pk, now)
    assert content is not None
    assert content.context["calm"] is True


def test_a_session_that_is_gone_has_no_notice(now: dt.datetime) -> None:
    assert REFRESH_REUSED.content(sign_in(now=now).user.pk, now) is None
