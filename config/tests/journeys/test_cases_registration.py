"""Registration and profile (F): names that deceive, fields that nobody may set, passwords at their bounds."""

from collections.abc import Iterator
from typing import Any

import pytest

from config.testing.cases import case
from config.testing.mailbox import text_of
from config.testing.processes import Gatehouse
from config.testing.walks import PASSWORD, Person, new_address, new_person, register
from config.tests.journeys.conftest import make_house

DECEIVING = (
    "\u0430dmin",  # the first letter is Cyrillic
    "admin\u200b",
    "ad\u200dmin",
    "\u202eadmin",
    "admin\u2066",
    "a\u0000b",
    "ad min",
    "admin@example.org",
    "<script>",
    "\u115fadmin",
)
MALFORMED = (
    "a@b\ncc:x@example.org",
    '"a b"@example.org',
    "a(comment)@example.org",
    "a@[127.0.0.1]",
    "a@127.0.0.1",
    "a@exam\nple.org",
    "a@example",
    "a..b@example.org",
    "a@@example.org",
    f"{'a' * 65}@example.org",
    f"a@{'b' * 300}.org",
)
NOT_HERS: dict[str, Any] = {
    "is_staff": True,
    "is_superuser": True,
    "is_active": False,
    "staff": True,
    "isStaff": True,
    "superuser": True,
    "roles": ["administrator"],
    "groups": [1],
    "permissions": ["*"],
    "grants": [{"role": "administrator"}],
    "id": 1,
    "pk": 1,
    "tenant": 2,
    "email_verified": True,
    "phone_verified": True,
    "phone_confirmed_at": "2020-01-01",
    "date_joined": "2020-01-01",
    "created_at": "2020-01-01T00:00:00Z",
    "password_hash": "x",
    "mfa_enabled": False,
    "frozen_at": None,
    "erase_at": None,
    "password_changed_at": None,
}
CRAFTED: dict[str, Any] = {
    "user": {"is_staff": True},
    "profile": {"is_staff": True},
    "__class__": "x",
    "user__is_staff": True,
    "role__id": 1,
    "user_id": 1,
    "_connector": "OR",
    "_negated": True,
    "is_staff__in": [True],
    "handles": [],
}


def profile(house: Gatehouse, person: Person) -> dict[str, Any]:
    answer: dict[str, Any] = house.get("/auth/me", bearer=person.access).json()
    return answer


def registered(house: Gatehouse, **fields: Any) -> Any:
    return house.post("/auth/register", {"email": new_address(), "password": PASSWORD, **fields})


@case("F02")
@pytest.mark.parametrize("name", DECEIVING)
def test_a_name_that_deceives_is_refused(house: Gatehouse, name: str) -> None:
    answer = registered(house, username=name)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "username")
    person = new_person(house)
    changed = house.request("PATCH", "/api/v1/auth/me", bearer=person.access, json={"username": name})
    assert changed.status_code == 400
    assert profile(house, person)["username"] is None


@case("F03")
def test_a_tag_makes_another_address_and_no_further_mails(house: Gatehouse) -> None:
    local, _, domain = new_address().partition("@")
    for tag in ("", "+a", "+b", "+c", "+d", "+e"):
        answer = house.post("/auth/register", {"email": f"{local}{tag}@{domain}", "password": PASSWORD})
        assert answer.status_code == 202
    house.mailbox.wait(to=local, count=3)
    assert register(house, new_address())  # whatever else was to be sent has been by now
    assert len(house.mailbox.mails(to=local)) == 3


@case("F05")
@pytest.mark.parametrize("address", MALFORMED)
def test_an_address_that_is_none_is_refused(house: Gatehouse, address: str) -> None:
    answer = house.post("/auth/register", {"email": address, "password": PASSWORD})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "email")


@case("F07", "F08")
@pytest.mark.parametrize("fields", [NOT_HERS, CRAFTED], ids=["not hers", "crafted"])
def test_fields_that_nobody_may_set_are_not_obeyed(house: Gatehouse, fields: dict[str, Any]) -> None:
    person = new_person(house)
    before = profile(house, person)
    answer = house.request("PATCH", "/api/v1/auth/me", bearer=person.access, json=fields)
    assert answer.status_code in {200, 400}
    assert registered(house, **fields).status_code in {202, 400}
    assert profile(house, person) == before
    held = house.get("/auth/permissions", bearer=person.access).json()
    assert held["roles"] == ["member"]


@case("F09")
def test_a_header_does_not_change_the_method(house: Gatehouse) -> None:
    person = new_person(house)
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        headers = {name: "DELETE"}
        answer = house.request("POST", "/api/v1/auth/sessions?_method=DELETE", bearer=person.access, headers=headers)
        assert answer.status_code == 405
    assert profile(house, person)["email"] == person.email


@case("F12")
@pytest.mark.parametrize(
    ("password", "status"),
    [
        ("q7" * 7, 400),
        ("q7" * 7 + "x", 202),
        ("Qx7!mz2", 400),
        ("Qx7!mz2b", 202),
        ("zq7-" * 16, 202),
        ("zq7-" * 32, 202),
        ("zq7-" * 256, 202),
        ("zq7-" * 256 + "x", 400),
        ("1q2w3e4r5t6y7u8i9o0p", 400),
    ],
    ids=["14", "15", "7 of four kinds", "8 of four kinds", "64", "128", "1024", "1025", "common"],
)
def test_a_password_is_long_enough_and_not_too_long(house: Gatehouse, password: str, status: int) -> None:
    answer = registered(house, password=password)
    assert answer.status_code == status, answer.text
    if status == 400:
        assert [error["field"] for error in answer.json()["errors"]] == ["password"]
        assert password not in answer.text


@pytest.fixture(scope="module")
def closed_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gatehouse]:
    with make_house(tmp_path_factory.mktemp("closed"), "closed", ACCOUNTS_SIGN_UP="closed") as running:
        yield running


@case("F15")
def test_where_sign_up_is_closed_no_road_leads_in(closed_house: Gatehouse) -> None:
    body = {"email": new_address(), "password": PASSWORD, "token": "x" * 43}
    assert closed_house.post("/auth/register", body).status_code == 403
    assert closed_house.post("/auth/resend-verification", body).status_code in {202, 403}
    assert closed_house.post("/auth/verify-email", body).status_code in {400, 403}
    assert closed_house.post("/auth/invitations/accept", body).status_code in {400, 403}
    assert closed_house.post("/auth/login", {"email": body["email"], "password": PASSWORD}).status_code == 401


@case("F16")
@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "{{7*7}}", "=cmd()", "{% load x %}", "\u202egnp.exe"])
def test_a_name_is_text_wherever_it_is_shown(house: Gatehouse, name: str) -> None:
    person = new_person(house)
    answer = house.request("PATCH", "/api/v1/auth/me", bearer=person.access, json={"first_name": name})
    assert answer.status_code in {200, 400}
    if answer.status_code == 200:
        assert answer.headers["Content-Type"] == "application/json"
        assert profile(house, person)["first_name"] == name
        house.post(
            "/auth/password/change",
            {"current_password": PASSWORD, "new_password": f"{PASSWORD}-2"},
            bearer=person.access,
        )
        mail = house.mailbox.wait(to=person.email, count=2)
        html = mail.get_body(("html",))
        assert html is None or "<script>alert" not in html.get_content()
        assert "49" not in text_of(mail).split("http", maxsplit=1)[0]


@case("F16")
def test_a_name_of_ten_kilobytes_is_refused(house: Gatehouse) -> None:
    assert registered(house, first_name="a" * 10_240).json()["errors"][0]["field"] == "first_name"
