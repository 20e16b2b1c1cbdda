"""Second factors in the admin, in a real browser with an authenticator of its own: set up, used, looked after."""

import base64
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from config.testing.processes import Gatehouse
from config.testing.walks import Person, new_staff
from config.tests.browser import axe, qr
from config.tests.browser.conftest import WIDER_THAN_THE_SCREEN, Watched, kind_of, watching
from kit import otp
from kit.clock import utcnow

BUILT_IN = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def give_authenticator(page: Page) -> None:
    """Let the browser have a passkey store that says yes to whatever it is asked."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": BUILT_IN})


def give_password(page: Page, house: Gatehouse, staff: Person) -> None:
    """Fill in the form of the admin's sign-in, and wait for what comes next."""
    page.goto(f"{house.url}/admin/")
    page.fill("input[name=username]", staff.email)
    page.fill("input[name=password]", staff.password)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def press(page: Page, words: str) -> None:
    """Press the button with these words, and wait for the next page."""
    with page.expect_navigation():
        page.get_by_role("button", name=words, exact=True).click()


def scan(page: Page) -> str:
    """Return what the QR code of a page says."""
    path = page.locator(".qr svg path[stroke]").get_attribute("d") or ""
    box = page.locator(".qr svg").get_attribute("viewBox") or ""
    scale = page.locator(".qr svg g").get_attribute("transform") or ""
    return qr.read(path, int(box.split()[2]) // int(scale.strip("scale()")))


def code_of(uri: str, *, steps: int = 0) -> str:
    """Return what an app shows that has scanned this, so many steps from now."""
    asked = parse_qs(urlsplit(uri).query)
    step = otp.step_at(utcnow()) + steps
    key = base64.b32decode(asked["secret"][0])
    return otp.code_of(key, step, digits=int(asked["digits"][0]), algorithm=asked["algorithm"][0])


def type_code(page: Page, code: str) -> None:
    """Type a code where the focus is, and send it by keyboard alone."""
    page.locator("#code").focus()
    page.keyboard.type(code)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def recovery_codes_on(page: Page) -> list[str]:
    """Return the recovery codes that a page shows."""
    return [code.strip() for code in page.locator(".codes code").all_inner_texts()]


def sign_out(page: Page) -> None:
    """Press the button of the header."""
    menu = page.get_by_role("button", name="Menu")
    if menu.is_visible():
        menu.click()
    press(page, "Sign out")


def test_a_passkey_is_set_up_before_the_first_sign_in_and_then_signs_in(browser: Browser, guarded: Gatehouse) -> None:
    staff = new_staff(guarded)
    with watching(browser, guarded) as watched:
        page = watched.page
        give_authenticator(page)
        give_password(page, guarded, staff)
        assert "/second-factor/set-up/" in page.url
        page.get_by_label("What to call it (optional)").first.fill("This computer")
        press(page, "Set up a passkey")
        assert len(set(recovery_codes_on(page))) == 10
        give_password(page, guarded, staff)
        press(page, "Use a passkey")
        assert page.url == f"{guarded.url}/admin/"
        page.goto(f"{guarded.url}/admin/second-factors/")
        assert page.get_by_role("rowheader", name="This computer").is_visible()


def test_a_passkey_alone_opens_the_admin(browser: Browser, guarded: Gatehouse) -> None:
    staff = new_staff(guarded)
    with watching(browser, guarded) as watched:
        page = watched.page
        give_authenticator(page)
        give_password(page, guarded, staff)
        press(page, "Set up a passkey")
        page.goto(f"{guarded.url}/admin/")
        page.get_by_role("button", name="Sign in with a passkey").focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.url == f"{guarded.url}/admin/"
        assert page.get_by_role("button", name="Sign out").is_visible()


def test_an_app_is_set_up_from_the_qr_code_and_signs_in(browser: Browser, guarded: Gatehouse) -> None:
    staff = new_staff(guarded)
    with watching(browser, guarded) as watched:
        page = watched.page
        give_password(page, guarded, staff)
        press(page, "Set up an app")
        uri = scan(page)
        page.get_by_text("It cannot scan").click()
        assert page.get_by_role("link", name="open it in the app").get_attribute("href") == uri
        assert staff.email in uri
        type_code(page, code_of(uri))
        assert len(set(recovery_codes_on(page))) == 10
        give_password(page, guarded, staff)
        type_code(page, code_of(uri, steps=1))
        assert page.url == f"{guarded.url}/admin/"


def test_a_passkey_that_nobody_gives_is_told_and_asked_for_again(browser: Browser, guarded: Gatehouse) -> None:
    with watching(browser, guarded) as watched:
        page = watched.page
        page.goto(f"{guarded.url}/admin/login/")
        page.evaluate(
            "() => { navigator.credentials.get = () => Promise.reject(new DOMException('', 'NotAllowedError')); }"
        )
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.get_by_text("No passkey was given").wait_for()
        assert page.get_by_role("button", name="Sign in with a passkey").is_enabled()


def walk(page: Page, house: Gatehouse) -> Iterator[str]:
    """Open every page of second factors in turn and yield its name."""
    staff = new_staff(house)
    page.goto(f"{house.url}/admin/login/")
    yield "sign-in"
    give_password(page, house, staff)
    yield "choice of what to set up"
    press(page, "Set up an app")
    page.get_by_text("It cannot scan").click()
    yield "QR code"
    type_code(page, "000000")
    yield "wrong first code"
    page.get_by_role("link", name=re.compile("Begin anew")).click()
    press(page, "Set up an app")
    uri = scan(page)
    type_code(page, code_of(uri))
    yield "recovery codes"
    yield from walk_step(page, house, staff, uri)
    yield from walk_inside(page, house, staff)


def walk_step(page: Page, house: Gatehouse, staff: Person, uri: str) -> Iterator[str]:
    """Go through the second step of a sign-in, wrong answers too."""
    give_password(page, house, staff)
    yield "code of the app"
    type_code(page, "000000")
    yield "wrong code"
    page.get_by_role("link", name="Recovery code").click()
    yield "recovery code"
    page.get_by_role("link", name="Authenticator app").click()
    type_code(page, code_of(uri, steps=1))
    give_authenticator(page)


def walk_inside(page: Page, house: Gatehouse, staff: Person) -> Iterator[str]:
    """Look after one's own factors: add a passkey, get new recovery codes, be asked again, and be asked by it."""
    page.goto(f"{house.url}/admin/second-factor/set-up/")
    press(page, "Set up a passkey")
    yield "passkey set up"
    page.goto(f"{house.url}/admin/second-factors/")
    page.get_by_text("Remove…").first.click()
    yield "own factors"
    page.get_by_text("New recovery codes…").click()
    press(page, "Make new ones now")
    yield "new recovery codes"
    page.goto(f"{house.url}/admin/second-factors/proof/")
    yield "proof"
    page.goto(f"{house.url}/admin/")
    sign_out(page)
    give_password(page, house, staff)
    yield "passkey as second step"
    press(page, "Use a passkey")


def forgive_refusals(watched: Watched) -> None:
    """Forget what the console says of the answers that were meant to be wrong."""
    for status in (400, 401):
        watched.forgive(f"status of {status}")


@pytest.mark.parametrize("screen", ["phone light", "desktop dark"])
def test_no_page_breaks_the_content_policy_or_is_wider_than_the_screen(
    browser: Browser, guarded: Gatehouse, screen: str
) -> None:
    with watching(browser, guarded, **kind_of(screen)) as watched:
        stops = walk(watched.page, guarded)
        assert [name for name in stops if watched.page.evaluate(WIDER_THAN_THE_SCREEN)] == []
        forgive_refusals(watched)
        assert watched.errors == []


@pytest.mark.parametrize("screen", ["phone dark", "desktop light"])
def test_no_page_has_a_grave_barrier(browser: Browser, guarded: Gatehouse, screen: str) -> None:
    with watching(browser, guarded, bypass_csp=True, **kind_of(screen)) as watched:
        found: dict[str, Any] = {name: axe.grave(watched.page) for name in walk(watched.page, guarded)}
        assert {name: barriers for name, barriers in found.items() if barriers} == {}
        forgive_refusals(watched)
