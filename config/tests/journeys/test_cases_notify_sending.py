"""What may be sent, by whom, to whom and when (N), and that it is accepted once."""

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import requests

from config.testing.cases import case
from config.testing.processes import Gatehouse
from config.testing.walks import PASSWORD, Person, new_address, new_person, sign_in
from config.tests.journeys.conftest import make_house

PARALLEL = 50
BULK = 1_000
MEBIBYTE = 1024**2
PDF = base64.b64encode(b"%PDF-1.4\n%EOF\n").decode()
FILE = {"filename": "invoice.pdf", "content_type": "application/pdf", "content": PDF}


class Sender:
    """Somebody who may send messages by a service."""

    def __init__(self, house: Gatehouse, person: Person) -> None:
        self.house, self.person = house, person

    def post(self, path: str, body: Any, **headers: str) -> requests.Response:
        return self.house.post(f"/notify{path}", body, bearer=self.person.access, headers=headers)

    def mail(self, change: dict[str, Any] | None = None, **headers: str) -> requests.Response:
        body = {"to": new_address(), "subject": "Hello", "text": "Hello."} | (change or {})
        return self.post("/email", body, **headers)

    def count(self, recipient: str) -> int:
        """Return how many messages she has sent to somebody."""
        found = self.house.get(f"/notify/messages?recipient={recipient}", bearer=self.person.access)
        return len(found.json()["results"])


def new_sender(house: Gatehouse) -> Sender:
    """Return somebody who may send, made on the command line: no mail has to arrive for it."""
    email = new_address()
    house.command("accounts_create", email, "--password-stdin", stdin=PASSWORD + "\n")
    house.command("roles_grant", email, "notifier")
    return Sender(house, sign_in(house, email))


@pytest.fixture(scope="module")
def sender(house: Gatehouse) -> Sender:
    """Somebody who may send messages by the shared service."""
    return new_sender(house)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sender]:
    """Somebody who may send by a service whose mail and answers are held to domains."""
    domains: dict[str, Any] = {
        "NOTIFICATIONS_RECIPIENT_DOMAINS": "example.org",
        "NOTIFICATIONS_REPLY_TO_DOMAINS": "example.org",
    }
    with make_house(tmp_path_factory.mktemp("held"), "held", **domains) as running:
        yield new_sender(running)


@case("N03")
def test_whom_a_mail_is_from_and_who_is_answered_is_not_the_callers_to_choose(held: Sender) -> None:
    to = new_address()
    forged = {"from": "boss@example.org", "sender": "boss@example.org", "headers": {"From": "boss@example.org"}}
    assert held.mail({"to": to, "reply_to": "desk@example.org", **forged}).status_code == 202
    mail = held.house.mailbox.wait(to=to)
    assert ("boss" in str(mail), mail["Reply-To"]) == (False, "desk@example.org")
    for reply_to in ("eve@example.net", "eve@sub.example.org", "eve@example.org.example.net"):
        assert held.mail({"reply_to": reply_to}).status_code == 403


@case("N05")
def test_mail_goes_to_no_other_domains_than_those_allowed(held: Sender) -> None:
    allowed = new_address()
    assert held.mail({"to": allowed}).status_code == 202
    for to in ("eve@example.net", [allowed, "eve@example.net"], "eve@sub.example.org", "eve@notexample.org"):
        answer = held.mail({"to": to})
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


@case("N04")
@pytest.mark.parametrize("path", ["/email", "/sms", "/push", "", "/batch"])
def test_nobody_sends_without_the_permission(house: Gatehouse, path: str) -> None:
    to = new_address()
    body = {"to": to, "subject": "S", "text": "T", "messages": [{"channel": "email", "to": to}]}
    member = sign_in(house, new_person(house).email)
    assert house.post(f"/notify{path}", body).status_code == 401
    assert house.post(f"/notify{path}", body, bearer=member.access).status_code == 403
    assert house.mailbox.mails(to=to) == []


@case("N16")
@pytest.mark.parametrize(
    "file",
    [
        {"path": "/etc/passwd"},
        {"url": "file:///etc/passwd"},
        {"url": "http://127.0.0.1/"},
        {"filename": "a.txt", "content_type": "text/plain", "path": "/etc/passwd"},
        {"filename": "a.txt", "content_type": "text/plain", "content": "file:///etc/passwd"},
        "/etc/passwd",
    ],
)
def test_file_is_the_bytes_that_were_sent_and_nothing_that_a_name_leads_to(sender: Sender, file: Any) -> None:
    answer = sender.mail({"attachments": [file]})
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")


@case("N17")
def test_files_beyond_the_limits_and_of_unsafe_names_are_refused(sender: Sender) -> None:
    program = base64.b64encode(b"MZ\x90\x00").decode()
    large = base64.b64encode(b"%PDF-" + b"x" * 11 * MEBIBYTE).decode()
    names = ("../../a.pdf", "a\r\nX: y.pdf", "a\u202efdp.pdf", "a.pdf.exe", "a/b.pdf", ".pdf", "x" * 300 + ".pdf")
    wrong = [[FILE | {"filename": name}] for name in names]
    wrong += [[FILE | {"content": content}] for content in (program, "", large)]
    wrong += [[FILE] * 11, [FILE | {"content_type": "application/x-msdownload"}]]
    assert [sender.mail({"attachments": files}).status_code for files in wrong] == [400] * len(wrong)
    too_much = FILE | {"content": "A" * 26 * MEBIBYTE}
    assert sender.mail({"attachments": [too_much]}).status_code == 413


