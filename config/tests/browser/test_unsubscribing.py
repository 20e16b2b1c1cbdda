"""The page of a newsletter's link, in a browser: what it shows, what its buttons do, and on a phone."""

import os

from playwright.sync_api import ViewportSize

from config.testing.processes import Gatehouse
from config.testing.walks import new_address, new_notifier
from config.tests.browser.conftest import Watched

PHONE: ViewportSize = {"width": 360, "height": 740}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}


def test_a_reader_unsubscribes_and_comes_back(house: Gatehouse, watched: Watched) -> None:
    reader, page = new_address(), watched.page
    mail = {"to": reader, "subject": "News", "text": "News.", "category": "newsletter"}
    assert house.post("/notify/email", mail, bearer=new_notifier(house).access).status_code == 202
    link = str(house.mailbox.wait(to=reader, about="News")["List-Unsubscribe"]).strip("<>")
    page.set_viewport_size(PHONE)
    page.goto(house.url + "/" + link.split("/", 3)[3])
    for heading, button in (("Unsubscribe", "Unsubscribe"), ("You are unsubscribed", "Subscribe again")):
        assert page.get_by_role("heading", name=heading, exact=True).is_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        if pictures := os.environ.get("GATEHOUSE_PICTURES"):
            page.screenshot(path=f"{pictures}/{button.split()[0].lower()}.png")
        with page.expect_navigation():
            page.get_by_role("button", name=button).click()
        page.set_viewport_size(DESKTOP)
    assert page.get_by_role("heading", name="You are subscribed again").is_visible()
