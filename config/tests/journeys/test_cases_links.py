"""Links and codes that are mailed (E): good once, while fresh, for their own purpose, and nowhere to be read."""

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import requests

from config.testing.cases import case
from config.testing.mailbox import link_in, token_in
from config.testing.processes import Gatehouse
from config.testing.walks import PASSWORD, Person, new_address, new_person, new_staff, patiently, register, sign_in
from config.tests.journeys.conftest import make_house

NEW = "Another-Horse-8-Battery"
APP = "https://app.example.com/account"
SUBJECT = "Set a new password"


def ask(house: Gatehouse, email: str, **more: str) -> str:
    """Ask for a new password and return the token of the mail."""
    before = len(house.mailbox.mails(to=email, about=SUBJECT))
    assert house.post("/auth/password/reset-request", {"email": email, **more}).status_code == 202
    return token_in(house.mailbox.wait(to=email, about=SUBJECT, count=before + 1))


def reset(house: Gatehouse, token: Any, password: str = NEW) -> requests.Response:
    return house.post("/auth/password/reset", {"token": token, "new_password": password})


def end_links(house: Gatehouse, email: str) -> None:
    """Let a person's links end a second ago."""
    change = (
        "import datetime as dt; from accounts.models import Link; from kit.clock import utcnow; "
        f"print('ended:', Link.objects.filter(user__email={email!r})"
        ".update(expires_at=utcnow() - dt.timedelta(seconds=1)))"
    )
    assert "ended: 1" in house.inside(change)


@case("E01", "E07")
def test_a_link_sets_one_password(house: Gatehouse) -> None:
    person, together = new_person(house), Barrier(20)
    token = ask(house, person.email)

    def one(number: int) -> requests.Response:
        together.wait()
        return patiently(lambda: reset(house, token, f"{NEW}-{number}"))

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(one, range(20)))
    assert Counter(answer.status_code for answer in answers) == {204: 1, 400: 19}
    assert reset(house, token).status_code == 400


@case("E02")
def test_only_the_newest_link_is_good(house: Gatehouse) -> None:
    person = new_person(house)
    first, second = ask(house, person.email), ask(house, person.email)
    assert reset(house, first).status_code == 400
    assert reset(house, second).status_code == 204
    assert reset(house, first).status_code == 400


@case("E05")
def test_a_link_that_ended_a_second_ago_is_refused(house: Gatehouse) -> None:
    person = new_person(house)
    token = ask(house, person.email)
    end_links(house, person.email)
    assert reset(house, token).status_code == 400
    assert sign_in(house, person.email).access


@case("E06")
def test_a_token_is_its_whole_text_and_of_one_purpose(house: Gatehouse) -> None:
    person = new_person(house)
    token = ask(house, person.email)
    altered = [token[:i] + ("A" if token[i] != "A" else "B") + token[i + 1 :] for i in range(0, len(token), 6)]
    cut = [token[:-1], token[1:], token + "A", token.swapcase(), "", f" {token}"]
    assert {reset(house, text).status_code for text in (*altered, *cut)} == {400}
    for path in ("/auth/verify-email", "/auth/undo", "/auth/unlock", "/auth/addresses/confirm", "/auth/account/keep"):
        assert house.post(path, {"token": token}).status_code == 400
    assert reset(house, register(house, new_address())).status_code == 400
    assert reset(house, token).status_code == 204


@case("E11")
def test_no_order_of_calls_sets_a_password_without_a_link(house: Gatehouse) -> None:
    person = new_person(house)
    random_calls = random.Random(7)
    body = {"email": person.email, "password": NEW, "new_password": NEW, "current_password": NEW, "challenge": "ghc_x"}
    paths = ("password/reset-request", "password/reset", "password/change", "verify-email", "undo", "unlock")
    more = ("reauthenticate", "sign-in-code", "sign-in-link", "mfa/challenge", "invitations/accept")
    for _ in range(150):
        token = random_calls.choice(["", "x" * 43, None, [], {}, person.tokens["device_token"]])
        answer = house.post(f"/auth/{random_calls.choice([*paths, *more])}", {**body, "token": token})
        assert answer.status_code in {202, 400, 401, 403, 404, 429}
    assert house.post("/auth/login", {"email": person.email, "password": NEW}).status_code in {401, 429}
    device = person.tokens["device_token"]
    known = {"email": person.email, "password": PASSWORD, "device_token": device}
    assert house.post("/auth/login", known).status_code == 200


@pytest.fixture(scope="module")
def leading_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gatehouse]:
    """A service whose links may lead to one client's pages."""
    with make_house(tmp_path_factory.mktemp("leading"), "leading", ACCOUNTS_LINK_URLS=APP) as running:
        yield running


