"""A real Chromium on a really started service. The browser is found on PATH, or named in CHROMIUM."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from config.testing.processes import Gatehouse
from config.testing.walks import Person, new_address, new_notifier, new_staff
from config.tests.browser import axe, residents

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW = (
    "No Chromium: none of chromium, chromium-browser, google-chrome is on PATH and CHROMIUM names none. "
    "On Debian and Ubuntu: apt-get install chromium; elsewhere: `playwright install chromium`, and CHROMIUM=its path."
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything below this folder as a browser test."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass
class Watched:
    """A page, with what its console and its requests gave away."""

    page: Page
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def watch(self, home: str) -> None:
        """Note errors (a refusal by the content security policy is one) and requests to any other host."""

        def console(message: ConsoleMessage) -> None:
            if message.type == "error":
                self.errors.append(message.text)

        def request(made: Request) -> None:
            if not made.url.startswith((home, "data:", "blob:")):
                self.foreign.append(made.url)

        self.page.on("console", console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", request)

    def forgive(self, words: str) -> None:
        """Forget the errors with these words, where a page was meant to be refused."""
        self.errors = [error for error in self.errors if words not in error]


@contextmanager
def running(home: Path, name: str, **settings: str) -> Iterator[Gatehouse]:
    """Run the service under a name that browsers know passkeys for: no passkey is made for a bare address."""
    kept = os.environ.get("GATEHOUSE_LOGS")
    house = Gatehouse(home, logs=Path(kept) / name if kept else None, TRUSTED_PROXIES="1", **settings)
    house.url = f"http://localhost:{house.port}"
    with house:
        yield house


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gatehouse]:
    """The running service."""
    with running(tmp_path_factory.mktemp("house"), "browser") as house:
        yield house


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gatehouse]:
    """The running service, in which staff must have a second factor."""
    required = {"SECOND_FACTOR": "required", "SECOND_FACTOR_FOR": "staff"}
    with running(tmp_path_factory.mktemp("guarded"), "browser-guarded", **required) as house:
        yield house


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests. Its absence is a failure that says how to get one."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.fail(HOW, pytrace=False)
    with sync_playwright() as playwright:
        # As root Chromium starts without its sandbox or not at all; the pages are our own.
        arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        running = playwright.chromium.launch(executable_path=program, args=arguments)
        yield running
        running.close()


@contextmanager
def watching(browser: Browser, house: Gatehouse, **options: Any) -> Iterator[Watched]:
    """Yield a new page with nothing remembered; fail when its console told an error or it called another host."""
    context = browser.new_context(**options)
    watched = Watched(context.new_page())
    watched.watch(house.url)
    yield watched
    context.close()
    assert watched.errors == []
    assert watched.foreign == []


@pytest.fixture
def watched(browser: Browser, house: Gatehouse) -> Iterator[Watched]:
    """A new page on a desktop."""
    with watching(browser, house) as watched:
        yield watched


PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
WIDER_THAN_THE_SCREEN = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(params=["phone light", "desktop dark"])
def screen(request: pytest.FixtureRequest, browser: Browser, house: Gatehouse) -> Iterator[Watched]:
    """A new page on each size of screen."""
    with watching(browser, house, **kind_of(request.param)) as watched:
        yield watched


@pytest.fixture(params=["phone dark", "desktop light"])
def examined(request: pytest.FixtureRequest, browser: Browser, house: Gatehouse) -> Iterator[Watched]:
    """As `screen`, by the other light, and without a content policy: axe itself sets styles while it measures."""
    try:
        axe.program()
    except axe.Missing as missing:
        pytest.fail(str(missing), pytrace=False)
    with watching(browser, house, bypass_csp=True, **kind_of(request.param)) as watched:
        yield watched


def picture(page: Page, name: str) -> None:
    """Keep a picture of the page, for whoever wants to look, in the folder that GATEHOUSE_PICTURES names."""
    folder = os.environ.get("GATEHOUSE_PICTURES")
    if folder:
        width = page.viewport_size["width"] if page.viewport_size else 0
        dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        file = f"{re.sub('[^a-z]+', '-', name.lower())}.{width}.{'dark' if dark else 'light'}.png"
        page.screenshot(path=Path(folder) / file, full_page=True)


def kind_of(screen: str) -> dict[str, Any]:
    """Return what makes a browser's context that of a screen: `phone dark`, `desktop light`."""
    size, scheme = screen.split()
    return {"viewport": PHONE if size == "phone" else DESKTOP, "color_scheme": scheme}


@pytest.fixture
def phone(browser: Browser, house: Gatehouse) -> Iterator[Watched]:
    """A new page on a phone."""
    with watching(browser, house, viewport=PHONE) as watched:
        yield watched


@pytest.fixture(scope="session")
def staff(house: Gatehouse) -> Person:
    """A member of staff who may do everything, in a house where something has happened."""
    sender = new_notifier(house)
    house.post("/notify/email", {"to": new_address(), "subject": "S", "text": "T"}, bearer=sender.access)
    house.post("/auth/login", {"email": sender.email, "password": "Not-The-Password-1"})
    return new_staff(house)


@pytest.fixture(scope="session", name="residents")
def people(house: Gatehouse) -> residents.Residents:
    """People in every state, one of them with all that her page can show."""
    return residents.move_in(house)
