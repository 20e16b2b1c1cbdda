"""The live inbox: nothing missed, nothing told twice, nobody there who may not be, and bounds on everything."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async

from kit.clock import utcnow
from kit.ids import uuid7
from notifications import inbox
from notifications.inbox import Words
from notifications.streams import hub as hubs
from notifications.streams import reading, writer
from notifications.testing import make_message
from notifications.tests.listening import Client, FakeDoor, House, run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("notifications.tests.urls")]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, so that no test waits for a second to pass."""
    monkeypatch.setattr(hubs, "POLL_EVERY", 0.05)
    monkeypatch.setattr(hubs, "VERIFY_EVERY", 0.1)


def put_now(person: UUID, *titles: str) -> list[UUID]:
    """Put something new into an inbox."""
    now = utcnow()
    return [
        inbox.put(message=make_message(now=now).pk, person=person, words=Words(title=title), now=now)
        for title in titles
    ]


async def put(person: UUID, *titles: str) -> list[UUID]:
    """Put something new into an inbox, past the process that serves streams."""
    return await sync_to_async(lambda: reading.with_connection(lambda: put_now(person, *titles)))()


async def read(person: UUID, item: UUID) -> None:
    """Note that a person has read something."""
    call = partial(inbox.read, person=person, item=item, now=utcnow())
    await sync_to_async(lambda: reading.with_connection(call))()


def titles(client: Client) -> list[str]:
    """Return what the events of a client told, in order."""
    return [data["title"] for _, data in client.events("item")]


def told(client: Client, count: int) -> Callable[[], bool]:
    """Return the question whether a client was told of so many changes."""
    return lambda: len(titles(client)) >= count


def stands(client: Client, *, seq: int, unread: int) -> Callable[[], bool]:
    """Return the question whether a client was last told that its inbox stands so."""
    return lambda: client.events("state")[-1:] == [(seq, {"seq": seq, "unread": unread})]


def test_stream_begins_with_how_the_inbox_stands_and_goes_on_with_what_comes() -> None:
    person = uuid7()
    put_now(person, "before")

    async def scene(house: House) -> None:
        client = await house.listen(person)
        assert (client.status, client.headers["content-type"]) == (200, "text/event-stream")
        assert client.headers["x-accel-buffering"] == "no"
        assert client.headers["cache-control"] == "no-store"
        assert "content-length" not in client.headers
        assert client.body.startswith(b"retry: 2000\n\n")
        assert client.events() == [(1, {"seq": 1, "unread": 1})]
        await put(person, "now")
        await client.until(lambda: len(client.events("state")) == 2)
        [(seq, item)] = client.events("item")
        assert (seq, item["seq"], item["title"], item["read_at"]) == (2, 2, "now", None)
        assert client.events("state")[-1] == (2, {"seq": 2, "unread": 2})

    run(scene)


def test_change_of_an_item_is_told_as_the_api_shows_it() -> None:
    person = uuid7()
    [item] = put_now(person, "one")

    async def scene(house: House) -> None:
        client = await house.listen(person)
        await read(person, item)
        await client.until(lambda: client.events("item"))
        [(seq, told)] = client.events("item")
        assert (seq, told["id"], told["read_at"] is not None) == (2, str(item), True)
        await client.until(stands(client, seq=2, unread=0))

    run(scene)


@pytest.mark.parametrize("known", [0, 1, 149, 150])
def test_resumed_stream_tells_all_behind_the_number_that_is_known(known: int) -> None:
    person = uuid7()
    put_now(person, *(str(number) for number in range(1, 151)))  # more than a page

    async def scene(house: House) -> None:
        client = await house.listen(person, last_event_id=str(known))
        assert titles(client) == [str(number) for number in range(known + 1, 151)]
        await put(person, "more")
        await client.until(lambda: "more" in titles(client))
        assert len(titles(client)) == 151 - known

    run(scene)


def test_number_of_the_future_is_not_believed() -> None:
    person = uuid7()
    put_now(person, "one")

    async def scene(house: House) -> None:
        client = await house.listen(person, last_event_id="999")
        await put(person, "two")
        await client.until(lambda: titles(client) == ["two"])

    run(scene)


