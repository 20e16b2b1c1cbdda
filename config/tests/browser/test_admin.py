"""The admin, the confirm page and the mails for everybody: on every screen, by keyboard, under the content policy."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from config.environment import BASE_DIR
from config.testing.mailbox import link_in
from config.testing.processes import Gatehouse
from config.testing.walks import Person
from config.tests.browser import axe
from config.tests.browser.conftest import Watched
from notifications import kinds, rendering
from notifications.channels import Channel
from notifications.kinds import Content

LISTS = ("accounts/user", "accounts/session", "notifications/message", "audit/entry", "roles/role", "roles/grant")
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
    "days": 7,
    "hours": 24,
    "minutes": 10,
    "count": 120,
    "usual": 3,
    "code": "314159",
    "device": "Work laptop",
    "place": "Vienna, Austria",
    "network": "198.51.100.0/24",
    "address": "198.51.100.7",
    "uses": [{"at": AT, "ip_address": "198.51.100.7", "place": "Vienna, Austria", "user_agent": "Firefox"}],
}


def sign_in(page: Page, house: Gatehouse, staff: Person) -> None:
    """Sign in to the admin by its form."""
    page.goto(f"{house.url}/admin/")
    page.fill("input[name=username]", staff.email)
    page.fill("input[name=password]", staff.password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{house.url}/admin/")


def tour(page: Page, house: Gatehouse, staff: Person) -> Iterator[str]:
    """Open every kind of page in turn and yield its name."""
    page.goto(f"{house.url}/verify-email?token=x")
    yield "confirm page"
    page.goto(f"{house.url}/admin/login/")
    yield "sign-in"
    sign_in(page, house, staff)
    yield "front page"
    for name in LISTS:
        page.goto(f"{house.url}/admin/{name}/")
        yield f"list of {name}"
        page.locator("#result_list tbody th a").first.click()
        page.wait_for_load_state()
        yield f"page of {name}"
    page.goto(f"{house.url}/admin/roles/grant/add/")
    yield "form of a grant"


def test_no_page_has_a_grave_barrier(examined: Watched, house: Gatehouse, staff: Person) -> None:
    found = {name: axe.grave(examined.page) for name in tour(examined.page, house, staff)}
    assert {name: barriers for name, barriers in found.items() if barriers} == {}


def test_no_page_breaks_the_content_policy_or_is_wider_than_the_screen(
    screen: Watched, house: Gatehouse, staff: Person
) -> None:
    wide = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
    too_wide = [name for name in tour(screen.page, house, staff) if screen.page.evaluate(wide)]
    assert too_wide == []
    assert screen.errors == []  # a refusal by the policy is one


@pytest.mark.parametrize("name", MAILS)
def test_no_mail_has_a_grave_barrier(examined: Watched, name: str) -> None:
    mail = rendering.render(Content(context=WORDS), template=name)
    examined.page.set_content(mail.html)
    assert axe.grave(examined.page) == []


def test_every_kind_of_mail_is_examined() -> None:
    mails = {kind.template for kind in kinds.list_declared() if kind.channel == Channel.EMAIL}
    assert mails <= set(MAILS)


def focused(page: Page) -> str:
    """Return what the element with the focus says."""
    text: str = page.evaluate("() => document.activeElement.textContent.trim()")
    return text


def test_the_first_key_offers_to_skip_the_menu(watched: Watched, house: Gatehouse, staff: Person) -> None:
    page = watched.page
    sign_in(page, house, staff)
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "content-start"


def test_the_menu_of_a_phone_opens_and_closes_by_keyboard(phone: Watched, house: Gatehouse, staff: Person) -> None:
    page = phone.page
    sign_in(page, house, staff)
    people = page.get_by_role("link", name="People", exact=True).first
    assert not people.is_visible()
    page.get_by_role("button", name="Menu").focus()
    page.keyboard.press("Enter")
    assert people.is_visible()
    page.keyboard.press("Escape")
    assert not people.is_visible()
    assert focused(page) == "Menu"


def test_every_number_of_a_chart_can_be_read_as_a_table(watched: Watched, house: Gatehouse, staff: Person) -> None:
    page = watched.page
    sign_in(page, house, staff)
    chart = page.locator(".chart", has=page.locator("#chart-messages"))
    chart.locator("summary").click()
    assert chart.locator("tbody tr").count() == 14
    assert int(chart.locator("tbody tr").first.locator("td").first.inner_text()) >= 1


def test_the_list_of_people_shows_every_column_whatever_their_addresses(
    watched: Watched, house: Gatehouse, staff: Person
) -> None:
    email = f"somebody.with-a-rather-long-name.{'x' * 30}@department.of.something.example.org"
    assert house.post("/auth/register", {"email": email, "password": staff.password}).status_code == 202
    page = watched.page
    sign_in(page, house, staff)
    page.goto(link_in(house.mailbox.wait(to=email)))
    page.get_by_role("button").click()
    page.goto(f"{house.url}/admin/accounts/user/?q=somebody.with")
    assert page.get_by_role("link", name=email).is_visible()
    assert (
        page.evaluate("() => { const e = document.querySelector('.results'); return e.scrollWidth - e.clientWidth; }")
        == 0
    )


def test_the_newest_entries_keep_their_words_whole_on_a_phone(phone: Watched, house: Gatehouse, staff: Person) -> None:
    sign_in(phone.page, house, staff)
    heights = "() => Array.from(document.querySelectorAll('.brief tbody tr > *'), (cell) => cell.clientHeight)"
    assert max(phone.page.evaluate(heights)) < 32  # one line each
