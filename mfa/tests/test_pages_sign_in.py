"""The second step of a sign-in to the admin: the same counters and records as the API's, and no way past it."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from accounts import codes, login
from accounts.models import LoginAttempt, SentCode, Session, User
from accounts.testing import PASSWORD, make_person
from audit.testing import entries
from kit.clock import utcnow
from limits.guesses import FREE_TRIES
from mfa.models import MessageFactor, Totp, TrustedDevice
from mfa.testing import code_of, make_recovery_codes, make_totp
from mfa.tests.browsing import LOGIN, SEND, SET_UP, STEP, enter

pytestmark = pytest.mark.django_db

WRONG = {"method": "totp", "code": "000000"}


@pytest.fixture
def anna() -> User:
    return make_person("anna@example.com", is_staff=True, is_superuser=True)


def wrong_code(user: User) -> dict[str, str]:
    """Return an answer whose code is not that of any step about now."""
    right = {
        code_of(device, utcnow(), steps=step) for device in Totp.objects.filter(user=user) for step in range(-3, 4)
    }
    return {"method": "totp", "code": next(code for code in ("000000", "111111", "222222") if code not in right)}


def test_a_password_alone_opens_nothing_where_a_factor_is_set_up(client: Client, anna: User) -> None:
    make_totp(anna)
    answer = enter(client)
    assert answer["Location"].startswith(STEP)
    assert not Session.objects.exists()
    for page in ("/admin/", "/admin/accounts/user/", "/admin/second-factors/"):
        assert client.get(page)["Location"].startswith(LOGIN)


def test_a_code_of_the_app_signs_in_and_leads_to_the_page_that_asked(client: Client, anna: User) -> None:
    device = make_totp(anna)
    wanted = "/admin/accounts/user/"
    page = client.get(enter(client, next=wanted)["Location"])
    assert f'value="{wanted}"' in page.text
    code = code_of(device, utcnow())
    answer = client.post(STEP, {"method": "totp", "code": f"{code[:3]} {code[3:]}", "next": wanted})
    assert answer["Location"] == wanted
    session = Session.objects.get()
    assert (session.door, session.amr) == (Session.Door.ADMIN, ["pwd", "otp", "mfa"])
    assert client.get(wanted).status_code == 200
    assert client.cookies["sessionid-challenge"].value == ""


def test_a_recovery_code_signs_in_once(client: Client, anna: User) -> None:
    make_totp(anna)
    code = make_recovery_codes(anna)[0]
    for expected in (302, 401):
        enter(client)
        assert client.post(STEP, {"method": "recovery", "code": code}).status_code == expected
        client.post("/admin/logout/")
    assert Session.objects.count() == 1


def test_a_code_by_message_goes_out_at_the_press_of_a_button_alone(client: Client, anna: User) -> None:
    now = utcnow()
    MessageFactor.objects.create(user=anna, channel="sms", to="+4915112345678", confirmed=True, created_at=now)
    page = client.get(enter(client)["Location"])
    assert "Send me a code" in page.text
    assert not SentCode.objects.exists()
    page = client.get(client.post(SEND, {"method": "sms", "to": "+4915100000000"})["Location"])
    assert "on its way" in page.text
    sent = SentCode.objects.get()
    assert sent.to == "+4915112345678"
    assert client.post(STEP, {"method": "sms", "code": codes.text_of(sent)}).status_code == 302
    assert Session.objects.get().amr == ["pwd", "sms", "mfa"]


def test_a_trusted_browser_is_not_asked_and_another_one_is(client: Client, anna: User) -> None:
    device = make_totp(anna)
    enter(client)
    client.post(STEP, {"method": "totp", "code": code_of(device, utcnow()), "trust": "on"})
    assert TrustedDevice.objects.count() == 1
    client.post("/admin/logout/")
    assert enter(client)["Location"] == "/admin/"
    assert enter(Client())["Location"].startswith(STEP)


@pytest.mark.parametrize(
    "body", [{}, {"method": "totp"}, {"method": "totp", "code": ""}, {"method": "totp", "code": "１２３４５６"}]
)
def test_what_can_be_no_code_is_told_and_not_counted(client: Client, anna: User, body: dict[str, str]) -> None:
    make_totp(anna)
    enter(client)
    assert client.post(STEP, body).status_code == 400
    assert LoginAttempt.objects.get().tries == 0
    assert not Session.objects.exists()


@pytest.mark.parametrize("method", ["email", "webauthn", "recovery", "none", "password"])
def test_a_method_that_she_has_not_opens_nothing(client: Client, anna: User, method: str) -> None:
    device = make_totp(anna)
    enter(client)
    body = {"method": method, "code": code_of(device, utcnow()), "credential": "{}", "password": PASSWORD}
    assert client.post(STEP, body).status_code in {400, 401}
    assert client.post(SEND, {"method": method}).status_code == 400
    assert not Session.objects.exists()


def test_five_wrong_answers_end_the_sign_in(client: Client, anna: User) -> None:
    device = make_totp(anna)
    enter(client)
    for _ in range(login.ANSWERS - 1):
        assert client.post(STEP, wrong_code(anna)).status_code == 401
    assert client.post(STEP, wrong_code(anna))["Location"].startswith(LOGIN)
    right = {"method": "totp", "code": code_of(device, utcnow())}
    assert client.post(STEP, right)["Location"].startswith(LOGIN)
    assert not Session.objects.exists()


def test_the_api_and_the_admin_count_wrong_answers_together(client: Client, anna: User, client_of_api: Any) -> None:
    make_totp(anna)
    for _ in range(FREE_TRIES):
        if not LoginAttempt.objects.filter(tries__lt=login.ANSWERS).exists():
            challenge = client_of_api.sign_in()
        client_of_api.answer(challenge, wrong_code(anna))
        LoginAttempt.objects.filter(tries=login.ANSWERS).delete()
    enter(client)
    refused = client.post(STEP, wrong_code(anna))
    assert (refused.status_code, "Too many tries" in refused.text) == (429, True)


class Api:
    """The same person at the API's door."""

    def __init__(self) -> None:
        self.client = Client()

    def sign_in(self) -> str:
        body = {"email": "anna@example.com", "password": PASSWORD}
        answer = self.client.post("/api/v1/auth/login", body, content_type="application/json")
        challenge: str = answer.json()["challenge"]
        return challenge

    def answer(self, challenge: str, given: dict[str, str]) -> Any:
        body = {"challenge": challenge, **given}
        return self.client.post("/api/v1/auth/mfa/challenge", body, content_type="application/json")


