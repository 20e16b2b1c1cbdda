"""The live inbox, as a browser reads it from the really started process: nothing lost or repeated, whatever is cut."""

import os
import random
import signal
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests

from config.testing.children import answers, free_port, wait_until
from config.testing.live import PATH, Listener
from config.testing.processes import Gatehouse
from config.testing.walks import Person, change_account, new_person
from config.tests.journeys.conftest import make_house

OPEN_AT_ONCE = 100
SECONDS_TO_END = 5.0


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gatehouse]:
    """A running service with its process for streams."""
    settings: dict[str, Any] = {
        "STREAM_PORT": str(free_port()),
        "STREAMS_OF_PERSON": "100",
        "CORS_ORIGINS": "https://app.example",
    }
    with make_house(tmp_path_factory.mktemp("live"), "live", **settings) as house:
        wait_until("the streams", lambda: answers(int(settings["STREAM_PORT"])), seconds=60)
        yield house


@pytest.fixture(scope="module")
def anna(live: Gatehouse) -> Person:
    return new_person(live)


def id_of(house: Gatehouse, person: Person) -> str:
    """Return the id of a person."""
    found: str = house.get("/auth/me", bearer=person.access).json()["id"]
    return found


def send(house: Gatehouse, person: str, *titles: str) -> None:
    """Have messages sent into a person's inbox, through the queue, in which the sweep finds them."""
    house.inside(
        "from notifications.testing import make_message\n"
        f"for title in {titles!r}:\n"
        f"    make_message(channel='inbox', to=[{person!r}], recipient={person!r}, subject=title, lane=0)\n"
    )


def test_message_is_told_live_and_so_is_what_becomes_of_it(live: Gatehouse, anna: Person) -> None:
    with Listener(live, anna.access) as listener:
        listener.begun()
        send(live, id_of(live, anna), "Hello")
        listener.wait_for_title("Hello")
        item = listener.told("item")[-1]
        assert listener.wait(lambda: listener.told("state")[-1]["unread"] == 1)
        assert live.post(f"/inbox/{item['id']}/read", bearer=anna.access).status_code == 200
        listener.wait(lambda: listener.told("item")[-1]["read_at"] is not None)
        listener.wait(lambda: listener.told("state")[-1]["unread"] == 0)
        assert live.get("/inbox", bearer=anna.access).json()["results"][0] == listener.told("item")[-1]


def test_cuts_lose_nothing_and_repeat_nothing_while_much_is_written(live: Gatehouse) -> None:
    berta = new_person(live)
    person = id_of(live, berta)
    wanted = [str(number) for number in range(120)]

    def write() -> None:
        for at in range(0, len(wanted), 10):
            send(live, person, *wanted[at : at + 10])

    writer = threading.Thread(target=write)
    writer.start()
    known = 0
    got: list[tuple[int, str]] = []
    deadline = time.monotonic() + 60
    while len(got) < len(wanted) and time.monotonic() < deadline:
        with Listener(live, berta.access, known=known) as listener:
            listener.begun()
            # What is looked at is a line that is cut at any moment.
            time.sleep(random.uniform(0, 0.7))
        got += [(item["seq"], item["title"]) for item in listener.told("item")]
        known = max(known, listener.last)
    writer.join()
    assert sorted(title for _, title in got) == sorted(wanted)
    assert [seq for seq, _ in got] == list(range(1, len(wanted) + 1))


def test_what_was_read_meanwhile_is_told_after_a_cut(live: Gatehouse) -> None:
    carla = new_person(live)
    with Listener(live, carla.access) as listener:
        listener.begun()
        send(live, id_of(live, carla), "a", "b", "c")
        listener.wait(lambda: len(listener.titles) == 3 and listener.told("state")[-1]["unread"] == 3)
    assert live.post("/inbox/read-all", bearer=carla.access).json() == {"read": 3}
    with Listener(live, carla.access, known=listener.last) as again:
        again.begun()
        assert sorted(again.titles) == ["a", "b", "c"]
        assert all(item["read_at"] for item in again.told("item"))
        assert again.told("state")[-1]["unread"] == 0


@pytest.mark.parametrize("way", ["logout", "deactivated", "password"])
def test_stream_ends_with_its_session(live: Gatehouse, way: str) -> None:
    person = new_person(live)
    with Listener(live, person.access) as listener:
        listener.begun()
        asked = time.monotonic()
        if way == "logout":
            assert live.post("/auth/logout", {"all": True}, bearer=person.access).status_code == 204
        elif way == "deactivated":
            change_account(live, person.email, "is_active=False")
        else:
            live.inside(
                "from accounts.models import Session\nfrom kit.clock import utcnow\n"
                f"Session.objects.filter(user__email={person.email!r}).update(ended_at=utcnow())"
            )
        listener.wait(lambda: listener.is_over, SECONDS_TO_END)
        assert time.monotonic() - asked < SECONDS_TO_END
        assert listener.told("end") == [{"reason": "session_ended"}]
    assert Listener(live, person.access).status == 401


