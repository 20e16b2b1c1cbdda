"""Providers over HTTP (N): what they report, who else tries to, and where a message goes that they give up."""

import json
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from config.testing.cases import case
from config.testing.children import wait_until
from config.testing.processes import Distributed, Gatehouse
from config.testing.walks import PASSWORD, Person, new_address, sign_in
from config.tests.journeys.conftest import make_house
from notifications.callbacks import signatures
from notifications.tests.fakes import novu, resend, twilio
from notifications.tests.fakes.base import Move

CALLBACKS = "/api/v1/notify/callbacks"
NUMBER = "+4915112345678"
# What leads to this machine without being a name of it.
DISGUISES = ("127.1", "2130706433", "[::ffff:127.0.0.1]")


class House:
    """A service that sends mail by Novu first and short messages by Twilio, and somebody who may send."""

    def __init__(self, running: Gatehouse, novu_: novu.FakeNovu, twilio_: twilio.FakeTwilio) -> None:
        self.running, self.novu, self.twilio = running, novu_, twilio_
        novu_.callback, twilio_.callback = (f"{running.url}{CALLBACKS}/{name}" for name in ("novu", "twilio"))
        self.sender = new_sender(running)

    def mail(self) -> dict[str, Any]:
        """Send a mail and return what is told of it once Novu has it."""
        sent = self.send("email", {"to": new_address(), "subject": "S", "text": "T"})
        wait_until("Novu", lambda: self.key_of(sent["id"]), seconds=30)
        return sent

    def send(self, channel: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send a message and return what is told of it."""
        answer = self.running.post(f"/notify/{channel}", body, bearer=self.sender.access)
        assert answer.status_code == 202, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def key_of(self, message: str) -> str:
        """Return under which key Novu has a message; empty while it has none."""
        keys = [one["provider_id"] for one in self.novu.delivered if one["provider_id"].startswith(message)]
        return keys[0] if keys else ""

    def fare(self, message: str) -> dict[str, Any]:
        """Return how a message fares."""
        told: dict[str, Any] = self.running.get(f"/notify/messages/{message}", bearer=self.sender.access).json()
        return told

    def wait(self, message: str, status: str) -> dict[str, Any]:
        """Return how a message fares once its status is this."""
        wait_until(f"{status} {message}", lambda: self.fare(message)["status"] == status, seconds=40)
        return self.fare(message)

    def post(self, provider: str, **request: Any) -> requests.Response:
        """Report something as a provider, or as somebody who says so."""
        return self.running.request("POST", f"{CALLBACKS}/{provider}", **request)


def new_sender(house: Gatehouse) -> Person:
    """Return somebody who may send messages, made on the command line: no mail has to arrive for it."""
    email = new_address()
    house.command("accounts_create", email, "--password-stdin", stdin=PASSWORD + "\n")
    house.command("roles_grant", email, "notifier")
    return sign_in(house, email)


def settings_for(house: Gatehouse, fake: novu.FakeNovu, url: str) -> dict[str, str]:
    """Return the settings of a service whose Novu is at an address."""
    last = "smtp" if isinstance(house, Distributed) else "file"
    return fake.environment() | {"NOVU_URL": url, "NOTIFICATIONS_EMAIL_PROVIDERS": f"novu,{last}"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A running service with a Novu, a Twilio and a Resend of its own."""
    running = make_house(tmp_path_factory.mktemp("reporting"), "reporting", web_processes=1)
    with novu.FakeNovu() as novu_, twilio.FakeTwilio() as twilio_:
        running.settings |= settings_for(running, novu_, novu_.url)
        running.settings |= twilio_.environment()
        running.settings |= {"NOTIFICATIONS_SMS_PROVIDERS": "twilio", "RESEND_WEBHOOK_SECRET": resend.SECRET}
        with running:
            yield House(running, novu_, twilio_)


@pytest.fixture
def moves(house: House) -> Iterator[deque[Move]]:
    """What Novu does with the next messages; forgotten by it and by the service afterwards."""
    yield house.novu.moves
    house.novu.moves.clear()
    house.running.inside("from notifications.models import ProviderState; ProviderState.objects.all().delete()")
    time.sleep(1.5)  # a dispatcher reads the states once a second


def outcomes_of(told: dict[str, Any]) -> list[tuple[str, str]]:
    """Return who tried, and what came of it."""
    return [(one["provider"], one["outcome"]) for one in told["attempts"]]


def test_what_novu_took_and_then_failed_with_is_delivered_by_the_next(house: House) -> None:
    sent = house.mail()
    assert house.fare(sent["id"])["status"] == "sending"
    assert house.novu.report(house.key_of(sent["id"]), "failed") == 200
    house.running.mailbox.wait(to=sent["to"])
    told = house.wait(sent["id"], "sent")
    assert outcomes_of(told)[0] == ("novu", "undelivered")
    assert len(told["attempts"]) == 2
    assert house.novu.report(house.key_of(sent["id"]), "failed") == 200
    assert len(house.running.mailbox.mails(to=sent["to"])) == 1


def test_what_novu_delivers_is_delivered_and_goes_nowhere_else(house: House) -> None:
    sent = house.mail()
    for event in ("delivered", "sent"):
        assert house.novu.report(house.key_of(sent["id"]), event) == 200
    told = house.wait(sent["id"], "delivered")
    assert outcomes_of(told) == [("novu", "delivered")]
    assert house.running.mailbox.mails(to=sent["to"]) == []


def test_what_novu_took_before_the_line_broke_goes_out_once(house: House, moves: deque[Move]) -> None:
    moves.append(Move(take=True, hang_up=True))
    sent = house.mail()
    wait_until("a second look", lambda: len(house.fare(sent["id"])["attempts"]) > 1, seconds=60)
    assert house.novu.report(house.key_of(sent["id"]), "delivered") == 200
    told = house.wait(sent["id"], "delivered")
    assert [outcome for _, outcome in outcomes_of(told)] == ["unknown", "delivered"]
    assert len([one for one in house.novu.delivered if one["provider_id"].startswith(sent["id"])]) == 1
    assert house.running.mailbox.mails(to=sent["to"]) == []


@case("N13")
@pytest.mark.parametrize("status", [302, 307, 308])
def test_a_provider_that_points_elsewhere_is_not_followed(house: House, moves: deque[Move], status: int) -> None:
    with novu.FakeNovu() as inside:
        moves.append(Move(status=status, headers={"Location": f"{inside.url}/v1/events/trigger"}))
        sent = house.send("email", {"to": new_address(), "subject": "S", "text": "T"})
        house.running.mailbox.wait(to=sent["to"])
        assert inside.seen == []
    told = house.wait(sent["id"], "sent")
    assert told["attempts"][0]["error"] == "redirected"


@case("N12")
def test_a_name_that_leads_inside_is_not_called(tmp_path: Path) -> None:
    running = make_house(tmp_path / "house", "inside", web_processes=1)
    with novu.FakeNovu() as inside, twilio.FakeTwilio() as alike:
        running.settings |= settings_for(running, inside, f"http://{DISGUISES[0]}:{inside.port}")
        running.settings |= {"RESEND_URL": f"http://{DISGUISES[1]}:{inside.port}", "RESEND_API_KEY": resend.API_KEY}
        running.settings |= alike.environment()
        running.settings |= {"TWILIO_URL": f"http://{DISGUISES[2]}:{alike.port}"}
        chain = running.settings["NOTIFICATIONS_EMAIL_PROVIDERS"].replace("novu", "novu,resend")
        running.settings |= {"NOTIFICATIONS_SMS_PROVIDERS": "twilio", "NOTIFICATIONS_EMAIL_PROVIDERS": chain}
        with running:
            house = House(running, inside, alike)
            mail = house.send("email", {"to": new_address(), "subject": "S", "text": "T"})
            short = house.send("sms", {"to": NUMBER, "text": "T"})
            refusal = ("twilio", "misconfigured")
            wait_until("a refusal", lambda: refusal in outcomes_of(house.fare(short["id"])), seconds=60)
            refused = outcomes_of(house.wait(mail["id"], "sent"))[:2]
            assert refused == [("novu", "misconfigured"), ("resend", "misconfigured")]
        assert inside.seen == alike.seen == []


def forgeries(fake: novu.FakeNovu, body: bytes) -> dict[str, Any]:
    """Return reports that somebody else makes, or that somebody makes again, by what is wrong with them."""
    now, name = int(time.time()), f"msg_{uuid4().hex}"

    def signed(*, secret: str = fake.secret, stamp: int = now, body: bytes = body) -> dict[str, str]:
        signature = signatures.sign_standard(secret=secret, name=name, stamp=stamp, body=body)
        return {"webhook-id": name, "webhook-timestamp": str(stamp), "webhook-signature": signature}

    return {
        "unsigned": {},
        "by another secret": signed(secret=resend.SECRET),
        "of another body": signed(body=body + b" "),
        "old": signed(stamp=now - 301),
        "from the future": signed(stamp=now + 400),
        "an old one with a new moment": signed(stamp=now - 301) | {"webhook-timestamp": str(now)},
        "with a certificate of their own": {"x-signing-cert-url": "https://evil.example/cert.pem", "Signature": "AAAA"},
        "by no key at all": {**signed(), "webhook-signature": "v1,"},
    }


@case("N27")
def test_a_report_that_is_forged_or_old_is_refused_and_moves_nothing(house: House) -> None:
    sent = house.mail()
    key = house.key_of(sent["id"])
    body = json.dumps({"type": "messages.delivered", "data": {"object": {"transactionId": key}}}).encode()
    answers = {
        name: house.post("novu", data=body, headers=headers) for name, headers in forgeries(house.novu, body).items()
    }
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 401)
    assert {answer.json()["code"] for answer in answers.values()} == {"invalid_token"}
    assert house.fare(sent["id"])["status"] == "sending"
    assert house.novu.report(key, "delivered") == 200
    house.wait(sent["id"], "delivered")


