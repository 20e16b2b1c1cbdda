"""Cursors of lists that grow: every row once, both ways, at a price that does not grow; and good for one question."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.testing import client_of, make_person, sign_in

pytestmark = pytest.mark.django_db

USERS = "/api/v1/users"


@pytest.fixture
def root() -> APIClient:
    client = client_of(sign_in(make_person("root@example.com", is_superuser=True, last_name="B")))
    for number in range(6):
        make_person(f"p{number}@example.com", last_name="AB"[number % 2])
    return client


def walk(client: APIClient, url: str, way: str = "next") -> Iterator[dict[str, Any]]:
    while url:
        page = client.get(url).json()
        yield page
        url = page[way]


@pytest.mark.parametrize("ordering", ["created_at", "-created_at", "email", "-email", "last_name", "-last_name"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_every_person_is_shown_once_and_in_order(root: APIClient, ordering: str, size: int) -> None:
    pages = list(walk(root, f"{USERS}?ordering={ordering}&page_size={size}"))
    people = [person for page in pages for person in page["results"]]
    column = ordering.removeprefix("-")
    assert len({person["id"] for person in people}) == len(people) == 7
    assert [p[column] for p in people] == sorted((p[column] for p in people), reverse=ordering.startswith("-"))
    assert pages[0]["previous"] is None


@pytest.mark.parametrize("ordering", ["-created_at", "email", "-last_name"])
def test_a_search_is_walked_like_any_list(root: APIClient, ordering: str) -> None:
    pages = list(walk(root, f"{USERS}?search=p&ordering={ordering}&page_size=4"))
    people = [person for page in pages for person in page["results"]]
    column = ordering.removeprefix("-")
    assert [p[column] for p in people] == sorted((p[column] for p in people), reverse=ordering.startswith("-"))
    assert len({person["id"] for person in people}) == len(people) == 6
    assert root.get(pages[1]["previous"]).json()["results"] == pages[0]["results"]


def test_the_way_back_shows_the_same_pages(root: APIClient) -> None:
    forth = list(walk(root, f"{USERS}?page_size=3"))
    back = list(walk(root, forth[1]["next"], way="previous"))
    assert [page["results"] for page in reversed(back)] == [page["results"] for page in forth]
    assert back[-1]["previous"] is None


def test_no_page_skips_rows_or_counts_them(root: APIClient) -> None:
    second = root.get(f"{USERS}?page_size=2").json()["next"]
    with CaptureQueriesContext(connection) as queries:
        root.get(second)
    text = " ".join(query["sql"].upper() for query in queries)
    assert "OFFSET" not in text
    assert "COUNT(" not in text


def test_a_cursor_shows_nothing_of_the_row_it_stands_at(root: APIClient) -> None:
    following = root.get(f"{USERS}?page_size=1&ordering=email").json()["next"]
    assert "p0" not in following


@pytest.mark.parametrize("change", ["ordering=email", "is_staff=false", "search=p", "state=active"])
def test_a_cursor_of_another_question_is_refused(root: APIClient, change: str) -> None:
    following = root.get(f"{USERS}?page_size=2").json()["next"]
    answer = root.get(f"{following}&{change}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "cursor")


def test_a_cursor_that_was_edited_is_refused(root: APIClient) -> None:
    following = root.get(f"{USERS}?page_size=2").json()["next"]
    head, _, cursor = following.partition("cursor=")
    for at in range(len(cursor.partition("&")[0])):
        edited = cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :]
        assert root.get(f"{head}cursor={edited}").status_code == 400
    assert root.get(f"{head}cursor={'A' * 3000}").status_code == 400


def test_a_cursor_of_another_caller_is_refused(root: APIClient) -> None:
    following = root.get(f"{USERS}?page_size=2").json()["next"]
    other = client_of(sign_in(make_person(is_superuser=True)))
    assert other.get(following).status_code == 400


def test_another_page_size_goes_on_from_the_same_place(root: APIClient) -> None:
    first = root.get(f"{USERS}?page_size=2").json()
    rest = root.get(first["next"].replace("page_size=2", "page_size=100")).json()["results"]
    assert len(rest) == 5


def test_a_page_before_rows_that_are_gone_is_empty(root: APIClient) -> None:
    from accounts.models import User

    first = root.get(f"{USERS}?page_size=2&ordering=email").json()
    User.objects.exclude(email="root@example.com").filter(email__gt=first["results"][-1]["email"]).delete()
    second = root.get(first["next"]).json()
    back = root.get(second["previous"]).json()
    assert [person["email"] for person in second["results"]] == ["root@example.com"]
    assert back["results"] == first["results"]
