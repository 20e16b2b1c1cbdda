"""Rising (G): giving, editing, joining and inviting beyond oneself; who stays at the end; roles without a bottom."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from config.testing.cases import case
from config.testing.permitted import REFUSED, SEND, One, assign, may, new_one, new_role, new_root, outcome, revoke
from config.testing.processes import API, Gatehouse
from config.testing.walks import PASSWORD
from config.tests.journeys.conftest import make_house


@pytest.fixture(scope="module")
def root(house: Gatehouse) -> One:
    """Somebody who may do everything."""
    return new_root(house)


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
