"""Every mail of the house, as a mail program with styles shows it."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page

from config.environment import BASE_DIR
from config.tests.browser import axe
from config.tests.browser.conftest import WIDER_THAN_THE_SCREEN, Watched
from notifications import kinds, rendering
from notifications.channels import Channel
from notifications.kinds import Content

SITE = "https://accounts.example.org"
MAILS = sorted(
    str(path.relative_to(folder).with_suffix(""))
    for folder in BASE_DIR.glob("*/templates")
    for path in folder.glob("*/messages/[!_]*.html")
)
AT = dt.datetime(2026, 11, 22, 3, 4, tzinfo=dt.UTC)
# What any of the mails may say.
WORDS: dict[str, Any] = {
    "name": "Anna",
    "title": "Refused sign-ins",
    "advice": "Somebody may be trying passwords.",
    "link": f"{SITE}/verify-email?token={'x' * 43}",
    "site": SITE,
    "at": AT,
    "until": AT,
    "erased_at": AT,
    "days": 7,
    "hours": 24,
    "minutes": 10,
    "count": 120,
    "usual": 3,
    "code": "314159",
    "device": "Work laptop",
    "place": "Vienna, Austria",
    "network": "198.51.100.7",
    "address": "198.51.100.7",
    "person": "anna@example.com",
    "proposer": "bert@example.com",
    "role": "invoice-sender",
    "resource": "organisation:4711",
    "state": "approved",
    "answer": "Until the end of the month.",
    "expires_at": AT,
    "lapses_at": AT,
    "uses": [{"at": AT, "ip_address": "198.51.100.7", "place": "Vienna, Austria", "user_agent": "Firefox"}],
}


def shown(page: Page) -> Iterator[str]:
    """Show each mail in turn and yield its name."""
    for name in MAILS:
        page.set_content(rendering.render(Content(context=WORDS), template=name).html)
        yield name


def test_no_mail_has_a_grave_barrier_or_is_wider_than_the_screen(examined: Watched) -> None:
    page = examined.page
    found = {name: (axe.grave(page), page.evaluate(WIDER_THAN_THE_SCREEN)) for name in shown(page)}
    assert {name: wrong for name, wrong in found.items() if wrong != ([], False)} == {}


def test_every_kind_of_mail_is_examined() -> None:
    mails = {kind.template for kind in kinds.list_declared() if kind.channel == Channel.EMAIL}
    assert mails <= set(MAILS)