@pytest.fixture
def client_of_api() -> Api:
    return Api()


def test_a_challenge_of_the_api_opens_no_admin_and_the_other_way_round(
    client: Client, anna: User, client_of_api: Api
) -> None:
    device = make_totp(anna)
    enter(client)
    mine = client.cookies["sessionid-challenge"].value
    right = {"method": "totp", "code": code_of(device, utcnow())}
    assert client_of_api.answer(mine, right).status_code == 401
    client.cookies["sessionid-challenge"] = client_of_api.sign_in()
    assert client.post(STEP, right)["Location"].startswith(LOGIN)
    assert not Session.objects.exists()


def test_a_wrong_answer_is_recorded_as_at_the_api(client: Client, anna: User) -> None:
    make_totp(anna)
    enter(client)
    client.post(STEP, wrong_code(anna))
    (entry,) = entries("accounts.login.refused")
    assert (entry.target, entry.details["door"]) == (str(anna.pk), "admin")


def test_without_a_sign_in_under_way_the_step_leads_to_the_password(client: Client, anna: User) -> None:
    for path in (STEP, SET_UP):
        assert client.get(path)["Location"].startswith(LOGIN)
        assert client.post(path, WRONG)["Location"].startswith(LOGIN)
    assert client.post(SEND, {"method": "sms"})["Location"].startswith(LOGIN)


def test_a_sign_in_of_long_ago_begins_again(client: Client, anna: User) -> None:
    device = make_totp(anna)
    enter(client)
    LoginAttempt.objects.update(expires_at=utcnow() - dt.timedelta(seconds=1))
    right = {"method": "totp", "code": code_of(device, utcnow())}
    assert client.post(STEP, right)["Location"].startswith(LOGIN)
    assert "Begin again" in client.get(LOGIN).text


def test_each_way_is_a_page_and_leads_to_the_others(client: Client, anna: User) -> None:
    make_totp(anna)
    make_recovery_codes(anna)
    enter(client)
    page = client.get(STEP)
    assert "Code of your authenticator app" in page.text
    assert "?method=recovery" in page.text
    assert "One of your recovery codes" in client.get(STEP, {"method": "recovery"}).text
    assert "Code of your authenticator app" in client.get(STEP, {"method": "nonsense"}).text


def test_no_page_holds_the_challenge(client: Client, anna: User) -> None:
    make_totp(anna)
    answer = enter(client)
    challenge = client.cookies["sessionid-challenge"].value
    assert len(challenge) > 20
    assert challenge not in answer["Location"] + client.get(STEP).text


def test_a_code_on_the_page_needs_the_token_of_its_form(anna: User) -> None:
    device = make_totp(anna)
    careful, browser = Client(enforce_csrf_checks=True), Client()
    enter(browser)
    careful.cookies = browser.cookies
    assert careful.post(STEP, {"method": "totp", "code": code_of(device, utcnow())}).status_code == 403
    assert not Session.objects.exists()


def test_the_second_step_costs_few_statements(client: Client, anna: User, django_assert_max_num_queries: Any) -> None:
    device = make_totp(anna)
    enter(client)
    with django_assert_max_num_queries(4):
        client.get(STEP)
    with django_assert_max_num_queries(60):
        assert client.post(STEP, {"method": "totp", "code": code_of(device, utcnow())}).status_code == 302
