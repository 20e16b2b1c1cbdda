"""The whole way through the house over HTTP: what a person, a sender and a member of staff do on an ordinary day."""

import re

import requests

from config.testing.children import wait_until
from config.testing.mailbox import link_in, text_of, token_in
from config.testing.processes import Gatehouse
from config.testing.walks import PASSWORD, Person, new_address, new_notifier, new_person, new_staff, register, sign_in


def problem_of(answer: requests.Response) -> tuple[int, str]:
    """Return status and code of a refusal, having checked that it is a problem document."""
    assert answer.headers["Content-Type"].startswith("application/problem+json"), answer.text
    return answer.status_code, answer.json()["code"]


def test_a_person_registers_confirms_signs_in_refreshes_and_signs_out(house: Gatehouse) -> None:
    email = new_address()
    token = register(house, email)
    early = house.post("/auth/login", {"email": email, "password": PASSWORD})
    assert problem_of(early) == (401, "invalid_credentials")
    assert house.post("/auth/verify-email", {"token": token}).status_code == 200
    assert problem_of(house.post("/auth/verify-email", {"token": token})) == (400, "validation_error")
    first = sign_in(house, email).tokens
    assert house.get("/auth/me", bearer=first["access"]).json()["email"] == email
    second = house.post("/auth/refresh", {"refresh": first["refresh"]}).json()
    assert second["refresh"] != first["refresh"]
    assert house.get("/auth/profile", bearer=second["access"]).status_code == 200
    assert house.post("/auth/logout", {"refresh": second["refresh"]}, bearer=second["access"]).status_code == 204
    assert problem_of(house.get("/auth/me", bearer=second["access"])) == (401, "invalid_token")
    assert problem_of(house.get("/auth/me", bearer=first["access"])) == (401, "invalid_token")
    assert problem_of(house.post("/auth/refresh", {"refresh": second["refresh"]})) == (401, "invalid_token")


def test_signing_out_everywhere_ends_every_session_at_once(house: Gatehouse) -> None:
    one = new_person(house)
    other = sign_in(house, one.email)
    assert house.post("/auth/logout", {"all": True}, bearer=one.access).status_code == 204
    assert house.get("/auth/me", bearer=other.access).status_code == 401


def test_a_session_is_listed_and_can_be_ended_from_another(house: Gatehouse) -> None:
    one = new_person(house)
    other = sign_in(house, one.email)
    listed = house.get("/auth/sessions", bearer=one.access).json()["results"]
    assert {session["id"] for session in listed} == {one.tokens["session_id"], other.tokens["session_id"]}
    path = f"/api/v1/auth/sessions/{other.tokens['session_id']}"
    assert house.request("DELETE", path, bearer=one.access).status_code == 204
    assert house.get("/auth/me", bearer=other.access).status_code == 401
    assert house.get("/auth/me", bearer=one.access).status_code == 200


def test_registering_a_taken_address_answers_the_same_and_tells_its_owner(house: Gatehouse) -> None:
    person = new_person(house)
    fresh = house.post("/auth/register", {"email": new_address(), "password": PASSWORD})
    taken = house.post("/auth/register", {"email": person.email, "password": "Another-Word-99-Long"})
    assert (taken.status_code, taken.json()) == (fresh.status_code, fresh.json())
    told = house.mailbox.wait(to=person.email, count=2)
    assert "token=" not in text_of(told)
    assert sign_in(house, person.email).access


def test_the_link_in_the_mail_opens_a_page_whose_button_confirms(house: Gatehouse) -> None:
    email = new_address()
    token = register(house, email)
    link = link_in(house.mailbox.wait(to=email))
    assert link.startswith(house.url)
    page = requests.get(link, timeout=30)
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert house.post("/auth/login", {"email": email, "password": PASSWORD}).status_code == 401
    assert house.post("/auth/verify-email", {"token": token}).status_code == 200


def test_a_mail_asked_for_again_carries_a_link_that_works(house: Gatehouse) -> None:
    email = new_address()
    register(house, email)
    assert house.post("/auth/resend-verification", {"email": email}).status_code == 202
    token = token_in(house.mailbox.wait(to=email, count=2))
    assert house.post("/auth/verify-email", {"token": token}).status_code == 200


def send(house: Gatehouse, sender: Person, to: str) -> requests.Response:
    """Send one e-mail."""
    body = {"to": to, "subject": "Grüße", "text": "Ein Gruß: żółw, 你好"}
    return house.post("/notify/email", body, bearer=sender.access)


