"""Each token opens its own door and no other, for as long as its session goes on (SECURITY C14 to C35), over HTTP."""

import datetime as dt
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import devices, login, people, refresh, sessions, tokens
from accounts.models import Link, Session, User
from accounts.testing import ORIGIN, PASSWORD, SignedIn, client_of, make_person, new_address, register, sign_in
from accounts.tests.calls import AUTH, code_of
from kit.clock import utcnow

pytestmark = pytest.mark.django_db

REFUSED = (401, "invalid_token")
ME = f"{AUTH}/me"


@pytest.fixture
def client() -> APIClient:
    return APIClient(REMOTE_ADDR=new_address())


def read_me(token: str) -> Any:
    return APIClient(REMOTE_ADDR=new_address()).get(ME, headers={"authorization": f"Bearer {token}"})


def renew(token: str) -> Any:
    return APIClient(REMOTE_ADDR=new_address()).post(f"{AUTH}/refresh", {"refresh": token})


def challenge_of(user: User) -> str:
    credentials = login.Credentials(name=user.email, password=PASSWORD)
    due = login.begin(credentials=credentials, door=Session.Door.API, now=utcnow(), origin=ORIGIN)
    assert isinstance(due, login.StepDue)
    return due.challenge


def every_other_token(settings: Any) -> dict[str, str]:
    """Return one good token of each kind that is no access token."""
    signed_in = sign_in()
    device = devices.token_of(signed_in.session.device)
    _, confirmation = register()
    settings.ACCOUNTS_LOGIN_STEPS = ("accounts.tests.house.AlwaysDue",)
    challenge = challenge_of(make_person())
    return {"refresh": signed_in.refresh, "device": device, "confirmation": confirmation, "challenge": challenge}


def test_no_other_token_is_an_access_token(settings: Any) -> None:
    for kind, token in every_other_token(settings).items():
        assert code_of(read_me(token)) == REFUSED, kind


def test_no_other_token_is_a_refresh_token(settings: Any) -> None:
    others = every_other_token(settings)
    others["refresh"] = sign_in_before(settings).access
    for kind, token in others.items():
        assert code_of(renew(token)) == REFUSED, kind


def sign_in_before(settings: Any) -> SignedIn:
    settings.ACCOUNTS_LOGIN_STEPS = ()
    return sign_in()


def test_an_access_token_confirms_no_address_and_is_no_device(client: APIClient) -> None:
    signed_in = sign_in()
    answer = client.post(f"{AUTH}/verify-email", {"token": signed_in.access})
    assert code_of(answer) == (400, "validation_error")
    assert devices.find_known(user=signed_in.user, token=signed_in.access) is None
    assert not Link.objects.exists()


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_refresh_token_cut_short_or_in_another_case_is_refused(cut: int) -> None:
    token = sign_in().refresh
    for changed in (token[:-cut], token[:4], token.swapcase(), token.upper(), token[cut:]):
        assert code_of(renew(changed)) == REFUSED
    assert renew(token).status_code == 200


def test_other_sessions_end_with_a_changed_password_and_this_one_may_stay() -> None:
    this = sign_in()
    other = sign_in(this.user)
    reason = Session.EndReason.PASSWORD
    sessions.end_all(user=this.user, reason=reason, actor=this.user.pk, now=utcnow(), but=[this.session.pk])
    assert [read_me(this.access).status_code, renew(this.refresh).status_code] == [200, 200]
    assert [code_of(read_me(other.access)), code_of(renew(other.refresh))] == [REFUSED] * 2


def test_who_takes_the_address_of_a_deleted_person_does_not_take_her_sessions() -> None:
    gone = sign_in(make_person("anna@example.com"))
    User.objects.filter(pk=gone.user.pk).delete()
    new = make_person("anna@example.com")
    assert [code_of(read_me(gone.access)), code_of(renew(gone.refresh))] == [REFUSED] * 2
    assert new.pk != gone.user.pk


