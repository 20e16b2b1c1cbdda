"""Asking a signed-in person again: by her password, by a factor, or not at all right after a sign-in."""

import datetime as dt
import itertools
from typing import Any

import pytest

from accounts import reauthentication, refresh, tokens
from accounts.models import RefreshToken, Session
from accounts.testing import ORIGIN, PASSWORD, SignedIn, client_of, sign_in
from accounts.tests.calls import AUTH, code_of
from audit.testing import the_entry
from kit.errors import Invalid, InvalidToken
from kit.testing import races
from limits.guesses import FREE_TRIES, Locked

pytestmark = pytest.mark.django_db
LONG_AGO = dt.timedelta(minutes=11)


@pytest.fixture
def long_ago(now: dt.datetime) -> SignedIn:
    """A session whose sign-in was eleven minutes ago."""
    return sign_in(now=now - LONG_AGO)


def ask(signed_in: SignedIn, now: dt.datetime, **proof: str) -> None:
    session = Session.objects.get(pk=signed_in.session.pk)
    reauthentication.require_recent(session=session, now=now, origin=ORIGIN, **proof)


def renew(signed_in: SignedIn, now: dt.datetime, **proof: Any) -> refresh.Renewed:
    session = Session.objects.get(pk=signed_in.session.pk)
    return reauthentication.renew(session=session, now=now, origin=ORIGIN, **proof)


def test_right_after_a_sign_in_nothing_is_asked(now: dt.datetime) -> None:
    ask(sign_in(now=now - dt.timedelta(minutes=9)), now)


def test_a_sign_in_of_long_ago_is_not_enough(now: dt.datetime, long_ago: SignedIn) -> None:
    with pytest.raises(reauthentication.ReauthenticationRequired) as refusal:
        ask(long_ago, now)
    assert refusal.value.extra == {"max_age": 600, "methods": ["password"]}
    ask(long_ago, now, password=PASSWORD)


def test_the_refusal_names_the_factors_that_she_could_prove(
    now: dt.datetime, long_ago: SignedIn, settings: Any
) -> None:
    settings.ACCOUNTS_LOGIN_STEPS = ["accounts.tests.house.Badge", "accounts.tests.house.AlwaysDue"]
    with pytest.raises(reauthentication.ReauthenticationRequired) as refusal:
        ask(long_ago, now)
    assert refusal.value.extra["methods"] == ["password", "totp", "recovery"]


def test_a_factor_is_proof_enough_where_one_is_asked_for(now: dt.datetime, long_ago: SignedIn, settings: Any) -> None:
    settings.ACCOUNTS_LOGIN_STEPS = ["accounts.tests.house.Badge"]
    with pytest.raises(Invalid):
        ask(long_ago, now, code="000000")
    ask(long_ago, now, code="123456")


def test_a_wrong_password_is_refused_however_fresh_the_sign_in(now: dt.datetime) -> None:
    with pytest.raises(Invalid) as refusal:
        ask(sign_in(now=now), now, password="wrong", field="current_password")
    assert (refusal.value.field, refusal.value.reason) == ("current_password", "wrong")
    assert the_entry("accounts.password.refused").details["door"] == "reauthentication"