@pytest.mark.parametrize("access", ["", "x", "e30.e30.e30"])
def test_stranger_hears_nothing(live: Gatehouse, access: str) -> None:
    listener = Listener(live, access)
    assert (listener.status, listener.problem["status"]) == (401, 401)
    assert listener.answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_page_of_a_listed_origin_may_read_and_no_other(live: Gatehouse, anna: Person) -> None:
    url = f"http://127.0.0.1:{live.settings['STREAM_PORT']}{PATH}"
    asks = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization,last-event-id"}
    allowed = requests.options(url, headers={"Origin": "https://app.example", **asks}, timeout=10)
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert {"authorization", "last-event-id"} <= set(allowed.headers["Access-Control-Allow-Headers"].split(", "))
    refused = requests.options(url, headers={"Origin": "https://evil.example", **asks}, timeout=10)
    assert "Access-Control-Allow-Origin" not in refused.headers
    with Listener(live, anna.access, Origin="https://app.example") as listener:
        assert listener.answer.headers["Access-Control-Allow-Origin"] == "https://app.example"


def test_api_says_where_the_stream_is(live: Gatehouse, anna: Person) -> None:
    answer = live.get("/inbox/stream", bearer=anna.access)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.json()["stream_url"] == f"http://127.0.0.1:{live.settings['STREAM_PORT']}{PATH}"


def middle_time(house: Gatehouse, person: Person) -> float:
    """Return how long a call of the API takes, in the middle of sixty, by one client that keeps its line."""
    session, took = requests.Session(), []
    for _ in range(60):
        began = time.perf_counter()
        url = f"{house.url}/api/v1/inbox/unread-count"
        answer = session.get(url, headers={"Authorization": f"Bearer {person.access}"}, timeout=30)
        took.append(time.perf_counter() - began)
        assert answer.status_code == 200
    return statistics.median(took)


def test_a_hundred_open_streams_hold_nobody_up(
    live: Gatehouse, anna: Person, record_property: Callable[[str, object], None]
) -> None:
    alone = middle_time(live, anna)
    with ExitStack() as stack:
        listeners = [stack.enter_context(Listener(live, anna.access)).begun() for _ in range(OPEN_AT_ONCE)]
        beside = middle_time(live, anna)
        send(live, id_of(live, anna), "to all")
        for listener in listeners:
            listener.wait_for_title("to all")
    record_property("figures", f"a call alone {alone * 1000:.1f} ms, beside 100 streams {beside * 1000:.1f} ms")
    assert beside < 3 * alone + 0.02


def test_person_beyond_her_share_is_told_to_wait(live: Gatehouse) -> None:
    doris = new_person(live)
    with ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(Listener(live, doris.access)).begun()
        refused = Listener(live, doris.access)
        assert (refused.status, refused.problem["code"]) == (429, "throttled")
        assert int(refused.answer.headers["Retry-After"]) > 0


def kill_streams(house: Gatehouse) -> None:
    """End the process that serves streams at once, and see to it that there is another."""
    if "streams" in house.children:
        house.kill("streams")
        house.start_process("streams")
        return
    group = str(house.children["serve"].pid)
    [pid] = subprocess.check_output(["pgrep", "-g", group, "-f", "config[.]streams"], text=True).split()
    os.kill(int(pid), signal.SIGKILL)


def test_killed_process_takes_nothing_along(live: Gatehouse) -> None:
    emma = new_person(live)
    listener = Listener(live, emma.access).begun()
    send(live, id_of(live, emma), "before")
    listener.wait_for_title("before")
    kill_streams(live)
    listener.wait(lambda: listener.is_over)
    send(live, id_of(live, emma), "meanwhile")
    assert live.get("/inbox/unread-count", bearer=emma.access).status_code == 200
    wait_until("the streams again", lambda: answers(int(live.settings["STREAM_PORT"])), seconds=30)
    with Listener(live, emma.access, known=listener.last) as again:
        again.wait_for_title("meanwhile")
        assert again.titles == ["meanwhile"]


def test_stop_tells_everybody_and_takes_no_time(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings: dict[str, Any] = {"STREAM_PORT": str(free_port())}
    with make_house(tmp_path_factory.mktemp("stopped"), "live-stopped", **settings) as house:
        wait_until("the streams", lambda: answers(int(settings["STREAM_PORT"])), seconds=60)
        person = new_person(house)
        listener = Listener(house, person.access).begun()
        began = time.monotonic()
        statuses = house.stop()
        assert time.monotonic() - began < 15
        assert set(statuses.values()) == {0}, statuses
        listener.wait(lambda: listener.is_over, 1)
        assert listener.told("end") == [{"reason": "restart"}]
        assert not answers(int(settings["STREAM_PORT"]))