@case("N27")
def test_a_report_that_is_made_again_changes_nothing(house: House) -> None:
    sent = house.mail()
    body = json.dumps({"type": "messages.delivered", "data": {"object": {"transactionId": house.key_of(sent["id"])}}})
    name, stamp = f"msg_{uuid4().hex}", int(time.time())
    for _ in range(3):
        assert house.novu.post_signed(body.encode(), name=name, stamp=stamp) == 200
    told = house.wait(sent["id"], "delivered")
    assert outcomes_of(told) == [("novu", "delivered")]
    count = f"print(Receipt.objects.filter(event_id={name!r}).count())"
    assert house.running.inside(f"from notifications.models import Receipt; {count}").strip() == "1"


@case("N27")
def test_a_report_of_another_provider_or_account_is_refused(house: House) -> None:
    short = house.send("sms", {"to": NUMBER, "text": "T"})
    house.wait(short["id"], "sent")
    [sid] = [one["sid"] for one in house.twilio.delivered if one["to"] == NUMBER]
    form = {"MessageSid": sid, "MessageStatus": "delivered"}
    assert house.twilio.post_form(form, token="another token") == 401
    assert house.twilio.post_form({**form, "AccountSid": "ACanother"}) == 401
    assert house.novu.post_signed(b"{}", name="msg_1", stamp=int(time.time()), secret=resend.SECRET) == 401
    assert house.fare(short["id"])["status"] == "sent"
    assert house.twilio.report(sid, "delivered") == 200
    house.wait(short["id"], "delivered")


