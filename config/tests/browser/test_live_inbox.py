"""The live inbox in a browser, by the program of docs/notifications.md, on a page of another origin."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from config.environment import BASE_DIR
from config.testing.children import answers, free_port, wait_until
from config.testing.live import PATH
from config.testing.processes import Gatehouse
from config.testing.walks import Person, new_person
from config.tests.browser.conftest import PHONE, picture, running

SECONDS = 15_000
PAGE = Path(__file__).parent / "inbox.html"


def program() -> str:
    """Return the program that the documentation gives to readers of the stream."""
    told = (BASE_DIR / "docs" / "notifications.md").read_text().partition("## Inbox")[2]
    found = re.search(r"```js\n(.*?)```", told, re.DOTALL)
    assert found is not None
    return found[1]


class Server(BaseHTTPRequestHandler):
    """Serves the page and the program of the documentation."""

    def do_GET(self) -> None:
        kind, text = ("text/javascript", program()) if self.path == "/follow.js" else ("text/html", PAGE.read_text())
        content = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as it is called
        """Say nothing."""


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """Where the page is served: another origin than the service's and the stream's."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, origin: str) -> Iterator[Gatehouse]:
    """A running service whose stream the page may read."""
    port = str(free_port())
    with running(tmp_path_factory.mktemp("live"), "browser-live", STREAM_PORT=port, CORS_ORIGINS=origin) as house:
        wait_until("the streams", lambda: answers(int(port)), seconds=60)
        yield house


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page on a phone."""
    context = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def follow(page: Page, house: Gatehouse, origin: str, person: Person) -> None:
    """Open the page and let it follow a person's inbox."""
    stream = f"http://127.0.0.1:{house.settings['STREAM_PORT']}{PATH}"
    page.goto(origin)
    page.evaluate("([...given]) => begin(...given)", [house.url, stream, person.access])
    page.locator("[data-state=live]").wait_for(timeout=SECONDS)


def send(house: Gatehouse, person: Person, title: str, text: str) -> None:
    """Have a message sent into a person's inbox."""
    found = house.get("/auth/me", bearer=person.access).json()["id"]
    house.inside(
        "from notifications.testing import make_message\n"
        f"make_message(channel='inbox', to=[{found!r}], recipient={found!r}, subject={title!r}, text={text!r})"
    )


def shown(page: Page, title: str) -> Any:
    """Return the item of this title, once the page shows it."""
    item = page.locator("li", has_text=title)
    item.wait_for(timeout=SECONDS)
    return item


def test_page_shows_what_comes_and_what_becomes_of_it(live: Gatehouse, origin: str, page: Page) -> None:
    anna = new_person(live)
    send(live, anna, "Before", "It was there when the page was opened.")
    follow(page, live, origin, anna)
    shown(page, "Before")
    send(live, anna, "Your invoice is there", "Number 4711 over 20 euros.")
    shown(page, "Your invoice is there")
    page.locator("#unread", has_text="2").wait_for(timeout=SECONDS)
    shown(page, "Before").get_by_role("button", name="Read").click()
    page.locator("li.read", has_text="Before").wait_for(timeout=SECONDS)
    page.locator("#unread", has_text="1").wait_for(timeout=SECONDS)
    picture(page, "live inbox")
    page.get_by_role("button", name="Read all").click()
    page.locator("#unread", has_text="0").wait_for(timeout=SECONDS)
    assert page.locator("li").count() == page.locator("li.read").count() == 2


def test_page_goes_on_where_a_cut_stopped_it(live: Gatehouse, origin: str, page: Page) -> None:
    berta = new_person(live)
    follow(page, live, origin, berta)
    send(live, berta, "One", "Before the cut.")
    shown(page, "One")
    page.context.set_offline(offline=True)
    page.evaluate("() => cut()")  # what is open already outlives a browser's going offline
    page.locator("[data-state=cut]").wait_for(timeout=SECONDS)
    send(live, berta, "Two", "While nobody heard.")
    page.context.set_offline(offline=False)
    shown(page, "Two")
    told = page.evaluate("() => told.map((item) => item.title)")
    assert told == ["One", "Two"]


def test_page_is_told_that_its_session_has_ended(live: Gatehouse, origin: str, page: Page) -> None:
    carla = new_person(live)
    follow(page, live, origin, carla)
    assert live.post("/auth/logout", {}, bearer=carla.access).status_code == 204
    page.locator("[data-state=session_ended]").wait_for(timeout=SECONDS)
