"""The admin, the confirm page and the mails for everybody: on every screen, by keyboard, under the content policy."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from config.testing.processes import Gatehouse
from config.testing.walks import Person
from config.tests.browser import axe
from config.tests.browser.conftest import Watched
from notifications import kinds, rendering
from notifications.kinds import Content

LISTS = ("accounts/user", "accounts/session", "notifications/message", "audit/entry", "roles/role", "roles/grant")
SITE = "https://accounts.example.org"
MAILS: dict[str, dict[str, Any]] = {
    "accounts/messages/confirmation": {
        "name": "Anna",
        "link": f"{SITE}/verify-email?token={'x' * 43}",
        "hours": 24,
        "site": SITE,
    },
    "accounts/messages/already_registered": {"site": SITE},
    "accounts/messages/refresh_reused": {"name": "Anna", "device": "Work laptop", "site": SITE},
    "house/messages/silent_workers": {
        "title": "Silent workers",
        "count": 2,
        "at": dt.datetime(2026, 11, 22, 3, 4, tzinfo=dt.UTC),
        "advice": "They did not end as they should.",
        "link": f"{SITE}/admin/",
    },
    "house/messages/alert": {
        "title": "Refused sign-ins",
        "count": 120,
        "minutes": 5,
        "usual": 3,
        "advice": "Somebody may be trying passwords.",
        "link": f"{SITE}/admin/",
    },
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
    mail = rendering.render(Content(context=MAILS[name]), template=name)
    examined.page.set_content(mail.html)
    assert axe.grave(examined.page) == []


def test_every_kind_of_mail_is_examined() -> None:
    assert {kind.template for kind in kinds.list_declared()} <= set(MAILS)


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
