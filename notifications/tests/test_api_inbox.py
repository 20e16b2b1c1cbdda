"""The calls about a person's inbox."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from kit.ids import uuid7
from notifications import inbox
from notifications.inbox import Words
from notifications.models import InboxItem
from notifications.testing import make_message
from notifications.tests.callers import CallerClient

pytestmark = [pytest.mark.django_db, pytest.mark.urls("notifications.tests.urls")]

INBOX = "/api/v1/inbox"


def put(person: UUID, now: datetime, title: str = "Hello") -> UUID:
    """Put something new into an inbox and return its id."""
    words = Words(title=title, body="Text", url="/a", data={"k": "v"}, category="news")
    return inbox.put(message=make_message(now=now).pk, person=person, words=words, now=now)


def titles(client: CallerClient, query: str = "") -> list[str]:
    """Return what a list shows."""
    return [one["title"] for one in client.get(f"{INBOX}{query}").json()["results"]]


@pytest.fixture
def client() -> CallerClient:
    return CallerClient()


def test_list_shows_the_callers_own_items_the_newest_first(client: CallerClient, now: datetime) -> None:
    for title in ("first", "second"):
        put(client.caller, now, title)
    put(uuid7(), now, "another's")
    page = client.get(INBOX).json()
    assert set(page) == {"next", "previous", "results"}
    assert [one["title"] for one in page["results"]] == ["second", "first"]
    assert page["results"][0] | {"id": "", "created_at": "", "changed_at": ""} == {
        "id": "",
        "created_at": "",
        "changed_at": "",
        "read_at": None,
        "archived_at": None,
        "seq": 2,
        "category": "news",
        "title": "second",
        "body": "Text",
        "url": "/a",
        "data": {"k": "v"},
    }


def test_list_is_filtered_by_what_is_read_and_put_away(client: CallerClient, now: datetime) -> None:
    ids = {title: put(client.caller, now, title) for title in ("new", "read", "away", "read and away")}
    for title in ("read", "read and away"):
        client.post(f"{INBOX}/{ids[title]}/read")
    for title in ("away", "read and away"):
        client.post(f"{INBOX}/{ids[title]}/archive")
    assert titles(client) == titles(client, "?archived=false") == ["read", "new"]
    assert titles(client, "?unread=true") == ["new"]
    assert titles(client, "?archived=true") == ["read and away", "away"]
    assert titles(client, "?archived=true&unread=true") == ["away"]
    assert client.get(f"{INBOX}/unread-count").json() == {"unread": 1}


@pytest.mark.parametrize("query", ["unread=1", "unread=", "archived=yes", "archived=%20true"])
def test_filter_that_is_neither_true_nor_false_is_refused(client: CallerClient, query: str) -> None:
    answer = client.get(f"{INBOX}?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, query.partition("=")[0])


def test_list_goes_on_by_its_cursor(client: CallerClient, now: datetime) -> None:
    for number in range(5):
        put(client.caller, now, str(number))
    first = client.get(f"{INBOX}?page_size=3").json()
    second = client.get(first["next"]).json()
    assert [one["title"] for one in first["results"] + second["results"]] == ["4", "3", "2", "1", "0"]
    assert second["next"] is None


@pytest.mark.parametrize("path", ["", "?unread=true", "/unread-count"])
def test_unchanged_inbox_is_told_so_by_one_row(
    client: CallerClient, now: datetime, path: str, django_assert_num_queries: Any
) -> None:
    item = put(client.caller, now)
    etag = client.get(INBOX + path)["ETag"]
    with django_assert_num_queries(1):
        answer = client.get(INBOX + path, headers={"If-None-Match": f'"other", {etag}'})
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", etag)
    assert "Content-Length" not in answer
    inbox.read(person=client.caller, item=item, now=now)
    assert client.get(INBOX + path, headers={"If-None-Match": etag}).status_code == 200


def test_etag_of_another_person_says_nothing_to_this_one(client: CallerClient, now: datetime) -> None:
    other = CallerClient()
    for person in (client.caller, other.caller):
        put(person, now)
    etag = other.get(INBOX)["ETag"]
    assert client.get(INBOX, headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("count", [3, 30])
def test_list_costs_the_same_however_long_it_is(
    client: CallerClient, now: datetime, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        put(client.caller, now)
    with django_assert_num_queries(2):
        assert len(client.get(f"{INBOX}?page_size=100").json()["results"]) == count
    with django_assert_num_queries(1):
        assert client.get(f"{INBOX}/unread-count").json() == {"unread": count}


@pytest.mark.parametrize(
    ("verbs", "is_read", "is_archived"),
    [
        (("read",), True, False),
        (("read", "read"), True, False),
        (("read", "unread"), False, False),
        (("archive",), False, True),
        (("archive", "unarchive"), False, False),
    ],
)
def test_item_is_answered_as_it_is_afterwards(
    client: CallerClient, now: datetime, verbs: tuple[str, ...], *, is_read: bool, is_archived: bool
) -> None:
    item = put(client.caller, now)
    answers = [client.post(f"{INBOX}/{item}/{verb}") for verb in verbs]
    assert {answer.status_code for answer in answers} == {200}
    told = answers[-1].json()
    assert (told["id"], told["read_at"] is not None, told["archived_at"] is not None) == (
        str(item),
        is_read,
        is_archived,
    )
    row = InboxItem.objects.get(pk=item)
    assert (row.seq, row.read_at is not None, row.archived_at is not None) == (told["seq"], is_read, is_archived)


@pytest.mark.parametrize("verb", ["read", "unread", "archive", "unarchive"])
def test_item_of_another_is_answered_as_one_that_is_not_there(client: CallerClient, now: datetime, verb: str) -> None:
    item = put(uuid7(), now)
    answers = [client.post(f"{INBOX}/{each}/{verb}") for each in (item, uuid7())]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "not_found")] * 2
    assert InboxItem.objects.get(pk=item).seq == 1


@pytest.mark.parametrize("verb", ["read", "archive"])
def test_change_takes_the_same_few_statements(
    client: CallerClient, now: datetime, verb: str, django_assert_num_queries: Any
) -> None:
    item = put(client.caller, now)
    with django_assert_num_queries(6):  # of them two are the transaction's
        client.post(f"{INBOX}/{item}/{verb}")


def test_everything_is_read_at_once(client: CallerClient, now: datetime) -> None:
    for _ in range(3):
        put(client.caller, now)
    put(stranger := uuid7(), now)
    assert client.post(f"{INBOX}/read-all").json() == {"read": 3}
    assert client.post(f"{INBOX}/read-all").json() == {"read": 0}
    assert (inbox.state(client.caller).unread, inbox.state(stranger).unread) == (0, 1)


def test_stream_is_somewhere_else_and_the_answer_says_where(client: CallerClient, settings: Any) -> None:
    answer = client.get(f"{INBOX}/stream")
    assert (answer.status_code, answer.json()["code"], "stream_url" in answer.json()) == (404, "not_found", False)
    settings.STREAM_URL = "https://live.example.com"
    answer = client.get(f"{INBOX}/stream")
    assert (answer.status_code, answer.json()["stream_url"]) == (404, "https://live.example.com/api/v1/inbox/stream")


@pytest.mark.parametrize("path", ["", "/unread-count", "/stream"])
def test_stranger_sees_nothing(path: str) -> None:
    stranger = CallerClient()
    stranger.force_authenticate(None)
    assert stranger.get(INBOX + path).status_code == 401