@case("N17")
def test_file_within_the_limits_arrives_byte_by_byte(sender: Sender) -> None:
    to = new_address()
    assert sender.mail({"to": to, "attachments": [FILE | {"filename": "Rechnung März.pdf"}]}).status_code == 202
    [part] = sender.house.mailbox.wait(to=to).iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == ("Rechnung März.pdf", "application/pdf")
    assert part.get_content() == b"%PDF-1.4\n%EOF\n"


@case("N20")
def test_fifty_equal_calls_under_one_key_make_one_message(sender: Sender) -> None:
    key, change = str(uuid4()), {"to": new_address()}
    with ThreadPoolExecutor(PARALLEL) as pool:
        answers = list(pool.map(lambda _: sender.mail(change, **{"Idempotency-Key": key}), range(PARALLEL)))
    taken = [answer for answer in answers if answer.status_code == 202]
    assert {answer.status_code for answer in answers} <= {202, 409, 503}  # who came when the house was busy may repeat
    assert len({answer.json()["id"] for answer in taken}) == 1
    assert sum("Idempotency-Replay" not in answer.headers for answer in taken) == 1
    assert sender.count(change["to"]) == 1


@case("N21")
def test_another_body_under_the_same_key_is_refused_and_another_caller_is_free(sender: Sender) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    change = {"to": new_address()}
    first = sender.mail(change, **key).json()
    other = sender.mail(change | {"text": "Something else."}, **key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert sender.post("/batch", {"messages": [{"channel": "email", **change}]}, **key).status_code == 422
    assert new_sender(sender.house).mail(change, **key).json()["id"] != first["id"]
    assert sender.mail(change, **key).json() == first


@case("N22")
@pytest.mark.parametrize("key", ["", "k" * 256, "k" * 10_240, "k\x07", "k\t7"])
def test_key_of_a_wrong_form_is_refused(sender: Sender, key: str) -> None:
    to = new_address()
    assert 400 <= sender.mail({"to": to}, **{"Idempotency-Key": key}).status_code < 500
    assert sender.count(to) == 0


NUMBERS = ("+0", "+49", "015112345678", "+49 151 12345678", "+4915112345678;ext=5", "+49151ABCDEFG", "+" + "4" * 40)
PAID = ("+19005551234", "+491805123456", "+870773123456", "+8816123456789", "+979012345678")


@case("N24")
@pytest.mark.parametrize("number", [*NUMBERS, *PAID])
def test_number_that_is_no_persons_own_is_refused(sender: Sender, number: str) -> None:
    answer = sender.post("/sms", {"to": number, "text": "T"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "to")


@case("N28")
def test_no_caller_gets_in_front_of_codes_by_a_word(sender: Sender) -> None:
    for category in ("security", "codes", "account"):
        assert sender.mail({"category": category}).status_code == 403
    assert sender.mail({"lane": 0, "priority": "urgent", "category": "urgent"}).status_code == 202
    bulk = {"channel": "email", "subject": "News", "text": "News.", "category": "newsletter"}
    messages = [bulk | {"to": f"n{number}@example.net"} for number in range(BULK)]
    assert sender.post("/batch", {"messages": messages}).status_code == 202
    email = new_address()
    sender.house.post("/auth/register", {"email": email, "password": PASSWORD})
    sender.house.mailbox.wait(to=email, seconds=15)


@case("N29")
def test_nobody_is_reached_against_her_wish_by_an_ordinary_sender(house: Gatehouse, sender: Sender) -> None:
    anna = new_person(house)
    person = house.get("/auth/profile", bearer=anna.access).json()["id"]
    push = {"to": person, "title": "T"}
    for category in ("security", "codes", "account"):
        answer = sender.post("/push", push | {"category": category})
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
        batch = sender.post("/batch", {"messages": [{"channel": "push", **push, "category": category}]})
        assert batch.json()["results"][0]["status"] == 403


@case("N31")
@pytest.mark.parametrize(
    "moment",
    [
        "9999-12-31T23:59:59Z",
        "9000-01-01T00:00:00Z",
        "2001-01-01T00:00:00Z",
        "2030-03-31T02:30:00",
        "2030-02-30T00:00:00Z",
    ],
)
def test_moment_that_cannot_be_or_has_no_offset_is_refused(sender: Sender, moment: str) -> None:
    answer = sender.mail({"send_at": moment})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "send_at")


@case("N31")
def test_moment_is_kept_in_utc_whatever_its_offset(sender: Sender) -> None:
    later = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)
    local = later.astimezone(datetime.strptime("+0530", "%z").tzinfo)
    made = sender.mail({"send_at": local.isoformat()}).json()
    told = sender.house.get(f"/notify/messages/{made['id']}", bearer=sender.person.access).json()
    assert (made["status"], told["due_at"]) == ("scheduled", later.isoformat().replace("+00:00", "Z"))
    cancelled = sender.post(f"/messages/{made['id']}/cancel", {})
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
