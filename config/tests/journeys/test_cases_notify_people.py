"""What people chose, over HTTP: one click ends a newsletter, a choice holds, and who is gone is forgotten (N29)."""

from email.message import EmailMessage
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests

from config.testing.cases import case
from config.testing.children import wait_until
from config.testing.processes import API, Gatehouse
from config.testing.walks import PASSWORD, Person, new_address, new_notifier, new_person

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(scope="module")
def notifier(house: Gatehouse) -> Person:
    return new_notifier(house)


def send(house: Gatehouse, by: Person, to: str, category: str = "newsletter") -> str:
    """Send a mail of a category, wait until it has ended, and return how."""
    mail = {"to": to, "subject": f"News {uuid4().hex}", "text": "News.", "category": category}
    answer = house.post("/notify/email", mail, bearer=by.access)
    assert answer.status_code == 202, answer.text
    message = f"/notify/messages/{answer.json()['id']}"

    def ended() -> str:
        status: str = house.get(message, bearer=by.access).json()["status"]
        return status if status in {"sent", "delivered", "suppressed", "failed"} else ""

    return wait_until("the message to end", ended, seconds=30)


def link_of(house: Gatehouse, mail: EmailMessage) -> str:
    """Return the link of a newsletter, at the address under which the service runs here."""
    parts = urlsplit(str(mail["List-Unsubscribe"]).strip("<>"))
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return f"{house.url}{parts.path}?{parts.query}"


def test_one_click_ends_a_newsletter_and_the_page_brings_it_back(house: Gatehouse, notifier: Person) -> None:
    reader = new_address()
    assert send(house, notifier, reader) == "sent"
    link = link_of(house, house.mailbox.wait(to=reader))
    assert requests.get(link, timeout=30).status_code == 200
    assert send(house, notifier, reader) == "sent"
    clicked = requests.post(link, data=ONE_CLICK, timeout=30)
    assert (clicked.status_code, clicked.history, "You are unsubscribed" in clicked.text) == (200, [], True)
    assert send(house, notifier, reader) == "suppressed"
    assert send(house, notifier, reader, "invoices") == "sent"
    assert requests.post(link, data={"again": "1"}, timeout=30).status_code == 200
    assert send(house, notifier, reader) == "sent"


def test_a_link_that_was_made_up_ends_nothing(house: Gatehouse, notifier: Person) -> None:
    anna, berta = new_address(), new_address()
    links = []
    for reader in (anna, berta):
        send(house, notifier, reader)
        links.append(link_of(house, house.mailbox.wait(to=reader)))
    base, _, hers = links[0].partition("token=")
    mixed = hers[:32] + links[1].partition("token=")[2][32:]
    for token in (mixed, hers[:-1], hers + "0", "", "\x00", "a" * 5000):
        answer = requests.post(base, data=ONE_CLICK | {"token": token}, timeout=30)
        assert (answer.status_code, "not whole" in answer.text) == (400, True)
    assert send(house, notifier, anna) == "sent"


@case("N29")
def test_nobody_gets_past_what_a_person_chose_by_the_name_of_a_category(house: Gatehouse, notifier: Person) -> None:
    person = new_person(house)
    off = [{"category": category, "channel": "email", "allowed": False} for category in ("newsletter", "other", "tips")]
    chosen = house.request(
        "PUT", f"{API}/preferences", bearer=person.access, json={"choices": off, "quiet_hours": None}
    )
    assert chosen.status_code == 200, chosen.text
    for category in ("security", "codes", "account"):
        mail = {"to": person.email, "subject": "S", "text": "T", "category": category}
        assert house.post("/notify/email", mail, bearer=notifier.access).status_code == 403
    must = [{"category": "security", "channel": "email", "allowed": False}]
    refused = house.request(
        "PUT", f"{API}/preferences", bearer=person.access, json={"choices": must, "quiet_hours": None}
    )
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "choices.0.allowed")
    shown = house.get("/preferences", bearer=person.access).json()["choices"]
    assert {choice["category"] for choice in shown if not choice["allowed"]} == {"newsletter", "other", "tips"}


def test_with_the_account_goes_what_she_chose_and_what_waits_for_her(house: Gatehouse, notifier: Person) -> None:
    person = new_person(house)
    quiet = {"begins": "22:00", "ends": "07:00", "time_zone": "Europe/Berlin"}
    news = [{"category": "newsletter", "channel": "email", "digest": "daily"}]
    body = {"choices": news, "quiet_hours": quiet}
    assert house.request("PUT", f"{API}/preferences", bearer=person.access, json=body).status_code == 200
    later = {"to": person.email, "subject": "Later", "text": "T", "send_at": "2035-01-01T00:00:00Z"}
    waiting = house.post("/notify/email", later, bearer=notifier.access).json()["id"]
    gone = house.request("DELETE", f"{API}/auth/account", bearer=person.access, json={"password": PASSWORD})
    assert gone.status_code in {200, 202, 204}, gone.text
    told = house.inside(
        "import datetime as dt; from kit.clock import utcnow; from accounts import erasure; "
        "from accounts.models import User; from notifications.models import Preference, QuietHours; "
        f"person = User.objects.get(email={person.email!r}).pk; "
        "kept = [rows.filter(person=person).exists() for rows in (Preference.objects, QuietHours.objects)]; "
        "erased = erasure.erase_due(now=utcnow() + dt.timedelta(days=31)); "
        "left = [rows.filter(person=person).exists() for rows in (Preference.objects, QuietHours.objects)]; "
        "print('erased:', erased > 0, kept, left)"
    )
    assert "erased: True [True, True] [False, False]" in told
    assert house.get(f"/notify/messages/{waiting}", bearer=notifier.access).json()["status"] == "cancelled"
