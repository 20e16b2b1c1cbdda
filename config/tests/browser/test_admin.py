"""The admin and the pages behind mailed links: on every screen, by keyboard, under the content policy."""

from collections.abc import Iterator

from playwright.sync_api import Page

from config.testing.mailbox import link_in
from config.testing.processes import Gatehouse
from config.testing.walks import Person
from config.tests.browser import axe
from config.tests.browser.conftest import WIDER_THAN_THE_SCREEN, Watched
from config.tests.browser.residents import Residents

LISTS = (
    *("accounts/user", "accounts/session", "accounts/invitation", "accounts/refusedsignin", "notifications/message"),
    *("notifications/suppression", "audit/entry", "roles/role", "roles/grant"),
)
PAGELESS = {"notifications/suppression"}  # lists whose rows have no page of their own
FORMS = ("accounts/invitation", "roles/grant", "notifications/suppression")
WHOLE = "x" * 43
# How wide what is chosen from may be, in pixels: less cannot be read.
NARROWEST = "() => Math.min(...Array.from(document.querySelectorAll('.actions select'), (field) => field.clientWidth))"
LEGIBLE = 200
BEYOND_THE_EDGE = "() => { const e = document.querySelector('.results'); return e.scrollWidth - e.clientWidth; }"


def sign_in(page: Page, house: Gatehouse, staff: Person) -> None:
    """Sign in to the admin by its form."""
    page.goto(f"{house.url}/admin/")
    page.fill("input[name=username]", staff.email)
    page.fill("input[name=password]", staff.password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{house.url}/admin/")


def walk_links(watched: Watched, house: Gatehouse, residents: Residents) -> Iterator[str]:
    """Open the pages behind mailed links, by links that are good, over, cut and nobody's, and yield their names."""
    page = watched.page
    for name, link in residents.links.items():
        page.goto(house.url + link)
        assert page.get_by_role("button").is_visible()
        yield name
        for how, ended in residents.over[name].items():
            page.goto(house.url + ended)
            assert page.get_by_role("button").count() == 0
            yield f"{how} link to {name}"
    for name, token in (("cut link", "x"), ("link of nobody's", WHOLE)):
        page.goto(f"{house.url}/verify-email?token={token}")
        yield name
    watched.forgive("status of 400")


def act_for_her(page: Page) -> Iterator[str]:
    """Begin to see what the person of this page sees, and yield the names of what is shown."""
    page.get_by_text("See what this person sees…").click()
    page.locator("#act-reason").fill("She asked for help")
    yield "form to see what a person sees"
    with page.expect_navigation():
        page.get_by_role("button", name="See it now").click()
    yield "access token to see what a person sees"


def tour(watched: Watched, house: Gatehouse, staff: Person, residents: Residents) -> Iterator[str]:
    """Open every kind of page in turn and yield its name."""
    page = watched.page
    yield from walk_links(watched, house, residents)
    page.goto(f"{house.url}/admin/login/")
    yield "sign-in"
    sign_in(page, house, staff)
    yield "front page"
    page.goto(house.url + residents.full)
    yield "person with everything"
    yield from act_for_her(page)
    for name in LISTS:
        page.goto(f"{house.url}/admin/{name}/")
        yield f"list of {name}"
        if name in PAGELESS:
            assert page.locator("#result_list tbody tr").count() > 1
            continue
        with page.expect_navigation():
            page.locator("#result_list tbody th a").first.click()
        yield f"page of {name}"
    page.goto(f"{house.url}/admin/notifications/message/charts/")
    yield "messages in numbers"
    page.goto(f"{house.url}/admin/notifications/provideraccount/")
    yield "providers"
    page.get_by_role("link", name="Twilio").click()
    page.wait_for_url("**/new/twilio/")
    yield "form of a provider"
    for name in FORMS:
        page.goto(f"{house.url}/admin/{name}/add/")
        yield f"form of {name}"


def test_no_page_has_a_grave_barrier(examined: Watched, house: Gatehouse, staff: Person, residents: Residents) -> None:
    found = {name: axe.grave(examined.page) for name in tour(examined, house, staff, residents)}
    assert {name: barriers for name, barriers in found.items() if barriers} == {}


def test_no_page_breaks_the_content_policy_or_is_wider_than_the_screen(
    screen: Watched, house: Gatehouse, staff: Person, residents: Residents
) -> None:
    stops = tour(screen, house, staff, residents)
    too_wide = [name for name in stops if screen.page.evaluate(WIDER_THAN_THE_SCREEN)]
    assert too_wide == []
    assert screen.errors == []  # a refusal by the policy is one


def test_every_list_shows_all_its_columns(
    watched: Watched, house: Gatehouse, staff: Person, residents: Residents
) -> None:
    page, hidden = watched.page, {}
    sign_in(page, house, staff)
    for name in LISTS:
        page.goto(f"{house.url}/admin/{name}/")
        hidden[name] = page.evaluate(BEYOND_THE_EDGE)
    assert {name: pixels for name, pixels in hidden.items() if pixels} == {}


def test_actions_of_a_list_can_be_read_on_a_phone(
    phone: Watched, house: Gatehouse, staff: Person, residents: Residents
) -> None:
    sign_in(phone.page, house, staff)
    for name in ("notifications/message", "notifications/suppression"):
        phone.page.goto(f"{house.url}/admin/{name}/")
        assert phone.page.evaluate(NARROWEST) >= LEGIBLE


def test_the_access_token_of_a_person_is_copied_by_its_button(
    watched: Watched, house: Gatehouse, staff: Person, residents: Residents
) -> None:
    page = watched.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(page, house, staff)
    page.goto(house.url + residents.full)
    assert list(act_for_her(page))
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    token = page.get_by_role("textbox", name="Access token").input_value()
    assert page.evaluate("() => navigator.clipboard.readText()") == token
    assert house.get("/auth/me", bearer=token).status_code == 200


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
    assert page.evaluate(BEYOND_THE_EDGE) == 0


def test_the_newest_entries_keep_their_words_whole_on_a_phone(phone: Watched, house: Gatehouse, staff: Person) -> None:
    sign_in(phone.page, house, staff)
    heights = "() => Array.from(document.querySelectorAll('.brief tbody tr > *'), (cell) => cell.clientHeight)"
    assert max(phone.page.evaluate(heights)) < 32  # one line each
