"""Permissions (G): what is another's, by whatever spelling, and what questions and answers give away."""

from uuid import uuid4

import pytest

from config.testing.cases import case
from config.testing.permitted import REFUSED, SEND, One, may, new_one, new_role, new_root, outcome
from config.testing.processes import API, Gatehouse


@pytest.fixture(scope="module")
def root(house: Gatehouse) -> One:
    """Somebody who may do everything."""
    return new_root(house)


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


@case("G15")
def test_who_may_look_learns_nothing_of_others_by_questions(house: Gatehouse, root: One) -> None:
    looker, anna = new_one(house, new_role(house, root, "roles.view_role")), new_one(house, "notifier")
    asked = {"permission": SEND, "user": anna.id}
    for path in ("/roles/explain", "/auth/permissions/check"):
        assert outcome(house.post(path, asked, bearer=looker.access)) == REFUSED, path
    assert house.get("/roles/grants", bearer=looker.access).status_code == 403


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
