"""Signing in by a mailed code or link, where the operator allows it."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts import codes, devices, links, login, sign_in_links
from accounts.models import Link, SentCode, Session, User
from accounts.testing import ORIGIN, make_person, new_address, newest_link, sign_in
from accounts.tests.calls import AUTH, code_of
from audit.testing import entries, the_entry
from kit.errors import Invalid, Throttled
from kit.testing import races
from notifications.models import Message
from notifications.testing import deliver_all, link_in

pytestmark = pytest.mark.django_db
ANNA = "anna@example.com"
PAGE = "https://app.example.com/in"
PHONE = sign_in_links.Client(device_name="phone")
Entered = login.StepDue | login.StartedSession


@pytest.fixture(autouse=True)
def allowed(settings: Any) -> None:
    settings.ACCOUNTS_SIGN_IN_BY_MAIL = True
    settings.ACCOUNTS_LINK_URLS = [PAGE]


def ask(email: str, now: dt.datetime, link_url: str = "") -> None:
    sign_in_links.request(email=email, link_url=link_url, now=now, origin=ORIGIN)


def by_link(token: str, now: dt.datetime) -> Entered:
    return sign_in_links.by_link(token=token, client=PHONE, now=now, origin=ORIGIN)


def by_code(code: str, now: dt.datetime, email: str = ANNA, **client: str) -> Entered:
    from_here = sign_in_links.Client(**client) if client else PHONE
    return sign_in_links.by_code(email=email, code=code, client=from_here, now=now, origin=ORIGIN)


def mailed(user: User, now: dt.datetime) -> tuple[str, str]:
    """Ask for a mail; return the token and the code that it carries."""
    ask(user.email, now)
    return newest_link(user, Link.Purpose.SIGN_IN), codes.text_of(SentCode.objects.filter(user=user).latest("pk"))


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_a_link_signs_in_once(now: dt.datetime) -> None:
    token, code = mailed(make_person(ANNA), now)
    entered = by_link(token, now)
    assert isinstance(entered, login.StartedSession)
    assert (entered.session.amr, entered.session.device_name) == (["mca"], "phone")
    with pytest.raises(Invalid) as error:
        by_link(token, now)
    assert (error.value.field, error.value.reason) == ("token", "invalid")
    with pytest.raises(login.InvalidCredentials):
        by_code(code, now)


def test_a_code_signs_in_once(now: dt.datetime) -> None:
    token, code = mailed(make_person(ANNA), now)
    entered = by_code(code, now, email="ANNA@example.com")
    assert isinstance(entered, login.StartedSession)
    assert entered.session.amr == ["mca"]
    with pytest.raises(login.InvalidCredentials):
        by_code(code, now)
    with pytest.raises(Invalid):
        by_link(token, now)


def test_neither_is_good_from_an_address_that_was_given_up_while_it_was_written(now: dt.datetime) -> None:
    user = make_person(ANNA)
    token, code = mailed(user, now)
    user.handles.update(canonical="anna@example.org")
    with pytest.raises(Invalid):
        by_link(token, now)
    with pytest.raises(login.InvalidCredentials):
        by_code(code, now, email="anna@example.org")


def test_both_are_good_for_ten_minutes(now: dt.datetime) -> None:
    token, code = mailed(make_person(ANNA), now)
    late = now + dt.timedelta(minutes=10)
    with pytest.raises(Invalid):
        by_link(token, late)
    with pytest.raises(login.InvalidCredentials):
        by_code(code, late)
    by_code(code, late - dt.timedelta(seconds=1))


def test_only_the_newest_is_good(now: dt.datetime) -> None:
    user = make_person(ANNA)
    (token, code), newer = mailed(user, now), mailed(user, now)
    with pytest.raises(Invalid):
        by_link(token, now)
    if code != newer[1]:
        with pytest.raises(login.InvalidCredentials):
            by_code(code, now)
    by_link(newer[0], now)


@pytest.mark.parametrize("way", ["link", "code"])
def test_a_second_factor_stays_due(now: dt.datetime, settings: Any, way: str) -> None:
    settings.ACCOUNTS_LOGIN_STEPS = ["accounts.tests.house.AlwaysDue"]
    token, code = mailed(make_person(ANNA), now)
    due = by_link(token, now) if way == "link" else by_code(code, now)
    assert isinstance(due, login.StepDue)
    assert not Session.objects.exists()
    done = login.complete_step(challenge=due.challenge, step="token", methods=("otp",), now=now, origin=ORIGIN)
    assert isinstance(done, login.StartedSession)
    assert done.session.amr == ["mca", "otp"]


def test_an_account_that_was_stopped_meanwhile_stays_shut(now: dt.datetime) -> None:
    token, code = mailed(make_person(ANNA), now)
    User.objects.update(frozen_at=now)
    with pytest.raises(login.InvalidCredentials):
        by_code(code, now)
    with pytest.raises(login.InvalidCredentials):
        by_link(token, now)


@pytest.mark.parametrize("purpose", [purpose for purpose in Link.Purpose if purpose != Link.Purpose.SIGN_IN])
def test_a_link_of_another_purpose_signs_nobody_in(now: dt.datetime, purpose: Link.Purpose) -> None:
    lifetime = dt.timedelta(hours=1)
    link = links.issue(purpose=purpose, address=ANNA, user=make_person(ANNA), now=now, lifetime=lifetime)
    with pytest.raises(Invalid):
        by_link(links.text_of(link), now)
    assert the_entry("accounts.sign_in_link.refused").actor_kind == "stranger"


def outcomes_of_guessing(email: str, guess: str, now: dt.datetime) -> list[str]:
    told = []
    for _ in range(8):
        try:
            by_code(guess, now, email=email)
        except (login.InvalidCredentials, Throttled) as refusal:
            told.append(refusal.code)
    return told


def test_guesses_at_a_code_are_counted_on_the_person_known_or_not(now: dt.datetime) -> None:
    _, code = mailed(make_person(ANNA), now)
    known = outcomes_of_guessing(ANNA, wrong(code), now)
    assert known == ["invalid_credentials"] * 5 + ["throttled"] * 3
    assert outcomes_of_guessing("nobody@example.com", wrong(code), now) == known
    with pytest.raises(Throttled):
        by_code(code, now)


def test_the_tries_of_strangers_do_not_keep_a_known_device_out(now: dt.datetime) -> None:
    known = {"device_token": devices.token_of(sign_in(make_person(ANNA), now=now).session.device)}
    _, code = mailed(User.objects.get(), now)
    outcomes_of_guessing(ANNA, wrong(code), now)
    for _ in range(codes.TRIES - 1):
        with pytest.raises(login.InvalidCredentials):
            by_code(wrong(code), now, **known)
    assert isinstance(by_code(code, now, **known), login.StartedSession)


def test_a_known_device_has_no_more_tries_than_a_stranger(now: dt.datetime) -> None:
    known = {"device_token": devices.token_of(sign_in(make_person(ANNA), now=now).session.device)}
    _, code = mailed(User.objects.get(), now)
    for _ in range(codes.TRIES):
        with pytest.raises(login.InvalidCredentials):
            by_code(wrong(code), now, **known)
    with pytest.raises(Throttled):
        by_code(code, now, **known)


def test_a_wrong_code_counts_as_a_wrong_password_does(now: dt.datetime) -> None:
    _, code = mailed(make_person(ANNA), now)
    with pytest.raises(login.InvalidCredentials):
        by_code(wrong(code), now)
    assert the_entry("accounts.login.refused").details["reason"] == "credentials"


def test_a_device_that_is_known_stays_known(now: dt.datetime) -> None:

    signed_in = sign_in(make_person(ANNA), now=now)
    _, code = mailed(signed_in.user, now)
    entered = by_code(code, now, device_token=devices.token_of(signed_in.session.device))
    assert isinstance(entered, login.StartedSession)
    assert entered.session.device == signed_in.session.device


def test_asking_costs_the_same_whoever_it_is_for(now: dt.datetime) -> None:
    people = {"known": make_person().email, "unknown": "nobody@example.com"}
    people |= {"inactive": make_person(is_active=False).email, "frozen": make_person(frozen_at=now).email}
    costs = {}
    for who, email in people.items():
        messages = Message.objects.count()
        with CaptureQueriesContext(connection) as queries:
            ask(email, now)
        statements = [query["sql"].split()[:3] for query in queries if "SAVEPOINT" not in query["sql"]]
        costs[who] = (statements, Message.objects.count() - messages)
    assert all(cost == costs["known"] for cost in costs.values()), costs
    assert [mail.to for mail in deliver_all(now)] == [(people["known"],)]


def test_a_mail_carries_the_code_and_the_clients_own_link(now: dt.datetime) -> None:
    user = make_person(ANNA)
    ask(ANNA, now, PAGE)
    [mail] = deliver_all(now)
    token = newest_link(user, Link.Purpose.SIGN_IN)
    assert link_in(mail) == f"{PAGE}?token={token}"
    assert codes.text_of(SentCode.objects.get()) in mail.text
    assert token not in str(Message.objects.values())


def test_a_mail_without_a_clients_page_has_no_link(now: dt.datetime) -> None:
    make_person(ANNA)
    ask(ANNA, now)
    [mail] = deliver_all(now)
    assert "token=" not in mail.text + mail.html
    with pytest.raises(Invalid):
        ask(ANNA, now, "https://evil.example/")


@pytest.mark.parametrize("used", [Link, SentCode])
def test_a_mail_that_is_good_no_more_is_not_sent(now: dt.datetime, used: type[Link] | type[SentCode]) -> None:
    make_person(ANNA)
    ask(ANNA, now)
    used.objects.update(used_at=now)
    assert deliver_all(now) == []
    assert Message.objects.get(kind="accounts.sign_in").status == "suppressed"


def test_a_fourth_mail_in_an_hour_is_not_written(now: dt.datetime) -> None:
    make_person(ANNA)
    for _ in range(5):
        ask(ANNA, now)
    assert Message.objects.count() == 3
    assert len(entries("accounts.sign_in_mail.limited")) == 2


@pytest.mark.django_db(transaction=True)
def test_of_many_uses_at_once_one_wins(now: dt.datetime) -> None:
    token, _ = mailed(make_person(ANNA), now)
    outcomes = races.run(20, lambda: by_link(token, now))
    assert sum(isinstance(outcome, login.StartedSession) for outcome in outcomes) == 1
    assert Session.objects.count() == 1


def test_over_http_a_code_and_a_link_sign_in(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    client, user = APIClient(REMOTE_ADDR=new_address()), make_person(ANNA)
    with django_assert_max_num_queries(14):
        assert client.post(f"{AUTH}/sign-in-link/request", {"email": ANNA}).status_code == 202
    code = codes.text_of(SentCode.objects.get())
    with django_assert_max_num_queries(40):
        answer = client.post(f"{AUTH}/sign-in-code", {"email": ANNA, "code": code})
    assert (answer.status_code, answer.json()["token_type"]) == (200, "Bearer")
    client.post(f"{AUTH}/sign-in-link/request", {"email": ANNA})
    with django_assert_max_num_queries(40):
        answer = client.post(f"{AUTH}/sign-in-link", {"token": newest_link(user, Link.Purpose.SIGN_IN)})
    assert answer.status_code == 200


@pytest.mark.parametrize("call", ["sign-in-link/request", "sign-in-link", "sign-in-code"])
def test_where_it_is_off_no_call_is_there(settings: Any, call: str) -> None:
    settings.ACCOUNTS_SIGN_IN_BY_MAIL = False
    client = APIClient(REMOTE_ADDR=new_address())
    for body in ({}, {"email": ANNA, "code": "123456"}, {"token": "a" * 43}):
        assert code_of(client.post(f"{AUTH}/{call}", body)) == (404, "not_found")