def test_a_granted_person_sends_an_email_until_the_grant_is_taken_back(house: Gatehouse) -> None:
    sender, to = new_person(house), new_address()
    assert problem_of(send(house, sender, to)) == (403, "permission_denied")
    house.command("roles_grant", sender.email, "notifier")
    allowed = house.post("/auth/permissions/check", {"permission": "notifications.send_message"}, bearer=sender.access)
    assert allowed.json() == {"allowed": True}
    assert send(house, sender, to).status_code == 202
    mail = house.mailbox.wait(to=to)
    assert str(mail["Subject"]) == "Grüße"
    assert "żółw, 你好" in text_of(mail)
    house.command("roles_revoke", sender.email, "notifier")
    assert problem_of(send(house, sender, to)) == (403, "permission_denied")


def test_a_message_tells_its_status_and_attempts(house: Gatehouse) -> None:
    sender = new_notifier(house)
    message = send(house, sender, new_address()).json()
    assert message["status"] in ("queued", "sending", "sent")

    def sent() -> bool:
        told = house.get(f"/notify/messages/{message['id']}", bearer=sender.access).json()
        return told["status"] == "sent" and len(told["attempts"]) == 1

    wait_until("the message is sent", sent, seconds=30)


def test_the_same_idempotency_key_sends_one_email(house: Gatehouse) -> None:
    sender, to = new_notifier(house), new_address()
    body = {"to": to, "subject": "Once", "text": "Once."}
    answers = [
        house.post("/notify/email", body, bearer=sender.access, headers={"Idempotency-Key": "k1"}) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert answers[1].headers["Idempotency-Replay"] == "true"
    other = house.post("/notify/email", body | {"text": "Two"}, bearer=sender.access, headers={"Idempotency-Key": "k1"})
    assert problem_of(other) == (422, "idempotency_mismatch")


def admin_session(house: Gatehouse, person: Person) -> requests.Session:
    """Sign in to the admin as its login form does."""
    browser = requests.Session()
    page = browser.get(f"{house.url}/admin/login/?next=/admin/", timeout=30)
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert found is not None, page.text[:500]
    form = {"username": person.email, "password": person.password, "csrfmiddlewaretoken": found[1], "next": "/admin/"}
    answer = browser.post(f"{house.url}/admin/login/?next=/admin/", data=form, timeout=30)
    assert answer.url == f"{house.url}/admin/", answer.text[:2000]
    return browser


def test_a_member_of_staff_sees_people_messages_and_entries_in_the_admin(house: Gatehouse) -> None:
    person, staff = new_person(house), new_staff(house)
    browser = admin_session(house, staff)
    people = browser.get(f"{house.url}/admin/accounts/user/?q={person.email}", timeout=30)
    assert person.email in people.text
    adding = browser.get(f"{house.url}/admin/accounts/user/add/", timeout=30)
    assert adding.url.endswith("/admin/accounts/invitation/add/")
    for page in ("notifications/message/", "audit/entry/", "roles/role/", "roles/grant/"):
        assert browser.get(f"{house.url}/admin/{page}", timeout=30).status_code == 200, page


def test_somebody_who_is_not_staff_does_not_enter_the_admin(house: Gatehouse) -> None:
    person = new_person(house)
    browser = requests.Session()
    page = browser.get(f"{house.url}/admin/login/", timeout=30)
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert found is not None
    form = {"username": person.email, "password": person.password, "csrfmiddlewaretoken": found[1]}
    answer = browser.post(f"{house.url}/admin/login/", data=form, timeout=30, allow_redirects=False)
    assert answer.status_code != 302
    assert browser.get(f"{house.url}/admin/", timeout=30, allow_redirects=False).status_code == 302


def test_the_log_of_the_whole_day_verifies(house: Gatehouse) -> None:
    new_person(house)
    assert house.manage("audit_verify")


def test_health_is_ok_and_the_keys_are_published(house: Gatehouse) -> None:
    health = house.request("GET", "/health").json()
    assert health["status"] == "ok"
    assert set(health["checks"]) == {"database", "cache", "broker", "providers"}
    assert house.request("GET", "/.well-known/jwks.json").json()["keys"]


def test_a_password_is_kept_as_a_hash_that_costs_what_owasp_asks_for(house: Gatehouse) -> None:
    person = new_person(house)
    script = f"from accounts.models import User; print('kept:', User.objects.get(email={person.email!r}).password)"
    assert "kept: argon2$argon2id$v=19$m=19456,t=2,p=1$" in house.inside(script)
