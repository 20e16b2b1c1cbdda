"""Tokens over their lives (C): what ends with a session, what a retry gets."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import requests

from config.testing.cases import case
from config.testing.forging import unpacked
from config.testing.mailbox import token_in
from config.testing.processes import Gatehouse
from config.testing.walks import PASSWORD, Person, change_account, new_person, sign_in

NEW = "Another-Horse-8-Battery"


def me(house: Gatehouse, access: str) -> int:
    return house.get("/auth/me", bearer=access).status_code


def renew(house: Gatehouse, refresh: str) -> requests.Response:
    return house.post("/auth/refresh", {"refresh": refresh})


def run(house: Gatehouse, script: str) -> str:
    """Run a line of Python past the service, in its database."""
    setup = (
        "import datetime as dt; from accounts.models import RefreshToken, Session, User; from kit.clock import utcnow; "
    )
    return house.inside(setup + script)


def age(house: Gatehouse, person: Person, seconds: int) -> None:
    """Let the refresh tokens of a session have been spent so many seconds earlier."""
    session = person.tokens["session_id"]
    script = (
        f"rows = RefreshToken.objects.filter(session={session!r}, spent_at__isnull=False); "
        f"[rows.filter(pk=r.pk).update(spent_at=r.spent_at - dt.timedelta(seconds={seconds})) for r in rows]"
    )
    run(house, script)


@case("C18")
def test_after_signing_out_no_token_of_the_session_is_good(house: Gatehouse) -> None:
    person = new_person(house)
    other = sign_in(house, person.email)
    assert house.post("/auth/logout", {}, bearer=person.access).status_code == 204
    assert (me(house, person.access), renew(house, person.tokens["refresh"]).status_code) == (401, 401)
    assert (me(house, other.access), renew(house, other.tokens["refresh"]).status_code) == (200, 200)


@case("C19")
def test_after_signing_out_everywhere_no_token_is_good(house: Gatehouse) -> None:
    person = new_person(house)
    other = sign_in(house, person.email)
    assert house.post("/auth/logout", {"all": True}, bearer=person.access).status_code == 204
    for one in (person, other):
        assert (me(house, one.access), renew(house, one.tokens["refresh"]).status_code) == (401, 401)


@case("C20")
def test_a_changed_password_ends_the_other_sessions(house: Gatehouse) -> None:
    person = new_person(house)
    other = sign_in(house, person.email)
    body = {"current_password": PASSWORD, "new_password": NEW}
    assert house.post("/auth/password/change", body, bearer=person.access).status_code == 204
    assert (me(house, other.access), renew(house, other.tokens["refresh"]).status_code) == (401, 401)
    assert me(house, person.access) == 200


@case("C22")
def test_whoever_comes_to_an_address_later_is_somebody_else(house: Gatehouse) -> None:
    gone = new_person(house)
    run(house, f"User.objects.filter(email={gone.email!r}).delete()")
    assert house.post("/auth/register", {"email": gone.email, "password": PASSWORD}).status_code == 202
    token = token_in(house.mailbox.wait(to=gone.email, count=2))
    assert house.post("/auth/verify-email", {"token": token}).status_code == 200
    assert sign_in(house, gone.email).access
    assert (me(house, gone.access), renew(house, gone.tokens["refresh"]).status_code) == (401, 401)


@case("C23")
def test_a_spent_token_that_comes_back_late_ends_its_session(house: Gatehouse) -> None:
    person = new_person(house)
    spent = person.tokens["refresh"]
    live = renew(house, spent).json()
    age(house, person, 3_600)
    assert renew(house, spent).status_code == 401
    assert (me(house, live["access"]), renew(house, live["refresh"]).status_code) == (401, 401)
    assert house.mailbox.wait(to=person.email, count=2)
    entries = "from audit.models import Entry; print('reused:', Entry.objects.filter(action='accounts.refresh.reused', "
    assert "reused: 1" in run(house, entries + f"target={person.tokens['session_id']!r}).count())")


@case("C24")
def test_fifty_at_once_leave_one_live_line(house: Gatehouse) -> None:
    person, together = new_person(house), Barrier(50)

    def one(_: int) -> requests.Response:
        together.wait()
        return renew(house, person.tokens["refresh"])

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(one, range(50)))
    assert Counter(answer.status_code for answer in answers) == {200: 50}
    assert len({answer.json()["refresh"] for answer in answers}) == 1


@case("C25")
def test_a_client_that_lost_the_answer_gets_the_same_successor(house: Gatehouse) -> None:
    person = new_person(house)
    first, again = (renew(house, person.tokens["refresh"]).json() for _ in range(2))
    assert first["refresh"] == again["refresh"]
    assert me(house, first["access"]) == 200


@case("C27")
def test_a_session_ends_at_its_absolute_end_however_often_it_is_renewed(house: Gatehouse) -> None:
    person = new_person(house)
    live = renew(house, person.tokens["refresh"]).json()
    end = "expires_at=utcnow() - dt.timedelta(seconds=1)"
    run(house, f"Session.objects.filter(pk={person.tokens['session_id']!r}).update({end})")
    assert (me(house, live["access"]), renew(house, live["refresh"]).status_code) == (401, 401)


@case("C28")
def test_a_renewal_asks_anew_whether_the_account_may_act(house: Gatehouse) -> None:
    person = new_person(house)
    live = renew(house, person.tokens["refresh"]).json()
    change_account(house, person.email, "is_active=False")
    assert renew(house, live["refresh"]).status_code == 401
    change_account(house, person.email, "is_active=True, frozen_at=timezone.now()")
    assert renew(house, live["refresh"]).status_code == 401


@case("C28")
def test_a_role_that_is_taken_is_gone_from_the_tokens_that_are_out(house: Gatehouse) -> None:
    person = new_person(house)
    house.command("roles_grant", person.email, "notifier")
    body = {"to": person.email, "subject": "s", "text": "t"}
    assert house.post("/notify/email", body, bearer=person.access).status_code == 202
    house.command("roles_revoke", person.email, "notifier")
    renewed = renew(house, person.tokens["refresh"]).json()
    for access in (person.access, renewed["access"]):
        assert house.post("/notify/email", body, bearer=access).status_code == 403


@case("C35")
def test_a_renewed_token_is_no_fresher_than_its_sign_in(house: Gatehouse) -> None:
    person = new_person(house)
    older = "auth_time=utcnow() - dt.timedelta(hours=1)"
    run(house, f"Session.objects.filter(pk={person.tokens['session_id']!r}).update({older})")
    live = renew(house, person.tokens["refresh"]).json()
    assert time.time() - unpacked(live["access"], 1)["auth_time"] > 3_500
    change: dict[str, Any] = {"email": f"new-{person.email}"}
    refused = house.post("/auth/email/change", change, bearer=live["access"])
    assert (refused.status_code, refused.json()["code"]) == (403, "reauthentication_required")
    fresh = house.post("/auth/reauthenticate", {"password": PASSWORD}, bearer=live["access"]).json()
    assert house.post("/auth/email/change", change, bearer=fresh["access"]).status_code == 202
