"""Serializer fields take a JSON type for what it is."""

from typing import Any

import pytest
from rest_framework.test import APIClient


@pytest.mark.parametrize(
    "body",
    [
        {"note": 5},
        {"note": None},
        {"note": []},
        {"note": "a\x1bb"},
        {"lines": [{"name": "a\n"}]},
        {"lines": [{"name": "a\nb"}]},
        {"secret": 5},
        {"flag": "true"},
        {"flag": 1},
        {"count": "5"},
        {"count": 5.0},
        {"count": True},
        {"at": 5},
        {"at": "2026-11-21"},
        {"at": "2026-11-21T10:00:00"},
        {"at": "0000-00-00T00:00:00Z"},
        {"at": "9999-12-31T23:59:60Z"},
        {"at": "9999-12-31T23:59:59-23:00"},
        {"at": "2026-11-21T10:00:00+99:99"},
        {"id": 17},
        {"id": "17"},
        {"key": 1234},
        {"key": ""},
        {"key": "a+b/"},
        {"key": "YWI="},
        {"key": "ab\n"},
        {"key": "YWJjZGV"},
    ],
)
def test_a_wrong_type_or_value_is_told_at_its_field(client: APIClient, body: dict[str, Any]) -> None:
    answer = client.post("/orders", body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].partition(".")[0] == next(iter(body))


def test_a_moment_is_shown_in_utc(client: APIClient) -> None:
    assert client.post("/orders", {"at": "2026-11-21T10:00:00+01:00"}).json()["at"] == "2026-11-21T09:00:00Z"


def test_a_secret_is_taken_exactly_as_sent(client: APIClient) -> None:
    assert client.post("/orders", {"secret": "  a b  "}).json()["secret"] == "  a b  "


def test_text_of_several_lines_keeps_its_line_ends(client: APIClient) -> None:
    assert client.post("/orders", {"note": "a\n\tb"}).json()["note"] == "a\n\tb"


def test_bytes_are_taken_as_their_text_up_to_their_number(client: APIClient) -> None:
    assert client.post("/orders", {"key": "YWJj-_"}).json()["key"] == "YWJj-_"


def test_the_length_of_a_text_is_judged_before_its_characters(client: APIClient) -> None:
    answer = client.post("/orders", {"lines": [{"name": "\x1b" * 11}, {"name": "a\x1b"}, {"name": " a" + " " * 20}]})
    assert [error["code"] for error in answer.json()["errors"]] == ["max_length", "control"]


def test_the_length_of_a_list_is_judged_before_anything_in_it(client: APIClient) -> None:
    assert client.post("/orders", {"tags": ["a", "b", "c"]}).json()["tags"] == ["a", "b", "c"]
    answer = client.post("/orders", {"tags": [5, 5, 5, 5]})
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("tags", "max_length")]
