"""Acting for a person over HTTP: the call that begins it, what its token opens, and what it never does."""

from typing import Any

import pytest
from django.test import Client

from accounts import tokens
from accounts.models import Session, User
from accounts.testing import PASSWORD, SignedIn, act_for, client_of, make_person, sign_in
from accounts.tests.calls import AUTH, code_of
from audit.testing import entries, the_entry
from kit.clock import utcnow
from kit.errors import InvalidToken

pytestmark = pytest.mark.django_db

BODY = {"reason": "She asked for help", "minutes": 5}


@pytest.fixture
def staff() -> SignedIn:
    return sign_in(make_person("staff@example.com", is_superuser=True))


@pytest.fixture
def anna() -> User:
    return make_person("anna@example.com", first_name="Anna")


@pytest.fixture
def acting(anna: User, staff: SignedIn) -> SignedIn:
    return act_for(anna, staff=staff)


def impersonate(caller: SignedIn | None, user: User, **body: Any) -> Any:
    return client_of(caller).post(f"/api/v1/users/{user.pk}/impersonate", {**BODY, **body}, format="json")


def claims_of(access: str) -> dict[str, Any]:
    return tokens.verify_access(access, now=utcnow()).claims


def test_the_answer_is_one_access_token_that_lives_as_long_as_its_session(anna: User, staff: SignedIn) -> None:
    answer = impersonate(staff, anna)
    assert answer.status_code == 200, answer.content
    assert "no-store" in answer["Cache-Control"]
    body = answer.json()
    assert body.keys() == {"access", "token_type", "expires_in", "session_id"}
    assert (body["token_type"], 299 <= body["expires_in"] <= 300) == ("Bearer", True)
    session = Session.objects.get(pk=body["session_id"])
    assert claims_of(body["access"])["exp"] == int(session.expires_at.timestamp())
    assert not session.refresh_tokens.exists()


def test_the_token_names_both_and_tells_of_no_sign_in(acting: SignedIn, staff: SignedIn) -> None:
    claims = claims_of(acting.access)
    assert (claims["sub"], claims["act"]) == (str(acting.user.pk), {"sub": str(staff.user.pk)})
    assert (claims["amr"], claims["acr"], claims["auth_time"]) == ([], "0", 0)


def test_it_shows_what_she_sees(acting: SignedIn) -> None:
    assert client_of(acting).get(f"{AUTH}/profile").json()["email"] == "anna@example.com"


def test_introspection_names_who_acts(acting: SignedIn, staff: SignedIn) -> None:
    told = Client().post(f"{AUTH}/verify", {"token": acting.access}, content_type="application/json").json()
    assert (told["active"], told["act"]) == (True, {"sub": str(staff.user.pk)})
    Session.objects.filter(pk=staff.session.pk).update(ended_at=utcnow())
    told = Client().post(f"{AUTH}/verify", {"token": acting.access}, content_type="application/json").json()
    assert told == {"active": False}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/profile"),
        ("POST", "/password/change"),
        ("POST", "/reauthenticate"),
        ("POST", "/email/change"),
        ("POST", "/addresses"),
        ("POST", "/phone/send"),
        ("DELETE", "/sessions"),
        ("DELETE", "/account"),
        ("GET", "/export"),
    ],
)
def test_what_only_she_may_is_refused_and_recorded(acting: SignedIn, staff: SignedIn, method: str, path: str) -> None:
    answer = client_of(acting).generic(method, AUTH + path, "{}", content_type="application/json")
    assert code_of(answer) == (403, "permission_denied")
    assert answer.json()["detail"] == "Not while acting for another person."
    entry = the_entry("accounts.impersonation.refused")
    assert (entry.actor, entry.impersonator) == (acting.user.pk, staff.user.pk)
    assert entry.details == {"method": method, "call": f"api/v1/auth{path}"}


def test_other_peoples_accounts_are_not_changed_by_an_administrator_who_is_acted_for(staff: SignedIn) -> None:
    root, other = make_person(is_superuser=True), make_person()
    acting = act_for(root, staff=staff)
    assert client_of(acting).get(f"/api/v1/users/{other.pk}").status_code == 200
    assert code_of(client_of(acting).post(f"/api/v1/users/{other.pk}/deactivate")) == (403, "permission_denied")
    assert code_of(impersonate(acting, other)) == (403, "permission_denied")
    assert User.objects.get(pk=other.pk).is_active


def test_what_she_may_not_see_is_refused_as_to_her_and_recorded_with_both(
    acting: SignedIn, staff: SignedIn, settings: Any
) -> None:
    settings.PERMISSION_REFUSAL_RECORDER = "accounts.tests.house.record_refusal"
    assert code_of(client_of(acting).get("/api/v1/users")) == (403, "permission_denied")
    entry = the_entry("accounts.management.refused")
    assert (entry.actor, entry.impersonator) == (acting.user.pk, staff.user.pk)


