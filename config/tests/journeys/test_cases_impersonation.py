"""Acting for another person (G): of whom nobody may, what can never be done so, and that the log has both."""

from typing import Any

import pytest
import requests

from config.testing.cases import case
from config.testing.mailbox import text_of
from config.testing.processes import API, Gatehouse
from config.testing.walks import PASSWORD, Person, new_person, new_staff, sign_in

REASON = {"reason": "She asked for help"}


def id_of(house: Gatehouse, person: Person) -> str:
    found: str = house.get("/auth/me", bearer=person.access).json()["id"]
    return found


def new_administrator(house: Gatehouse) -> Person:
    """Return somebody who may do everything, signed in."""
    return sign_in(house, new_staff(house).email)


def new_helper(house: Gatehouse) -> tuple[Person, str]:
    """Return somebody who looks after people and may act for them, and the role that lets her do that."""
    helper = new_person(house)
    house.command("roles_grant", helper.email, "user-manager")
    told = house.inside(
        "from accounts.models import User; from roles.testing import allow; "
        f"print(allow(User.objects.get(email={helper.email!r}), 'accounts.impersonate_user').role_id)"
    )
    return helper, told.split()[-1]


def act_for(house: Gatehouse, staff: Person, person: Person) -> requests.Response:
    return house.post(f"/users/{id_of(house, person)}/impersonate", REASON, bearer=staff.access)


def me(house: Gatehouse, access: str) -> int:
    return house.get("/auth/me", bearer=access).status_code


@pytest.fixture(scope="module")
def acting(house: Gatehouse) -> str:
    """The token by which an administrator acts for another one, who might do all of it herself."""
    token: str = act_for(house, new_administrator(house), new_administrator(house)).json()["access"]
    return token


@case("G09")
def test_who_looks_after_people_touches_nobody_who_may_do_more(house: Gatehouse) -> None:
    root, (helper, _), other = new_administrator(house), new_helper(house), new_person(house)
    path = f"/users/{id_of(house, root)}"
    for call in ("send-password-reset", "reset-mfa", "deactivate", "unlock", "sign-out", "impersonate"):
        answer = house.post(f"{path}/{call}", REASON, bearer=helper.access)
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied"), call
    assert house.request("DELETE", API + path, bearer=helper.access).status_code == 403
    assert me(house, root.access) == 200
    assert act_for(house, helper, other).status_code == 200


@case("G09")
def test_who_looks_after_people_acts_for_nobody_without_the_permission(house: Gatehouse) -> None:
    manager, other = new_person(house), new_person(house)
    house.command("roles_grant", manager.email, "user-manager")
    assert act_for(house, manager, other).status_code == 404


@case("G23")
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/auth/password/change", {"current_password": PASSWORD, "new_password": "Another-Horse-8-Battery"}),
        ("POST", "/auth/reauthenticate", {"password": PASSWORD}),
        ("POST", "/auth/mfa/setup", {"password": PASSWORD}),
        ("POST", "/auth/mfa/webauthn/options", {"password": PASSWORD}),
        ("POST", "/auth/mfa/recovery-codes", {}),
        ("DELETE", "/auth/mfa", {}),
        ("POST", "/auth/email/change", {"email": "new@example.org", "password": PASSWORD}),
        ("POST", "/auth/phone/send", {"phone": "+4915112345678"}),
        ("PATCH", "/auth/profile", {"first_name": "N"}),
        ("DELETE", "/auth/sessions", {}),
        ("DELETE", "/auth/account", {"password": PASSWORD}),
        ("GET", "/auth/export", None),
        ("POST", "/encrypt", {"plaintext": "P"}),
        ("POST", "/notify/email", {"to": "to@example.org", "subject": "S", "text": "T"}),
    ],
)
def test_nothing_of_hers_is_changed_by_who_acts_for_her(
    house: Gatehouse, acting: str, method: str, path: str, body: Any
) -> None:
    answer = house.request(method, API + path, bearer=acting, json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert "acting for another person" in answer.json()["detail"]
    assert me(house, acting) == 200


@case("G23")
def test_the_log_has_both_ids_of_all_that_happens_meanwhile(house: Gatehouse) -> None:
    staff, person = new_administrator(house), new_person(house)
    access = act_for(house, staff, person).json()["access"]
    house.request("PATCH", f"{API}/auth/profile", bearer=access, json={"first_name": "N"})
    house.get("/users", bearer=access)
    house.post("/auth/logout", {}, bearer=access)
    told = house.inside(
        "from audit.models import Entry; "
        f"print(*Entry.objects.filter(actor={id_of(house, person)!r}, impersonator={id_of(house, staff)!r})"
        ".order_by('at').values_list('action', flat=True))"
    )
    assert "accounts.impersonation.refused house.permission.refused accounts.impersonation.ended" in told
    shown = house.get("/auth/activity", bearer=person.access).json()["results"]
    assert {one["by"] for one in shown if one["action"].startswith("accounts.impersonation")} == {"staff"}
    house.manage("audit_verify")


@case("G23")
@pytest.mark.parametrize("everywhere", [False, True])
def test_it_ends_with_the_session_in_which_it_was_asked_for(house: Gatehouse, everywhere: bool) -> None:
    staff, person = new_administrator(house), new_person(house)
    access = act_for(house, staff, person).json()["access"]
    assert me(house, access) == 200
    house.post("/auth/logout", {"all": everywhere}, bearer=staff.access)
    assert (me(house, access), me(house, person.access)) == (401, 200)


@case("G23")
def test_it_ends_with_a_new_password_of_who_acts(house: Gatehouse) -> None:
    staff, person = new_administrator(house), new_person(house)
    access = act_for(house, staff, person).json()["access"]
    change = {"current_password": PASSWORD, "new_password": "Another-Horse-8-Battery"}
    assert house.post("/auth/password/change", change, bearer=staff.access).status_code == 204
    assert (me(house, access), me(house, staff.access)) == (401, 200)


@case("G23")
def test_it_ends_with_the_permission_and_when_the_person_may_do_more(house: Gatehouse) -> None:
    (helper, role), person, other = new_helper(house), new_person(house), new_person(house)
    accesses = [act_for(house, helper, one).json()["access"] for one in (person, other)]
    assert [me(house, access) for access in accesses] == [200, 200]
    house.command("roles_grant", person.email, "administrator")
    assert [me(house, access) for access in accesses] == [401, 200]
    house.command("roles_revoke", helper.email, role)
    assert me(house, accesses[1]) == 401


@case("G23")
def test_she_is_told_sees_it_and_ends_it(house: Gatehouse) -> None:
    staff, person = new_administrator(house), new_person(house)
    access = act_for(house, staff, person).json()["access"]
    mail = house.mailbox.wait(to=person.email, about="Staff are looking at your account")
    assert not [word for word in (staff.email, REASON["reason"]) if word in text_of(mail)]
    listed = house.get("/auth/sessions", bearer=person.access).json()["results"]
    (found,) = [one for one in listed if one["by_staff"]]
    assert (found["ip_address"], found["user_agent"], found["current"]) == ("", "", False)
    assert house.request("DELETE", f"{API}/auth/sessions/{found['id']}", bearer=person.access).status_code == 204
    assert me(house, access) == 401
