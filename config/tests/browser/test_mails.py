"""Every mail of the house, as a mail program with styles shows it."""

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from config.environment import BASE_DIR
from config.tests.browser import axe
from config.tests.browser.conftest import WIDER_THAN_THE_SCREEN, kind_of
from notifications import kinds, rendering
from notifications.channels import Channel
from notifications.kinds import Content
from notifications.wording import brands
from notifications.wording.brands import Look

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
    "messages": [{"subject": "Bert has answered you", "excerpt": "I think that we should meet."}] * 2,
    "expires_at": AT,
    "lapses_at": AT,
    "uses": [{"at": AT, "ip_address": "198.51.100.7", "place": "Vienna, Austria", "user_agent": "Firefox"}],
}


SAMPLES = {kind.template: kind.sample for kind in kinds.list_declared()}


def shown(page: Page) -> Iterator[str]:
    """Show each mail in turn and yield its name; into the folder that MAIL_PICTURES names goes a picture of each."""
    pictures = os.environ.get("MAIL_PICTURES")
    for name in MAILS:
        content = Content(context={**WORDS, **SAMPLES.get(name, {})})
        page.set_content(rendering.render(content, template=name).html)
        if pictures:
            width = page.viewport_size["width"] if page.viewport_size else 0
            dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
            picture = f"{name.replace('/messages/', '.')}.{width}.{'dark' if dark else 'light'}.png"
            page.screenshot(path=Path(pictures) / picture, full_page=True)
        yield name


@pytest.fixture(params=["phone light", "desktop dark", "phone dark", "desktop light"])
def reader(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A mail program on each screen, by each light."""
    context = browser.new_context(**kind_of(request.param))
    yield context.new_page()
    context.close()


@pytest.fixture(autouse=True)
def _house_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look like the house: no database is asked here."""
    monkeypatch.setattr(brands, "look_of", lambda _tenant: Look())


def test_no_mail_has_a_grave_barrier_or_is_wider_than_the_screen(reader: Page) -> None:
    found = {name: (axe.grave(reader), reader.evaluate(WIDER_THAN_THE_SCREEN)) for name in shown(reader)}
    assert {name: wrong for name, wrong in found.items() if wrong != ([], False)} == {}


@pytest.mark.parametrize("colour", ["#ffee00", "#808080", "#00c853", "#000000", "#ffffff", "#ff1744", "#7a00ff"])
def test_brand_of_any_colour_can_be_read(reader: Page, monkeypatch: pytest.MonkeyPatch, colour: str) -> None:
    look = Look(name="Acme", colour=colour, footer="Acme GmbH, Vienna")
    monkeypatch.setattr(brands, "look_of", lambda _tenant: look)
    reader.set_content(rendering.render(Content(context=WORDS), template="accounts/messages/reset").html)
    assert axe.grave(reader) == []


def test_every_kind_of_mail_is_examined() -> None:
    mails = {kind.template for kind in kinds.list_declared() if kind.channel == Channel.EMAIL}
    assert mails <= set(MAILS)