@pytest.mark.parametrize("body", [{}, {"all": True}])
def test_signing_out_ends_that_session_alone(acting: SignedIn, staff: SignedIn, body: dict[str, bool]) -> None:
    own = sign_in(acting.user)
    assert client_of(acting).post(f"{AUTH}/logout", body, format="json").status_code == 204
    assert code_of(client_of(acting).get(f"{AUTH}/profile")) == (401, "invalid_token")
    for other in (own, staff):
        assert client_of(other).get(f"{AUTH}/profile").status_code == 200
    entry = the_entry("accounts.impersonation.ended")
    assert (entry.actor, entry.impersonator) == (acting.user.pk, staff.user.pk)


def test_signing_out_of_her_own_session_ends_what_staff_began_in_it(acting: SignedIn, staff: SignedIn) -> None:
    assert client_of(staff).post(f"{AUTH}/logout", {}, format="json").status_code == 204
    assert code_of(client_of(acting).get(f"{AUTH}/profile")) == (401, "invalid_token")


def test_she_sees_it_among_her_sessions_without_who_or_from_where(acting: SignedIn, anna: User) -> None:
    found = client_of(sign_in(anna)).get(f"{AUTH}/sessions").json()["results"]
    shown = {one["id"]: (one["by_staff"], one["ip_address"], one["user_agent"]) for one in found}
    assert shown.pop(str(acting.session.pk)) == (True, "", "")
    assert [by_staff for by_staff, _, _ in shown.values()] == [False]
    assert "staff@example.com" not in str(found)


def test_who_may_not_act_for_others_learns_nothing_of_a_person(anna: User) -> None:
    caller = sign_in()
    assert code_of(impersonate(caller, anna)) == (404, "not_found")
    assert code_of(impersonate(None, anna)) == (401, "not_authenticated")


def test_a_sign_in_of_a_while_ago_asks_for_the_password(anna: User, staff: SignedIn) -> None:
    Session.objects.filter(pk=staff.session.pk).update(auth_time=utcnow().replace(year=2020))
    assert code_of(impersonate(staff, anna)) == (403, "reauthentication_required")
    assert code_of(impersonate(staff, anna, password="wrong")) == (400, "validation_error")
    assert impersonate(staff, anna, password=PASSWORD).status_code == 200


@pytest.mark.parametrize("body", [{"reason": ""}, {"minutes": 0}, {"minutes": 61}, {"minutes": "5"}, {"minutes": True}])
def test_a_mistake_is_told(anna: User, staff: SignedIn, body: dict[str, Any]) -> None:
    answer = impersonate(staff, anna, **body)
    assert code_of(answer) == (400, "validation_error")
    assert [error["field"] for error in answer.json()["errors"]] == list(body)


def test_a_stopped_person_and_oneself_are_conflicts(staff: SignedIn) -> None:
    assert code_of(impersonate(staff, make_person(is_active=False))) == (409, "conflict")
    assert code_of(impersonate(staff, staff.user)) == (409, "conflict")
    assert len(entries("accounts.management.refused")) == 2


def forged(**claims: Any) -> str:
    """Return a token of ours that says something else of who acts."""
    token = tokens.AccessToken()
    token.payload |= claims
    return str(token)


@pytest.mark.parametrize("act", [None, "x", {}, {"sub": 1}, {"sub": "x"}, {"sub": "", "act": {}}, ["sub"]])
def test_a_token_that_names_no_one_actor_is_not_valid(acting: SignedIn, act: Any) -> None:
    with pytest.raises(InvalidToken):
        tokens.verify_access(forged(**{**claims_of(acting.access), "act": act}), now=utcnow())


def test_each_kind_of_session_is_opened_by_its_own_kind_of_token(acting: SignedIn, staff: SignedIn) -> None:
    own = sign_in(acting.user)
    without = {name: value for name, value in claims_of(acting.access).items() if name != "act"}
    with_actor = {**claims_of(own.access), "act": {"sub": str(staff.user.pk)}}
    of_another = {**claims_of(acting.access), "act": {"sub": str(acting.user.pk)}}
    of_a_third = {**claims_of(acting.access), "sub": str(staff.user.pk)}
    for claims in (without, with_actor, of_another, of_a_third):
        headers = {"authorization": f"Bearer {forged(**claims)}"}
        assert code_of(Client().get(f"{AUTH}/profile", headers=headers)) == (401, "invalid_token")


def test_what_she_takes_along_tells_that_staff_looked_and_not_who_or_from_where(
    acting: SignedIn, staff: SignedIn, anna: User
) -> None:
    client = client_of(acting)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {acting.access}", REMOTE_ADDR="198.51.100.77")
    assert client.patch(f"{AUTH}/profile", {}, format="json").status_code == 403
    hers, theirs = (client_of(sign_in(user)).get(f"{AUTH}/export") for user in (anna, staff.user))
    done = hers.json()["history"]["done_for_you_by_staff"]
    assert [entry["action"] for entry in done] == ["accounts.impersonation.refused"]
    assert "198.51.100.77" not in hers.text
    assert str(staff.user.pk) not in hers.text
    assert "198.51.100.77" in theirs.text
