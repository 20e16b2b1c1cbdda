"""The pages of roles in the admin: on every screen, without barriers, and what staff do on them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from config.testing.processes import Gatehouse
from config.testing.walks import Person
from config.tests.browser import axe, offices
from config.tests.browser.conftest import PHONE, WIDER_THAN_THE_SCREEN, Watched
from config.tests.browser.test_admin import BEYOND_THE_EDGE, sign_in

LISTS = ("accessrequest", "group", "permission", "placement")
FORMS = (*LISTS, "role")
WHO, WHY = "/admin/roles/grant/who/", "/admin/roles/grant/why/"
ROLE = "/admin/roles/role/support"
PAGES = {
    "hierarchy": "/admin/roles/role/hierarchy/",
    "role": f"{ROLE}/change/",
    "form of a role": f"{ROLE}/edit/",
    "form of a built-in role": "/admin/roles/role/notifier/edit/",
    "vocabulary": "/admin/roles/permission/vocabulary/",
    "who can": f"{WHO}?permission=accounts.view_session",
    "who can, wrongly asked": f"{WHO}?permission=nothing",
    "why she can": f"{WHY}?user=hanna@example.org&permission=roles.view_role",
    "why she can there": f"{WHY}?user=jakob@example.org&permission=roles.view_role&resource=project:12",
    "why she cannot": f"{WHY}?user=ines@example.org&permission=notifications.send_message",
    "what would do": f"{WHY}?user=jakob@example.org&permission=notifications.send_message",
    "grant for a group": "/admin/roles/grant/add/?group=crew",
}


@pytest.fixture(scope="module")
def hanna(house: Gatehouse) -> str:
    """Somebody who has a role by several others, in a house with roles, groups and requests: her page in the admin."""
    return f"/admin/accounts/user/{offices.furnish(house)}/change/"


def propose(page: Page, house: Gatehouse) -> None:
    """Fill in the form of a role, and go on to the page that says who gains or loses what."""
    page.goto(f"{house.url}{ROLE}/edit/")
    page.locator("input[value='accounts.change_user']").uncheck()
    page.locator("input[name=inherits][value=night-shift]").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Go on").click()


def tour(watched: Watched, house: Gatehouse, staff: Person, hanna: str) -> Iterator[str]:
    """Open every kind of page in turn and yield its name."""
    page = watched.page
    sign_in(page, house, staff)
    for name in LISTS:
        page.goto(f"{house.url}/admin/roles/{name}/")
        yield f"list of {name}"
        with page.expect_navigation():
            page.locator("#result_list tbody th a").first.click()
        yield f"page of {name}"
    for name in FORMS:
        page.goto(f"{house.url}/admin/roles/{name}/add/")
        yield f"form of {name}"
    for name, path in {**PAGES, "person with a role": hanna}.items():
        page.goto(house.url + path)
        yield name
    propose(page, house)
    yield "who gains and loses"


def test_no_page_of_roles_has_a_grave_barrier(examined: Watched, house: Gatehouse, staff: Person, hanna: str) -> None:
    found = {name: axe.grave(examined.page) for name in tour(examined, house, staff, hanna)}
    assert {name: barriers for name, barriers in found.items() if barriers} == {}


def test_no_page_of_roles_breaks_the_content_policy_or_is_wider_than_the_screen(
    screen: Watched, house: Gatehouse, staff: Person, hanna: str
) -> None:
    too_wide = [name for name in tour(screen, house, staff, hanna) if screen.page.evaluate(WIDER_THAN_THE_SCREEN)]
    assert too_wide == []
    assert screen.errors == []


def test_every_list_of_roles_shows_all_its_columns(
    watched: Watched, house: Gatehouse, staff: Person, hanna: str
) -> None:
    page, hidden = watched.page, {}
    sign_in(page, house, staff)
    for name in (*LISTS, "role", "grant"):
        page.goto(f"{house.url}/admin/roles/{name}/")
        hidden[name] = page.evaluate(BEYOND_THE_EDGE)
    assert {name: pixels for name, pixels in hidden.items() if pixels} == {}


def test_role_is_changed_after_a_look_at_who_gains_or_loses(
    watched: Watched, house: Gatehouse, staff: Person, hanna: str
) -> None:
    page = watched.page
    sign_in(page, house, staff)
    propose(page, house)
    assert page.get_by_role("heading", name="1 person gains or loses something").is_visible()
    assert page.get_by_role("row", name="hanna@example.org").get_by_text("accounts.change_user").is_visible()
    with page.expect_navigation():
        page.get_by_role("button", name="Back to the form").click()
    assert not page.locator("input[value='accounts.change_user']").is_checked()
    with page.expect_navigation():
        page.get_by_role("button", name="Go on").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Change the role now").click()
    assert page.get_by_text("The role support is changed.").is_visible()
    assert page.get_by_role("table").get_by_text("accounts.change_user").count() == 0


def test_role_in_the_picture_leads_to_its_page_by_keyboard(
    watched: Watched, house: Gatehouse, staff: Person, hanna: str
) -> None:
    page = watched.page
    sign_in(page, house, staff)
    page.goto(f"{house.url}/admin/roles/role/hierarchy/")
    page.locator(".picture a", has_text="desk").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.get_by_role("heading", level=1, name="desk").is_visible()


def test_role_that_a_picture_is_about_is_in_sight_on_a_phone(
    phone: Watched, house: Gatehouse, staff: Person, hanna: str
) -> None:
    page = phone.page
    sign_in(page, house, staff)
    page.goto(f"{house.url}/admin/roles/role/reader/change/")
    box = page.locator(".picture .chosen").bounding_box()
    assert box is not None
    assert box["x"] > 0
    assert box["x"] + box["width"] < PHONE["width"]


def test_picture_is_told_in_words_too(watched: Watched, house: Gatehouse, staff: Person, hanna: str) -> None:
    page = watched.page
    sign_in(page, house, staff)
    page.goto(f"{house.url}/admin/roles/role/hierarchy/")
    page.get_by_text("The same in words").click()
    assert page.get_by_role("row", name="desk reader").is_visible()


def test_request_is_approved_on_its_page(phone: Watched, house: Gatehouse, staff: Person, hanna: str) -> None:
    page = phone.page
    sign_in(page, house, staff)
    page.goto(f"{house.url}/admin/roles/accessrequest/?state=pending")
    with page.expect_navigation():
        page.get_by_role("link", name="jakob@example.org").click()
    page.get_by_label("A word to who asked").fill("Until Ines is back")
    with page.expect_navigation():
        page.get_by_role("button", name="Approve").click()
    assert page.get_by_text("Agreed: jakob@example.org has the role desk.").is_visible()