def test_who_reports_for_nobody_is_told_nothing_and_a_large_body_is_not_read(house: House) -> None:
    for provider in ("nobody", "smtp", "file", "account:none", "../email", "%00"):
        assert house.post(provider, data=b"{}").status_code in {400, 401, 404}
    assert house.post("novu", data=b"x" * (256 * 1024 + 1)).status_code == 413
    assert house.running.request("GET", f"{CALLBACKS}/novu").status_code == 405


def test_who_answers_stop_gets_no_more_and_who_answers_start_does(house: House) -> None:
    number = "+4915187654321"
    states = []
    for said in ("STOP", "START"):
        answer = {"MessageSid": f"SM{uuid4().hex}", "SmsStatus": "received", "From": number, "Body": said}
        assert house.twilio.post_form(answer) == 200
        sent = house.send("sms", {"to": number, "text": said})
        house.wait(sent["id"], "suppressed" if said == "STOP" else "sent")
        states.append(house.fare(sent["id"])["status"])
    assert states == ["suppressed", "sent"]
    assert [one["body"] for one in house.twilio.delivered if one["to"] == number] == ["START"]


def test_a_provider_that_is_away_leaves_the_message_to_the_next(house: House, moves: deque[Move]) -> None:
    moves.append(Move(status=429, headers={"Retry-After": "1"}))
    sent = house.send("email", {"to": new_address(), "subject": "S", "text": "T"})
    house.running.mailbox.wait(to=sent["to"])
    assert house.wait(sent["id"], "sent")["attempts"][0]["error"] == "rate_limited"
