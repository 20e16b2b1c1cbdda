"""Permissions (G): what is another's; rising above oneself; what is taken back; who stays at the end."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from config.testing.cases import case
from config.testing.processes import API, Gatehouse
from config.testing.walks import PASSWORD, Person, new_person, new_staff, sign_in
from config.tests.journeys.conftest import make_house

SEND = "notifications.send_message"
REFUSED = (403, "permission_denied")


@dataclass(frozen=True)
class One:
    """Somebody signed in, with her id."""

    id: str
    access: str
    email: str


def one(house: Gatehouse, person: Person, *roles: str) -> One:
    for role in roles:
        house.manage("roles_grant", person.email, role)
    told = house.get("/auth/me", bearer=person.access).json()
    return One(told["id"], person.access, person.email)


def new_one(house: Gatehouse, *roles: str) -> One:
    return one(house, new_person(house), *roles)


@pytest.fixture(scope="module")
def root(house: Gatehouse) -> One:
    """Somebody who may do everything."""
    return one(house, sign_in(house, new_staff(house).email))


def new_role(house: Gatehouse, root: One, *permissions: str, **more: Any) -> str:
    name = f"role-{uuid4().hex[:12]}"
    answer = house.post("/roles", {"name": name, "permissions": list(permissions), **more}, bearer=root.access)
    assert answer.status_code == 201, answer.text
    return name


@pytest.fixture(scope="module")
def giver(house: Gatehouse, root: One) -> One:
    """Somebody who gives and takes roles, edits them and looks after groups, and may send messages besides."""
    role = new_role(
        house,
        root,
        *("roles.add_grant", "roles.delete_grant", "roles.view_grant", "roles.add_role", "roles.change_role"),
        *("roles.view_role", "roles.add_membership", "roles.view_group", SEND),
    )
    return new_one(house, role)


def assign(house: Gatehouse, by: One, to: One, role: str, **more: Any) -> requests.Response:
    return house.post("/roles/assign", {"user": to.id, "role": role, **more}, bearer=by.access)


def revoke(house: Gatehouse, by: One, person: One, role: str) -> requests.Response:
    return house.request("DELETE", f"{API}/roles/revoke", bearer=by.access, json={"user": person.id, "role": role})


def may(house: Gatehouse, person: One, permission: str = SEND, **more: Any) -> bool:
    answer = house.post("/auth/permissions/check", {"permission": permission, **more}, bearer=person.access)
    assert answer.status_code == 200, answer.text
    allowed: bool = answer.json()["allowed"]
    return allowed


def outcome(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@case("G01")
@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT", "DELETE"])
def test_a_member_neither_sees_nor_changes_another(house: Gatehouse, method: str) -> None:
    anna, bert = new_one(house), new_one(house)
    answers = [
        house.request(method, f"{API}/users/{uid}", bearer=anna.access, json={"first_name": "N"})
        for uid in (bert.id, str(uuid4()))
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json()["detail"] == answers[1].json()["detail"]


@case("G02")
def test_what_belongs_to_another_is_not_there_for_a_member(house: Gatehouse) -> None:
    anna, bert = new_one(house), new_one(house, "notifier")
    session = house.get("/auth/sessions", bearer=bert.access).json()["results"][0]["id"]
    sent = house.post("/notify/email", {"to": "g02@example.org", "subject": "S", "text": "T"}, bearer=bert.access)
    asked = house.post("/access-requests", {"role": "notifier", "minutes": 5, "reason": "R"}, bearer=bert.access)
    for method, path in (
        ("DELETE", f"/auth/sessions/{session}"),
        ("GET", f"/notify/messages/{sent.json()['id']}"),
        ("DELETE", f"/auth/mfa/{uuid4()}"),
        ("GET", f"/access-requests/{asked.json().get('id', uuid4())}"),
    ):
        assert house.request(method, API + path, bearer=anna.access, json={}).status_code in {403, 404}, path


@case("G03")
def test_a_person_named_twice_is_the_one_that_was_checked(house: Gatehouse, root: One) -> None:
    anna, bert = new_one(house, "notifier"), new_one(house, "notifier")
    path = f"{API}/roles/revoke?user={anna.id}&role=notifier"
    answer = house.request("DELETE", path, bearer=root.access, json={"user": bert.id, "role": "notifier"})
    assert answer.status_code == 400
    assert may(house, anna)
    assert may(house, bert)


@case("G04")
@pytest.mark.parametrize("spelling", ["{0}/", "{0}.json", "%2e%2e/users/{0}", "{0}%00", "-1", "*", "{0},{0}", "[{0}]"])
def test_another_spelling_of_an_id_opens_nothing(house: Gatehouse, spelling: str) -> None:
    anna, bert = new_one(house), new_one(house)
    answer = house.request("GET", f"{API}/users/{spelling.format(bert.id)}", bearer=anna.access)
    assert answer.status_code == 404
    body = {"user": spelling.format(bert.id), "role": "notifier"}
    assert house.post("/roles/assign", body, bearer=anna.access).status_code in {400, 403}
    assert not may(house, bert)


@case("G06")
def test_an_edited_or_foreign_cursor_is_refused(house: Gatehouse, root: One) -> None:
    for _ in range(2):
        new_one(house, "notifier")
    following = house.get("/roles/grants?page_size=1", bearer=root.access).json()["next"]
    cursor = following.partition("cursor=")[2].partition("&")[0]
    for forged in (cursor[:-2] + "AA", "AAAA", cursor[::-1]):
        answer = house.get(f"/roles/grants?page_size=1&cursor={forged}", bearer=root.access)
        assert outcome(answer) == (400, "validation_error"), forged


@case("G08")
def test_nobody_gives_more_than_she_holds(house: Gatehouse, giver: One) -> None:
    anna = new_one(house)
    for role in ("administrator", "user-manager", "encryptor"):
        for to in (anna, giver):
            assert outcome(assign(house, giver, to, role)) == REFUSED
    assert not may(house, giver, "vault.encrypt")


@case("G08")
def test_what_she_holds_she_may_give_and_take(house: Gatehouse, root: One, giver: One) -> None:
    anna, role = new_one(house), new_role(house, root, SEND)
    given = assign(house, giver, anna, role)
    assert (given.status_code, assign(house, giver, anna, role).status_code) == (201, 200)
    assert may(house, anna)
    assert revoke(house, giver, anna, role).status_code == 204
    assert (may(house, anna), revoke(house, giver, anna, role).status_code) == (False, 404)


@case("G08")
def test_a_role_that_she_holds_is_not_made_stronger_by_herself(house: Gatehouse, root: One, giver: One) -> None:
    role = new_role(house, root, SEND)
    assert assign(house, root, giver, role).status_code == 201
    for change in ({"permissions": [SEND, "vault.encrypt"]}, {"permissions": ["*"]}, {"inherits": ["administrator"]}):
        answer = house.request("PATCH", f"{API}/roles/{role}", bearer=giver.access, json=change)
        assert outcome(answer) == REFUSED, change
    assert not may(house, giver, "vault.encrypt")


@case("G08")
def test_no_role_is_made_that_holds_more_than_its_maker(house: Gatehouse, giver: One) -> None:
    for body in ({"permissions": ["vault.encrypt"]}, {"inherits": ["encryptor"]}, {"permissions": ["notifications.*"]}):
        answer = house.post("/roles", {"name": f"mine-{uuid4().hex[:8]}", **body}, bearer=giver.access)
        assert outcome(answer) == REFUSED, body


@case("G08")
def test_nobody_joins_a_group_that_has_more_than_she_holds(house: Gatehouse, root: One, giver: One) -> None:
    group = f"group-{uuid4().hex[:8]}"
    assert house.post("/groups", {"name": group}, bearer=root.access).status_code == 201
    path = f"/groups/{group}/members"
    assert house.post(path, {"user": giver.id}, bearer=giver.access).status_code == 201
    given = house.post("/roles/assign", {"group": group, "role": "encryptor"}, bearer=root.access)
    assert given.status_code == 201
    assert may(house, giver, "vault.encrypt")
    other = new_one(house)
    assert house.request("DELETE", f"{API}{path}/{giver.id}", bearer=root.access).status_code == 204
    assert not may(house, giver, "vault.encrypt")
    for person in (giver, other):
        assert outcome(house.post(path, {"user": person.id}, bearer=giver.access)) == REFUSED


@case("G11")
def test_of_the_last_two_who_may_do_everything_one_stays(tmp_path: Path) -> None:
    """Two take the role from each other at the same moment, again and again, in a house where nobody else has it."""
    with make_house(tmp_path, "last-two") as house:
        first, second = (new_one(house, "administrator") for _ in range(2))
        for _ in range(5):
            with ThreadPoolExecutor(2) as pool:
                taken = list(
                    pool.map(
                        lambda pair: revoke(house, pair[0], pair[1], "administrator"),
                        [(first, second), (second, first)],
                    )
                )
            assert min(answer.status_code for answer in taken) == 204
            left = [person for person in (first, second) if may(house, person, "*")]
            assert len(left) == 1
            assert outcome(revoke(house, left[0], left[0], "administrator")) == (409, "conflict")
            assert (
                house.request(
                    "DELETE", f"{API}/auth/account", bearer=left[0].access, json={"password": PASSWORD}
                ).status_code
                == 409
            )
            gone = second if left[0] is first else first
            assert assign(house, left[0], gone, "administrator").status_code == 201


@case("G12", "G13")
def test_who_gives_a_role_up_is_refused_at_once_with_the_token_she_has(house: Gatehouse, root: One) -> None:
    anna, role = new_one(house, "user-manager"), new_role(house, root, "roles.delete_grant", "audit.view_entry")
    assert assign(house, root, anna, role).status_code == 201
    assert may(house, anna, "roles.delete_grant")
    assert revoke(house, anna, anna, role).status_code == 204
    assert not may(house, anna, "roles.delete_grant")
    assert outcome(revoke(house, anna, anna, "user-manager")) == REFUSED
    assert house.get("/users", bearer=anna.access).status_code == 200
    assert revoke(house, root, anna, "user-manager").status_code == 204
    assert house.get("/users", bearer=anna.access).status_code == 403


@case("G14")
def test_a_circle_of_roles_is_refused_at_any_depth(house: Gatehouse, root: One, tmp_path: Path) -> None:
    stem = uuid4().hex[:8]
    lines = ["roles:"]
    for level in range(1000):
        inherits = f"[deep-{stem}-{level + 1}]" if level < 999 else "[]"
        held = f"[{SEND}]" if level == 999 else "[]"
        lines.append(f"  deep-{stem}-{level}: {{permissions: {held}, inherits: {inherits}}}")
    file = tmp_path / "deep.yaml"
    file.write_text("\n".join(lines))
    house.manage("roles_apply", str(file))
    path = f"{API}/roles/deep-{stem}-999"
    answer = house.request("PATCH", path, bearer=root.access, json={"inherits": [f"deep-{stem}-0"]})
    assert outcome(answer) == (400, "validation_error")
    assert may(house, new_one(house, f"deep-{stem}-0"))


@case("G15")
def test_who_may_look_learns_nothing_of_others_by_questions(house: Gatehouse, root: One) -> None:
    looker, anna = new_one(house, new_role(house, root, "roles.view_role")), new_one(house, "notifier")
    asked = {"permission": SEND, "user": anna.id}
    for path in ("/roles/explain", "/auth/permissions/check"):
        assert outcome(house.post(path, asked, bearer=looker.access)) == REFUSED, path
    assert house.get("/roles/grants", bearer=looker.access).status_code == 403


@case("G16")
def test_nobody_is_invited_into_more_than_the_inviter_holds(house: Gatehouse) -> None:
    manager = new_one(house, "user-manager")
    body = {"email": f"{uuid4().hex}@example.com", "roles": [{"role": "administrator"}]}
    assert outcome(house.post("/invitations", body, bearer=manager.access)) == REFUSED
    assert house.get(f"/users?search={body['email']}", bearer=manager.access).json()["results"] == []
    raised = {**body, "is_superuser": True, "is_staff": True, "grants": ["administrator"]}
    del raised["roles"]
    made = house.post("/users", raised, bearer=manager.access)
    shown = house.inside(
        "from accounts.models import User; from roles.models import Grant; "
        f"print(list(User.objects.filter(email={body['email']!r}, is_superuser=True)), Grant.objects.filter("
        f"user__email={body['email']!r}).count())"
    )
    assert (made.status_code, shown.split()[-2:]) == (201, ["[]", "0"])


@case("G20")
def test_one_foreign_person_among_a_hundred_questions_refuses_them_all(house: Gatehouse) -> None:
    anna, bert = new_one(house), new_one(house)
    questions: list[dict[str, str]] = [{"permission": SEND}] * 99
    whole = house.post("/auth/permissions/check", {"checks": [*questions, {"permission": SEND}]}, bearer=anna.access)
    assert len(whole.json()["results"]) == 100
    foreign = {"permission": SEND, "user": bert.id}
    answer = house.post("/auth/permissions/check", {"checks": [*questions, foreign]}, bearer=anna.access)
    assert outcome(answer) == REFUSED
    assert "results" not in answer.json()


@case("G21")
def test_what_is_for_staff_is_in_no_answer_to_a_member(house: Gatehouse) -> None:
    anna = new_one(house)
    for path in ("/auth/me", "/users/me", "/auth/sessions", "/auth/permissions"):
        text = house.get(path, bearer=anna.access).text
        hidden = ("is_staff", "is_superuser", "risk", "last_ip", "password", "given_by", "permission_stamp")
        assert not [word for word in hidden if f'"{word}"' in text], path


@case("G22")
def test_what_a_member_has_no_permission_for_is_refused(house: Gatehouse) -> None:
    anna = new_one(house)
    for path in ("/roles", "/permissions", "/roles/grants", "/groups", "/placements", "/users"):
        assert house.get(path, bearer=anna.access).status_code == 403, path
