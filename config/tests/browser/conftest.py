"""A real Chromium on a really started service. The browser is found on PATH, or named in CHROMIUM."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from config.testing.processes import Gatehouse

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


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gatehouse]:
    """The running service."""
    kept = os.environ.get("GATEHOUSE_LOGS")
    logs = Path(kept) / "browser" if kept else None
    with Gatehouse(tmp_path_factory.mktemp("house"), logs=logs) as running:
        yield running


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


@pytest.fixture
def watched(browser: Browser, house: Gatehouse) -> Iterator[Watched]:
    """A new page with nothing remembered; the test fails when its console told an error or it called another host."""
    context = browser.new_context()
    watched = Watched(context.new_page())
    watched.watch(house.url)
    yield watched
    context.close()
    assert watched.errors == []
    assert watched.foreign == []