@pytest.mark.parametrize("change", [{"is_active": False}, {"frozen_at": utcnow()}, {"erase_at": utcnow()}])
def test_a_refresh_looks_at_the_account_anew(change: dict[str, Any]) -> None:
    signed_in = sign_in()
    User.objects.filter(pk=signed_in.user.pk).update(**change)
    assert [code_of(renew(signed_in.refresh)), code_of(read_me(signed_in.access))] == [REFUSED] * 2


def test_a_stopped_account_is_out_at_once_and_starts_anew_when_it_may_act_again() -> None:
    signed_in = sign_in()
    people.deactivate(user=signed_in.user, actor=None, now=utcnow())
    assert [code_of(read_me(signed_in.access)), code_of(renew(signed_in.refresh))] == [REFUSED] * 2
    people.activate(user=signed_in.user, actor=None, now=utcnow())
    assert code_of(read_me(signed_in.access)) == REFUSED
    assert sign_in(signed_in.user).access


def test_a_refreshed_token_says_when_she_really_signed_in() -> None:
    past = utcnow() - dt.timedelta(hours=1)
    signed_in = sign_in(now=past)
    access = renew(signed_in.refresh).json()["access"]
    claims = tokens.verify_access(access, now=utcnow()).claims
    assert (claims["auth_time"], claims["amr"]) == (int(past.timestamp()), ["pwd"])


def test_signing_out_with_somebody_elses_or_no_known_token_ends_nothing(client: APIClient) -> None:
    hers = sign_in()
    for token in ("ghr_" + "x" * 43, hers.access, hers.refresh[:-1]):
        assert code_of(client.post(f"{AUTH}/logout", {"refresh": token})) == REFUSED
    mine = client_of(sign_in())
    assert mine.post(f"{AUTH}/logout", {"refresh": hers.refresh}).status_code == 204
    assert read_me(hers.access).status_code == 200


def test_the_scheme_is_read_in_any_case_and_a_second_header_is_refused(client: APIClient) -> None:
    token = sign_in().access
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert client.get(ME, headers={"authorization": f"{scheme} {token}"}).status_code == 200
    for header in (f"Bearer  {token}", f"Bearer {token},Bearer {token}", f"Bearer {token}, {token}", f"{token}"):
        assert code_of(client.get(ME, headers={"authorization": header})) == REFUSED


def test_an_answer_to_somebody_signed_in_is_kept_by_nobody() -> None:
    client = client_of(sign_in())
    for path in ("me", "sessions", "sessions/ended"):
        assert client.get(f"{AUTH}/{path}")["Cache-Control"] == "no-store"


@pytest.mark.parametrize("shown", ["a session that ended", "another audience", "a refresh token", "garbage"])
def test_introspection_says_only_that_a_token_is_not_active(client: APIClient, shown: str, settings: Any) -> None:
    signed_in = sign_in()
    token = {"a refresh token": signed_in.refresh, "garbage": "a.b.c"}.get(shown, signed_in.access)
    if shown == "a session that ended":
        sessions.end(session=signed_in.session, reason=Session.EndReason.LOGOUT, actor=None, now=utcnow())
    if shown == "another audience":
        settings.ACCOUNTS_TOKEN_AUDIENCE = "another"
    response = client.post(f"{AUTH}/verify", {"token": token})
    assert (response.status_code, response.json()) == (200, {"active": False})


def test_an_unused_session_is_not_active_and_asking_does_not_use_it(client: APIClient, settings: Any) -> None:
    settings.ACCOUNTS_SESSION_IDLE = 600
    signed_in = sign_in()
    Session.objects.update(last_seen_at=utcnow() - dt.timedelta(seconds=590))
    assert client.post(f"{AUTH}/verify", {"token": signed_in.access}).json()["active"] is True
    Session.objects.update(last_seen_at=utcnow() - dt.timedelta(seconds=601))
    assert client.post(f"{AUTH}/verify", {"token": signed_in.access}).json() == {"active": False}
    assert code_of(read_me(signed_in.access)) == REFUSED


def test_a_renewed_token_is_used_by_the_session_it_was_made_for(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    later = now + dt.timedelta(minutes=6)
    refresh.renew(token=signed_in.refresh, now=later, origin=ORIGIN)
    assert Session.objects.get(pk=signed_in.session.pk).last_seen_at == later
