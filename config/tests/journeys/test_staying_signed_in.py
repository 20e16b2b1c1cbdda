"""A client is never signed out by what is no fault of its own: its tabs that race, and keys that take turns."""

import json
import os
import threading
import time
from base64 import urlsafe_b64decode
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from config.testing.cases import case
from config.testing.knocking import Knockers
from config.testing.processes import Gatehouse
from config.testing.walks import new_person, sign_in

pytestmark = pytest.mark.long

TABS = 7
ROUNDS = int(os.environ.get("GATEHOUSE_ROUNDS", "200"))  # 1000 takes a minute or two
ROTATIONS = 3

# Time moved: the next key takes over only when it has been published for some minutes.
AGE = """
import datetime as dt
from kit.clock import utcnow
from vault.models import SigningKey

SigningKey.objects.update(created_at=utcnow() - dt.timedelta(hours=1))
"""


class Browser:
    """Seven tabs with one store for their tokens. Each refreshes when it pleases, and keeps what it is answered."""

    def __init__(self, house: Gatehouse, refresh: str) -> None:
        self._house = house
        self._together = threading.Barrier(TABS, timeout=120)
        self.stored = refresh
        self.answers: Counter[int] = Counter()

    def live(self) -> None:
        """Let all tabs refresh at once, round after round, in threads of their own."""
        with ThreadPoolExecutor(TABS) as pool:
            list(pool.map(self._tab, range(TABS)))

    def _tab(self, number: int) -> None:
        with requests.Session() as connection:
            for turn in range(ROUNDS):
                self._together.wait()
                shown = self.stored
                if (number + turn) % TABS == 0:
                    time.sleep(0.002 * number)  # comes late, and shows what the others have spent already
                answer = connection.post(f"{self._house.url}/api/v1/auth/refresh", json={"refresh": shown}, timeout=60)
                self.answers[answer.status_code] += 1
                if answer.ok:
                    self.stored = answer.json()["refresh"]


def test_seven_tabs_that_refresh_at_once_stay_signed_in(house: Gatehouse, capsys: pytest.CaptureFixture[str]) -> None:
    person = new_person(house)
    browser = Browser(house, person.tokens["refresh"])
    started = time.monotonic()
    browser.live()
    seconds = time.monotonic() - started
    with capsys.disabled():
        print(f"\n{type(house).__name__}: {TABS} tabs, {ROUNDS} rounds in {seconds:.0f} s: {dict(browser.answers)}")  # noqa: T201 - the figures of the run
    assert browser.answers == {200: TABS * ROUNDS}
    assert house.post("/auth/refresh", {"refresh": browser.stored}).status_code == 200
    ended = house.get("/auth/sessions/ended", bearer=sign_in(house, person.email).access).json()
    assert ended["count"] == 0


class Refresher(threading.Thread):
    """A client that renews its tokens again and again, and tries each new access token beside its first one."""

    def __init__(self, house: Gatehouse, over: threading.Event) -> None:
        super().__init__()
        self._house, self._over = house, over
        self._tokens = new_person(house).tokens
        self.keys: set[str] = set()
        self.statuses: Counter[int] = Counter()

    def run(self) -> None:
        """Go on until it is over."""
        first = self._tokens["access"]
        while not self._over.is_set():
            answer = self._house.post("/auth/refresh", {"refresh": self._tokens["refresh"]})
            self.statuses[answer.status_code] += 1
            self._tokens = answer.json()
            self.keys.add(_key_of(self._tokens["access"]))
            for access in (first, self._tokens["access"]):
                self.statuses[self._house.get("/auth/me", bearer=access).status_code] += 1
            time.sleep(0.05)


def _key_of(token: str) -> str:
    """Return the `kid` that a token names."""
    head = token.partition(".")[0]
    kid: str = json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"]
    return kid


@case("C36")
def test_no_valid_request_is_refused_while_signing_keys_take_turns(
    house: Gatehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys, statuses = _while_keys_take_turns(house, tmp_path)
    with capsys.disabled():
        print(f"\n{type(house).__name__}: {ROTATIONS} rotations, signed by {len(keys)} keys: {dict(statuses)}")  # noqa: T201 - the figures of the run
    assert set(statuses) == {200}
    assert len(keys) >= 2
    published = {key["kid"] for key in house.request("GET", "/.well-known/jwks.json").json()["keys"]}
    assert keys <= published


def _while_keys_take_turns(house: Gatehouse, tmp_path: Path) -> tuple[set[str], Counter[int]]:
    """Rotate while clients refresh and call; return the keys that signed, and the statuses of all answers."""
    over = threading.Event()
    refreshers = [Refresher(house, over) for _ in range(2)]
    shown = {"bearer": new_person(house).access}
    with Knockers(tmp_path, url=house.url, method="GET", path="/api/v1/auth/me", shown=shown) as knockers:
        for refresher in refreshers:
            refresher.start()
        try:
            knockers.wait_for_each(20)
            for _ in range(ROTATIONS):
                house.inside(AGE)
                house.manage("accounts_rotate_keys")
            # Those who signed before go on for half a minute with the key that they hold.
            time.sleep(32)
            knockers.wait_for_each(20, since=time.monotonic())
        finally:
            over.set()
            for refresher in refreshers:
                refresher.join(60)
    keys = set().union(*(refresher.keys for refresher in refreshers))
    return keys, sum((refresher.statuses for refresher in refreshers), Counter(k.status for k in knockers.all()))