@case("E15")
@pytest.mark.parametrize(
    "url",
    [
        *("//evil.com", "/\\evil.com", "https:evil.com", "javascript:alert(1)", "https://evil.com/account"),
        *("https://app.example.com.evil.com/account", "https://app.example.com@evil.com/account"),
        *("https://app.example.com/other", f"{APP}/../other", f"{APP}#x", f"{APP}?token=x", f"{APP}\r\nX: y"),
    ],
)
def test_a_link_leads_nowhere_that_the_operator_has_not_named(leading_house: Gatehouse, url: str) -> None:
    body = {"email": new_address(), "link_url": url}
    answer = leading_house.post("/auth/password/reset-request", body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "link_url")


@case("E15")
def test_a_link_leads_where_the_operator_lets_it(leading_house: Gatehouse) -> None:
    person = new_person(leading_house)
    body = {"email": person.email, "link_url": f"{APP}/reset?lang=de"}
    assert leading_house.post("/auth/password/reset-request", body).status_code == 202
    link = link_in(leading_house.mailbox.wait(to=person.email, count=2))
    assert link.startswith(f"{APP}/reset?lang=de&token=")


def change_address(house: Gatehouse, person: Person, email: str) -> str:
    """Ask for another address and return the token of the mail that goes there."""
    body = {"email": email, "password": person.password}
    assert house.post("/auth/email/change", body, bearer=person.access).status_code == 202
    return token_in(house.mailbox.wait(to=email))


@case("E16")
def test_of_two_changes_of_address_the_last_one_counts(house: Gatehouse) -> None:
    person, first, second = new_person(house), new_address(), new_address()
    tokens = [change_address(house, person, email) for email in (first, second)]
    assert house.post("/auth/addresses/confirm", {"token": tokens[0]}).status_code == 400
    assert house.post("/auth/addresses/confirm", {"token": tokens[1]}).status_code == 200
    assert house.mailbox.wait(to=person.email, count=2)  # the old address is told
    assert sign_in(house, second).access


@case("E16")
def test_an_address_that_somebody_has_taken_meanwhile_is_not_changed_to(house: Gatehouse) -> None:
    person, email = new_person(house), new_address()
    token = change_address(house, person, email)
    assert house.post("/auth/register", {"email": email, "password": PASSWORD}).status_code == 202
    other = token_in(house.mailbox.wait(to=email, count=2))
    assert house.post("/auth/verify-email", {"token": other}).status_code == 200
    assert house.post("/auth/addresses/confirm", {"token": token}).status_code == 400
    assert house.get("/auth/me", bearer=person.access).json()["email"] == person.email


@case("E17")
def test_nobody_confirms_by_saying_so(house: Gatehouse) -> None:
    person = new_person(house)
    body = {"email": new_address(), "email_verified": True, "phone_verified": True, "phone": "+4915112345678"}
    answer = house.request("PATCH", "/api/v1/auth/me", bearer=person.access, json=body)
    assert answer.status_code in {200, 400}
    after = house.get("/auth/me", bearer=person.access).json()
    assert after["email"] == person.email
    assert not [name for name, value in after.items() if "confirmed" in name and value]


def invite(house: Gatehouse, staff: Person, **more: Any) -> tuple[str, str]:
    """Invite somebody and return her address and the token of her mail."""
    email = new_address()
    answer = house.post("/invitations", {"email": email, **more}, bearer=staff.access)
    assert answer.status_code == 201, answer.text
    return email, token_in(house.mailbox.wait(to=email))


@case("E19")
def test_an_invitation_is_good_once_for_its_address_and_its_roles(house: Gatehouse) -> None:
    staff = sign_in(house, new_staff(house).email)
    email, token = invite(house, staff)
    body = {"token": token, "password": PASSWORD, "email": new_address(), "roles": [{"role": "administrator"}]}
    answer = house.post("/auth/invitations/accept", {**body, "is_staff": True, "grants": [{"role": "administrator"}]})
    assert answer.status_code in {200, 201}
    assert house.post("/auth/invitations/accept", body).status_code == 400
    guest = sign_in(house, email)
    assert house.get("/auth/permissions", bearer=guest.access).json()["roles"] == ["member"]


@case("E19")
def test_an_inviter_who_has_lost_her_rights_has_promised_nothing(house: Gatehouse) -> None:
    inviter = new_person(house)
    house.command("roles_grant", inviter.email, "user-manager")
    _, token = invite(house, inviter)
    house.command("roles_revoke", inviter.email, "user-manager")
    answer = house.post("/auth/invitations/accept", {"token": token, "password": PASSWORD})
    assert answer.status_code == 400


@case("E20")
def test_a_token_is_in_its_mail_and_nowhere_else(house: Gatehouse) -> None:
    person = new_person(house)
    token = ask(house, person.email)
    page = house.request("GET", f"/reset-password?token={token}")
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page.headers["Cache-Control"]
    assert reset(house, token).status_code == 204
    logs = [path.read_text(errors="replace") for path in house.logs.rglob("*.log")]
    assert logs
    assert not any(token in text for text in logs)
    rows = (
        "from audit.models import Entry; from notifications.models import Attempt, Message; "
        "print('rows:', [list(model.objects.values()) for model in (Entry, Message, Attempt)])"
    )
    assert token not in house.inside(rows)
