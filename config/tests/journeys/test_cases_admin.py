"""The admin (M): its door asks for what the API's asks for, and nothing behind it shows or sets what is secret."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from config.testing.cases import case
from config.testing.processes import Gatehouse
from config.testing.second_factors import Application, Enrolled, answer, begin, enrol
from config.testing.walks import PASSWORD, Person, new_person, new_staff, sign_in
from config.tests.journeys.conftest import make_house

WRONG = "Not-Her-Password-1"
FREE = 10
ADDRESS_LIMIT = 60  # sign-ins of one network address in ten minutes
DOOR, STEP, SET_UP = "/admin/login/", "/admin/second-factor/", "/admin/second-factor/set-up/"
SHUT = ("/admin/", "/admin/accounts/user/", "/admin/audit/entry/", "/admin/second-factors/")
SECRETS = re.compile(r"argon2|pbkdf2|PRIVATE KEY|otpauth|BEGIN ", re.IGNORECASE)
MODELS = ("totp", "messagefactor", "passkey", "recoverycode", "ceremony", "trusteddevice")


class Visitor:
    """A browser without scripts at the admin of a house."""

    def __init__(self, house: Gatehouse) -> None:
        self.house, self.session = house, requests.Session()
        self.get(DOOR)  # whose form brings the token of every form

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.session.get(self.house.url + path, allow_redirects=False, timeout=30, **options)

    def post(self, path: str, **form: str) -> requests.Response:
        form["csrfmiddlewaretoken"] = str(self.session.cookies.get("admin-csrf"))
        return self.session.post(self.house.url + path, data=form, allow_redirects=False, timeout=30)

    def enter(self, email: str, password: str = PASSWORD) -> requests.Response:
        return self.post(DOOR, username=email, password=password)

    def is_inside(self) -> bool:
        """Say whether any page of the admin opens."""
        return any(self.get(path).status_code == 200 for path in SHUT)


@pytest.fixture(scope="module")
def strict_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gatehouse]:
    """A service in which staff must have a second factor, and that counts by network address as for an operator."""
    required: dict[str, Any] = {"SECOND_FACTOR": "required", "SECOND_FACTOR_FOR": "staff", "RATE_LIMIT_SCALE": "1"}
    with make_house(tmp_path_factory.mktemp("strict"), "strict", TRUSTED_PROXIES="1", **required) as running:
        yield running


def staff_with_factor(house: Gatehouse) -> Enrolled:
    """Return a member of staff who may do everything and has an authenticator application."""
    return enrol(house, sign_in(house, new_staff(house).email))


def signed_in(house: Gatehouse) -> Visitor:
    """Return the browser of such a member of staff, who has signed in with it."""
    anna = staff_with_factor(house)
    visitor = Visitor(house)
    visitor.enter(anna.email)
    visitor.post(STEP, method="totp", code=anna.application.code())
    assert visitor.is_inside()
    return visitor


@case("M01")
def test_password_alone_opens_no_admin_where_a_factor_is_mandatory(strict_house: Gatehouse) -> None:
    staff, visitor = new_staff(strict_house), Visitor(strict_house)
    assert visitor.enter(staff.email).headers["Location"].startswith(STEP)
    assert not visitor.is_inside()
    page = visitor.post(SET_UP).text
    secret = re.search(r"secret=([A-Z2-7]+)", page)
    assert secret is not None
    application = Application(secret[1])
    assert visitor.post("/admin/second-factor/confirm/", code=application.code()).text.count("<code>") == 10
    assert not visitor.is_inside()
    visitor.enter(staff.email)
    assert not visitor.is_inside()
    visitor.post(STEP, method="totp", code=application.code())
    assert visitor.is_inside()


@case("M01", "D10")
def test_no_answer_but_a_right_one_takes_the_second_step_of_the_admin(house: Gatehouse) -> None:
    anna, visitor = staff_with_factor(house), Visitor(house)
    assert visitor.enter(anna.email).headers["Location"].startswith(STEP)
    for form in ({}, {"method": "totp"}, {"method": "password", "code": PASSWORD}, {"method": "none", "code": "1" * 6}):
        visitor.post(STEP, **form)
        visitor.post("/admin/second-factor/confirm/", **form)
        visitor.post(SET_UP, **form)
    assert not visitor.is_inside()
    visitor.session.cookies.set("admin-challenge", begin(house, anna.email))  # one of the API's
    visitor.post(STEP, method="totp", code=anna.application.code())
    assert not visitor.is_inside()


@case("M02")
def test_admin_and_api_count_wrong_passwords_together(house: Gatehouse) -> None:
    staff, visitor = new_staff(house), Visitor(house)
    for number in range(FREE):
        if number % 2:
            house.post("/auth/login", {"email": staff.email, "password": WRONG})
        else:
            visitor.enter(staff.email, WRONG)
    assert house.post("/auth/login", {"email": staff.email, "password": PASSWORD}).json()["code"] == "account_locked"
    assert "Too many tries" in visitor.enter(staff.email).text
    assert not visitor.is_inside()


@case("M02")
def test_admin_and_api_count_wrong_codes_together(house: Gatehouse) -> None:
    anna = staff_with_factor(house)
    wrong = anna.application.wrong()
    challenge, visitor = begin(house, anna.email), Visitor(house)
    for _ in range(FREE // 2):
        answer(house, challenge, next(wrong))
    visitor.enter(anna.email)
    for _ in range(FREE // 2):
        visitor.post(STEP, method="totp", code=next(wrong))
    visitor.enter(anna.email)
    refused = visitor.post(STEP, method="totp", code=anna.application.code())
    assert (refused.status_code, "Too many tries" in refused.text) == (429, True)
    assert not visitor.is_inside()


@case("M02")
def test_admin_and_api_share_the_limit_of_a_network_address(strict_house: Gatehouse) -> None:
    house, visitor = strict_house, Visitor(strict_house)
    visitor.session.headers["X-Forwarded-For"] = "198.51.100.77"
    pages = [visitor.enter(f"nobody{number}@example.org", WRONG).text for number in range(ADDRESS_LIMIT)]
    assert not any("Too many" in page for page in pages)
    assert "Too many" in visitor.enter("nobody@example.org", WRONG).text
    body, headers = {"email": "nobody@example.org", "password": WRONG}, {"X-Forwarded-For": "198.51.100.77"}
    assert house.post("/auth/login", body, headers=headers).status_code == 429


@case("M05")
def test_no_page_of_the_admin_shows_or_exports_what_is_secret(house: Gatehouse) -> None:
    visitor, other = signed_in(house), staff_with_factor(house)
    person = f"/admin/accounts/user/{id_of(house, other.person)}/change/"
    lists = ("accounts/user", "accounts/session", "accounts/invitation", "audit/entry", "notifications/message")
    for path in (person, "/admin/", "/admin/second-factors/", *(f"/admin/{name}/" for name in lists)):
        page = visitor.get(path)
        assert page.status_code == 200, path
        assert SECRETS.findall(page.text) == [], path
        assert other.application.secret not in page.text
    for model in MODELS:
        assert visitor.get(f"/admin/mfa/{model}/").status_code == 404
    for query in ("password__startswith=a", "key__startswith=a", "_export=csv"):
        assert visitor.get(f"/admin/accounts/user/?{query}").status_code in {302, 400}


@case("M06")
def test_admin_sets_no_password_address_or_factor_of_another(house: Gatehouse) -> None:
    visitor, other = signed_in(house), new_person(house)
    person = f"/admin/accounts/user/{id_of(house, other)}"
    form = dict.fromkeys(("password", "password1", "password2"), WRONG) | {"email": "mine@example.org"}
    for path in ("change/", "password/", "do/set-password/", "do/confirm-address/", "do/add-factor/"):
        visitor.post(f"{person}/{path}", is_superuser="on", _save="Save", **form)
    visitor.post("/admin/mfa/totp/add/", user=id_of(house, other), key="JBSWY3DPEHPK3PXP", confirmed="on")
    me = house.get("/auth/me", bearer=other.access).json()
    assert (me["email"], me.get("is_superuser", False)) == (other.email, False)
    assert house.post("/auth/login", {"email": other.email, "password": PASSWORD}).status_code == 200
    assert house.get("/auth/mfa", bearer=other.access).json()["factors"] == []


@case("M06")
def test_factors_go_for_a_reason_alone_and_their_owner_is_told(house: Gatehouse) -> None:
    visitor, anna = signed_in(house), enrol(house)
    button = f"/admin/accounts/user/{id_of(house, anna.person)}/do/reset-mfa/"
    visitor.post(button)
    assert house.get("/auth/mfa", bearer=anna.person.access).json()["factors"] != []
    visitor.post(button, reason="Lost her telephone")
    assert house.get("/auth/mfa", bearer=anna.person.access).status_code == 401  # signed out everywhere
    assert house.post("/auth/login", {"email": anna.email, "password": PASSWORD}).status_code == 200
    mail = house.mailbox.wait(to=anna.email, about="Your second factors were removed")
    assert "Lost her telephone" in mail.as_string()
    resets = "Entry.objects.filter(action='accounts.factors.reset')"
    assert "Lost her telephone" in house.inside(f"from audit.models import Entry; print({resets}.latest('at').details)")


def id_of(house: Gatehouse, person: Person) -> str:
    """Return the id of somebody who is signed in."""
    found: str = house.get("/auth/me", bearer=person.access).json()["id"]
    return found