def test_wrong_passwords_count_as_at_a_sign_in(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    for _ in range(FREE_TRIES):
        with pytest.raises(Invalid):
            ask(signed_in, now, password="wrong")
    with pytest.raises(Locked):
        ask(signed_in, now, password=PASSWORD)


def test_a_sign_in_by_mail_alone_is_never_enough(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    Session.objects.filter(pk=signed_in.session.pk).update(amr=["mca"])
    with pytest.raises(reauthentication.ReauthenticationRequired):
        ask(signed_in, now)
    Session.objects.filter(pk=signed_in.session.pk).update(amr=["mca", "otp"])
    ask(signed_in, now)


def test_a_refresh_never_freshens_the_sign_in(now: dt.datetime, long_ago: SignedIn) -> None:
    answer = client_of().post(f"{AUTH}/refresh", {"refresh": long_ago.refresh}).json()
    claims = tokens.verify_access(answer["access"], now=now).claims
    assert claims["auth_time"] == int(long_ago.session.auth_time.timestamp())
    with pytest.raises(reauthentication.ReauthenticationRequired):
        ask(long_ago, now)


def test_a_proof_freshens_the_session(now: dt.datetime, long_ago: SignedIn) -> None:
    renewed = renew(long_ago, now, password=PASSWORD)
    assert renewed.session.pk == long_ago.session.pk
    assert (renewed.session.auth_time, renewed.session.amr) == (now, ["pwd"])
    ask(long_ago, now)
    assert the_entry("accounts.session.reauthenticated").details == {"methods": "pwd"}


def test_the_tokens_before_a_proof_are_good_no_more_and_end_nothing(now: dt.datetime, long_ago: SignedIn) -> None:
    renewed = renew(long_ago, now, password=PASSWORD)
    with pytest.raises(InvalidToken):
        refresh.renew(token=long_ago.refresh, now=now, origin=ORIGIN)
    assert refresh.renew(token=renewed.text, now=now, origin=ORIGIN).session.ended_at is None


def test_a_refresh_that_was_under_way_before_a_proof_makes_no_second_line(now: dt.datetime, long_ago: SignedIn) -> None:
    renew(long_ago, now, password=PASSWORD)
    with pytest.raises(refresh.Dead):
        refresh.renew(token=long_ago.refresh, now=now - dt.timedelta(seconds=1), origin=ORIGIN)
    assert RefreshToken.objects.filter(spent_at=None, expires_at__gt=now).count() == 1


def test_a_session_that_has_ended_is_not_freshened(now: dt.datetime, long_ago: SignedIn) -> None:
    Session.objects.update(ended_at=now)
    with pytest.raises(InvalidToken):
        renew(long_ago, now, password=PASSWORD)


def test_a_code_asks_for_a_factor(now: dt.datetime, long_ago: SignedIn, settings: Any) -> None:
    settings.ACCOUNTS_LOGIN_STEPS = ["accounts.tests.house.ForStaff"]  # a step that cannot be asked again
    with pytest.raises(Invalid) as refusal:
        renew(long_ago, now, code="123456")
    assert (refusal.value.field, refusal.value.reason) == ("code", "no_factor")


def test_a_factor_proves_as_a_password_does(now: dt.datetime, long_ago: SignedIn, settings: Any) -> None:
    settings.ACCOUNTS_LOGIN_STEPS = ["accounts.tests.house.Badge"]
    with pytest.raises(Invalid) as refusal:
        renew(long_ago, now, code="000000")
    assert (refusal.value.field, refusal.value.reason) == ("code", "wrong")
    session = renew(long_ago, now, code="123456").session
    assert (session.amr, session.factor_at) == (["pwd", "otp"], now)


def test_a_passkey_proves_as_a_code_does(now: dt.datetime, long_ago: SignedIn, settings: Any) -> None:
    settings.ACCOUNTS_LOGIN_STEPS = ["accounts.tests.house.Badge"]
    with pytest.raises(Invalid) as refusal:
        renew(long_ago, now, credential={"type": "none"})
    assert (refusal.value.field, refusal.value.reason) == ("credential", "wrong")
    session = renew(long_ago, now, credential={"type": "public-key"}).session
    assert (session.amr, session.factor_at) == (["pwd", "hwk"], now)


def test_a_password_does_not_prove_the_factor_again(now: dt.datetime, long_ago: SignedIn) -> None:
    assert renew(long_ago, now, password=PASSWORD).session.factor_at is None


def test_over_http_the_answer_is_tokens_with_a_fresh_auth_time(now: dt.datetime, long_ago: SignedIn) -> None:
    answer = client_of(long_ago).post(f"{AUTH}/reauthenticate", {"password": PASSWORD})
    body = answer.json()
    assert (answer.status_code, body["session_id"]) == (200, str(long_ago.session.pk))
    assert tokens.verify_access(body["access"], now=now).claims["auth_time"] >= int(now.timestamp())
    assert client_of().post(f"{AUTH}/refresh", {"refresh": body["refresh"]}).status_code == 200


@pytest.mark.parametrize("body", [{}, {"password": PASSWORD, "code": "123456"}, {"credential": {}}])
def test_over_http_one_proof_is_asked_for(body: dict[str, Any]) -> None:
    answer = client_of(sign_in()).post(f"{AUTH}/reauthenticate", body)
    assert code_of(answer) == (400, "validation_error")
    assert client_of().post(f"{AUTH}/reauthenticate", body).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_of_refreshes_and_proofs_at_once_one_line_of_tokens_is_left(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    turns = itertools.count()

    def call() -> refresh.Renewed:
        if next(turns) % 2:
            return renew(signed_in, now, password=PASSWORD)
        return refresh.renew(token=signed_in.refresh, now=now, origin=ORIGIN)

    outcomes = races.run(8, call)
    assert {type(outcome) for outcome in outcomes} <= {refresh.Renewed, refresh.Dead}
    assert RefreshToken.objects.filter(spent_at=None, expires_at__gt=now).count() == 1
    assert Session.objects.get().ended_at is None


def test_a_session_without_refresh_tokens_is_made_fresh_by_the_same_proof(long_ago: SignedIn, now: dt.datetime) -> None:
    with pytest.raises(Invalid):
        reauthentication.prove(session=long_ago.session, password="wrong", now=now, origin=ORIGIN)
    reauthentication.prove(session=long_ago.session, password=PASSWORD, now=now, origin=ORIGIN)
    session = Session.objects.get(pk=long_ago.session.pk)
    assert (session.auth_time, session.factor_at) == (now, None)