def test_streams_of_one_person_each_tell_all_once_while_many_write() -> None:
    person = uuid7()

    async def scene(house: House) -> None:
        first = await house.listen(person, last_event_id="0")
        writing = [asyncio.create_task(put(person, *(f"{n}.{m}" for m in range(10)))) for n in range(4)]
        second = await house.listen(person, last_event_id="0")
        await asyncio.gather(*writing)
        for client in (first, second):
            await client.until(told(client, 40))
            assert [seq for seq, _ in client.events("item")] == list(range(1, 41))
            await client.until(stands(client, seq=40, unread=40))

    run(scene)


def test_what_is_too_much_for_one_look_at_all_is_told_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MANY", 5)
    people = [uuid7(), uuid7()]

    async def scene(house: House) -> None:
        clients = [await house.listen(person) for person in people]
        for person in people:
            await put(person, *"abcdefgh")
        for client in clients:
            await client.until(told(client, 8))

    run(scene)


def test_nobody_is_told_of_anothers_inbox() -> None:
    person, other = uuid7(), uuid7()

    async def scene(house: House) -> None:
        client, witness = await house.listen(person), await house.listen(other)
        await put(other, "hers")
        await witness.until(lambda: titles(witness) == ["hers"])
        assert (titles(client), len(client.events("state"))) == ([], 1)

    run(scene)


def test_ended_session_ends_its_stream_and_no_other() -> None:
    person, other = uuid7(), uuid7()

    async def scene(house: House) -> None:
        client, witness = await house.listen(person), await house.listen(other)
        house.door.gone.add(person)
        await client.until(lambda: client.is_over)
        assert client.events("end") == [(None, {"reason": "session_ended"})]
        assert not witness.is_over
        await asyncio.wait_for(client.task, 5)
        assert len(house.hub) == 1

    run(scene)


def test_stream_lasts_no_longer_than_its_token() -> None:
    async def scene(house: House) -> None:
        client = await house.listen(uuid7())
        await client.until(lambda: client.is_over)
        assert client.events("end") == [(None, {"reason": "token_expired"})]

    run(scene, FakeDoor(lasts=timedelta(seconds=0.2)))


@pytest.mark.parametrize("count", [3, 50])
def test_one_statement_looks_for_everybody_and_one_reads_what_is_new(
    count: int, django_assert_num_queries: Any
) -> None:
    known: dict[UUID, int | None] = {uuid7(): 0 for _ in range(count)}
    with django_assert_num_queries(1):
        assert hubs._offers(known) == {}
    for person in known:
        put_now(person, "new")
    with django_assert_num_queries(2):
        offers = hubs._offers(known)
    assert {len(offer.frames or ()) for offer in offers.values()} == {1}
    assert set(offers) == set(known)


def test_heartbeat_keeps_a_silent_line_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "HEARTBEAT_EVERY", 0.05)

    async def scene(house: House) -> None:
        client = await house.listen(uuid7())
        await client.until(lambda: client.body.count(b"\n: still here\n\n") >= 3)

    run(scene)


def test_slow_client_misses_nothing_when_it_takes_on_again() -> None:
    person = uuid7()

    async def scene(house: House) -> None:
        client, witness = await house.listen(person), await house.listen(person)
        client.takes.clear()
        for count, title in enumerate("abcdef", 1):
            await put(person, title)
            await witness.until(told(witness, count))
        client.takes.set()
        await client.until(lambda: len(titles(client)) == 6)
        assert titles(client) == titles(witness) == list("abcdef")

    run(scene)


def test_client_that_takes_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "MOST_SECONDS", 0.1)
    person = uuid7()

    async def scene(house: House) -> None:
        client = await house.listen(person)
        client.takes.clear()
        await put(person, "too much")
        await asyncio.wait_for(client.task, 5)
        assert len(house.hub) == 0

    run(scene)


def test_person_has_so_many_streams_and_another_hers(settings: Any) -> None:
    settings.STREAMS_OF_PERSON = 2
    person = uuid7()

    async def scene(house: House) -> None:
        first, _ = await house.listen(person), await house.listen(person)
        refused = await house.call(person).answered()
        assert refused.problem == (429, "throttled")
        assert int(refused.headers["retry-after"]) > 0
        await house.listen(uuid7())
        await first.leave()
        await house.listen(person)

    run(scene)


