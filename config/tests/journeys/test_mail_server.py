"""A mail server that says no: for good, or for now."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from config.testing.cases import case
from config.testing.children import wait_until
from config.testing.mailbox import Mailbox
from config.testing.processes import Distributed, Gatehouse
from config.testing.servers import Smtp
from config.testing.walks import Person, new_address, new_notifier, new_staff, sign_in
from config.tests.journeys.conftest import make_house


@contextmanager
def mailed(home: Path, name: str, *, tls: str = "false") -> Iterator[tuple[Gatehouse, Smtp]]:
    """Yield a running service that sends its mail to a server of its own, in either set-up."""
    house = make_house(home, name, EMAIL_USE_TLS=tls)
    if isinstance(house, Distributed):
        with house:
            yield house, house.smtp
        return
    with Smtp() as smtp:
        house.settings = {**smtp.settings, **house.settings}
        house.mailbox = Mailbox(smtp.inbox)
        with house:
            yield house, smtp


@pytest.fixture
def mailed_house(tmp_path: Path) -> Iterator[tuple[Gatehouse, Smtp]]:
    """A service whose mail server takes everything until it is told otherwise."""
    with mailed(tmp_path / "house", "mailed") as both:
        yield both


@case("N32")
def test_mail_never_goes_in_plain_text_to_a_server_that_lacks_tls(tmp_path: Path) -> None:
    with mailed(tmp_path / "house", "tls", tls="true") as (house, smtp):
        sender = sign_in(house, new_staff(house).email)  # who registers would wait for a mail
        body = {"to": new_address(), "subject": "S", "text": "T"}
        sent = house.post("/notify/email", body, bearer=sender.access).json()["id"]
        [attempt, *_] = wait_until("an attempt", lambda: closed_attempts(house, sender, sent), seconds=60)
        assert (attempt["outcome"], attempt["error"]) == ("misconfigured", "tls_or_login_not_offered")
        assert state_of(house, sender, sent)["status"] != "sent"
        assert not list(smtp.inbox.glob("*.eml"))


def closed_attempts(house: Gatehouse, sender: Person, message: str) -> list[dict[str, Any]]:
    """Return the attempts that have ended."""
    return [one for one in state_of(house, sender, message)["attempts"] if one["outcome"] != "open"]


def state_of(house: Gatehouse, sender: Person, message: str) -> dict[str, Any]:
    """Return what the service tells of a message."""
    told: dict[str, Any] = house.get(f"/notify/messages/{message}", bearer=sender.access).json()
    return told


def test_a_message_refused_for_good_fails_and_one_refused_for_now_arrives_later(
    mailed_house: tuple[Gatehouse, Smtp],
) -> None:
    house, smtp = mailed_house
    sender, body = new_notifier(house), {"to": new_address(), "subject": "S", "text": "T"}
    smtp.refuse("550 5.1.1 No such person")
    refused = house.post("/notify/email", body, bearer=sender.access).json()["id"]
    wait_until("failure", lambda: state_of(house, sender, refused)["status"] == "failed", seconds=30)
    smtp.refuse("451 4.3.0 Try later")
    later = house.post("/notify/email", body, bearer=sender.access).json()["id"]
    wait_until("a first attempt", lambda: closed_attempts(house, sender, later), seconds=30)
    assert state_of(house, sender, later)["status"] == "queued"
    smtp.accept()
    wait_until("delivery", lambda: state_of(house, sender, later)["status"] == "sent", seconds=120)
    assert len(house.mailbox.mails(to=str(body["to"]))) == 1


def providers_state(house: Gatehouse) -> tuple[str, str]:
    """Return what /health says of the whole, and of the providers."""
    told = house.request("GET", "/health").json()
    return told["status"], told["checks"]["providers"]


def test_mail_waits_for_a_server_that_is_away_and_health_says_so(mailed_house: tuple[Gatehouse, Smtp]) -> None:
    house, smtp = mailed_house
    sender, body = new_notifier(house), {"to": new_address(), "subject": "S", "text": "T"}
    assert providers_state(house) == ("ok", "ok")
    smtp.stop()
    sent = [house.post("/notify/email", body, bearer=sender.access).json()["id"] for _ in range(12)]
    wait_until("health says so", lambda: providers_state(house) == ("degraded", "down"), seconds=60)
    smtp.start()
    wait_until("all", lambda: {state_of(house, sender, one)["status"] for one in sent} == {"sent"}, seconds=240)
    assert len(house.mailbox.mails(to=str(body["to"]))) == len(sent)
    assert providers_state(house) == ("ok", "ok")
