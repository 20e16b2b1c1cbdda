"""The editor of templates: its preview follows what is typed, in a frame that can do nothing; on every screen."""

from collections.abc import Iterator

from playwright.sync_api import FrameLocator, Page, expect

from config.testing.processes import Gatehouse
from config.testing.walks import Person
from config.tests.browser import axe
from config.tests.browser.conftest import WIDER_THAN_THE_SCREEN, Watched, picture
from config.tests.browser.test_admin import sign_in

NAME = "accounts.invitation"


def preview(page: Page) -> FrameLocator:
    """Return what the frame of the preview shows."""
    return page.frame_locator("iframe[name=shown]")


def tour(watched: Watched, house: Gatehouse, staff: Person) -> Iterator[str]:
    """Open each page of templates in turn, one wording being written and published, and yield its name."""
    page, base = watched.page, f"{house.url}/admin/notifications"
    sign_in(page, house, staff)
    page.goto(f"{base}/template/")
    yield "templates"
    page.goto(f"{base}/template/add/")
    yield "form of a template"
    page.goto(f"{base}/template/{NAME}/edit/")
    expect(preview(page).locator(".card").get_by_text("You are invited to have an account")).to_be_visible()
    yield "editor"
    page.get_by_role("button", name="Keep as a draft").click()
    page.wait_for_url(f"**/template/{NAME}/*/")
    expect(preview(page).locator(".card").get_by_text("You are invited to have an account")).to_be_visible()
    yield "version"
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url(f"**/template/{NAME}/")
    yield "template"
    page.goto(f"{base}/brand/")
    expect(preview(page).locator(".card").get_by_text("this is how your mails look")).to_be_visible()
    yield "brand"


def test_no_page_of_templates_has_a_grave_barrier(examined: Watched, house: Gatehouse, staff: Person) -> None:
    found = {}
    for name in tour(examined, house, staff):
        picture(examined.page, f"wording {name}")
        found[name] = axe.grave(examined.page)
    assert {name: barriers for name, barriers in found.items() if barriers} == {}


def test_no_page_of_templates_breaks_the_policy_or_is_too_wide(
    screen: Watched, house: Gatehouse, staff: Person
) -> None:
    stops = tour(screen, house, staff)
    assert [name for name in stops if screen.page.evaluate(WIDER_THAN_THE_SCREEN)] == []
    assert screen.errors == []  # a refusal by the policy is one


def test_preview_follows_what_is_typed_and_tells_mistakes(watched: Watched, house: Gatehouse, staff: Person) -> None:
    page = watched.page
    sign_in(page, house, staff)
    page.goto(f"{house.url}/admin/notifications/template/{NAME}/edit/")
    page.get_by_label("Subject").fill("Come in, {{ name }}")
    expect(preview(page).get_by_text("Come in, Anna")).to_be_visible()
    page.get_by_label("HTML", exact=True).fill("<p>a\n{{ nobody }}</p>")
    expect(preview(page).get_by_text("Line 2: `nobody` is no variable")).to_be_visible()
    page.get_by_label("HTML", exact=True).fill("<p>Hello</p><script>document.title = 'x'</script>")
    page.get_by_label("Dark").check()
    expect(preview(page).get_by_text("Hello", exact=True)).to_be_visible()
    expect(preview(page).locator("body")).to_have_css("background-color", "rgb(17, 19, 22)")
    assert preview(page).locator("script").count() == 0