def test_process_has_so_many_streams_and_says_when_to_come_again(settings: Any) -> None:
    settings.STREAMS = 2

    async def scene(house: House) -> None:
        first, _ = await house.listen(uuid7()), await house.listen(uuid7())
        refused = await house.call(uuid7()).answered()
        assert refused.problem == (503, "unavailable")
        assert int(refused.headers["retry-after"]) > 0
        await first.leave()
        await house.listen(uuid7())

    run(scene)


def test_everybody_is_told_of_a_restart_and_nobody_is_let_in_meanwhile() -> None:
    async def scene(house: House) -> None:
        clients = [await house.listen(uuid7()) for _ in range(3)]
        await house.hub.close(5)
        assert [client.events("end") for client in clients] == [[(None, {"reason": "restart"})]] * 3
        assert len(house.hub) == 0
        assert (await house.call(uuid7()).answered()).problem == (503, "unavailable")
        assert (await house.call(path="/health/ready").answered()).status == 503

    run(scene)


REFUSED: dict[str, tuple[int, str, dict[str, str]]] = {
    "a stranger": (401, "not_authenticated", {}),
    "a credential of another kind": (401, "invalid_token", {"authorization": "Basic x"}),
    "another path": (404, "not_found", {"path": "/api/v1/inbox"}),
    "another method": (405, "method_not_allowed", {"method": "POST"}),
    "a foreign host": (400, "parse_error", {"host": "evil.example"}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusal_is_a_problem_document_with_the_headers_of_all_others(case: str, settings: Any) -> None:
    status, code, options = REFUSED[case]

    async def scene(house: House) -> None:
        answer = await house.call(None, **options).answered()
        assert answer.problem == (status, code)
        assert answer.headers["content-type"] == "application/problem+json"
        assert {name.lower() for name in settings.SECURITY_HEADERS} <= set(answer.headers)
        assert answer.headers["x-request-id"]
        assert answer.headers.get("allow") == ("GET" if status == 405 else None)

    run(scene)


@pytest.mark.parametrize("given", ["x", "-1", "1.5", "1" * 30, " 1 x", "\u0661"])
def test_number_that_is_none_is_refused_by_its_name(given: str) -> None:
    async def scene(house: House) -> None:
        answer = await house.call(uuid7(), last_event_id=given).answered()
        assert answer.problem == (400, "validation_error")
        assert b'"Last-Event-ID"' in answer.body

    run(scene)


def test_process_says_that_it_lives_and_serves() -> None:
    async def scene(house: House) -> None:
        for path in ("/health/live", "/health/ready", "/health/ready/"):
            assert (await house.call(path=path).answered()).status == 200

    run(scene)


def test_process_that_cannot_look_is_not_ready_and_goes_on_when_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    person, look = uuid7(), hubs._offers

    def fail(_: object) -> None:
        raise OSError

    async def scene(house: House) -> None:
        client = await house.listen(person)
        monkeypatch.setattr(hubs, "STALE_AFTER", 0.3)
        monkeypatch.setattr(hubs, "_offers", fail)
        await put(person, "meanwhile")
        await asyncio.sleep(0.5)  # what is looked at is that time passes
        assert (await house.call(path="/health/ready").answered()).status == 503
        assert (await house.call(path="/health/live").answered()).status == 200
        monkeypatch.setattr(hubs, "_offers", look)
        await client.until(told(client, 1))
        assert titles(client) == ["meanwhile"]

    run(scene)


def test_text_of_a_message_cannot_begin_an_event_of_its_own() -> None:
    person = uuid7()

    async def scene(house: House) -> None:
        client = await house.listen(person)
        await put(person, "a\n\nevent: end\ndata: {}\r\r\n\u2028x")
        await client.until(lambda: client.events("item"))
        assert titles(client) == ["a\n\nevent: end\ndata: {}\r\r\n\u2028x"]
        assert client.events("end") == []

    run(scene)
