"""One JSON document has one meaning, or it is refused."""

import time
from typing import Any

import pytest
from rest_framework.test import APIClient


def send(client: APIClient, body: Any, content_type: str = "application/json") -> Any:
    return client.generic("POST", "/echo", body, content_type=content_type)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{} {}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1e400}',
        b'{"a": 1e19}',
        b'{"a": -1e19}',
        b'{"a": 9223372036854775808}',
        b'{"a": ' + b"9" * 100_000 + b"}",
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 2}}',
        b'{"a": 01}',
        b"{'a': 1}",
        b'{"a": "\x00"}',
        b'{"a": "\xff"}',
        b"\xef\xbb\xbf{}",
        '{"a": 1}'.encode("utf-16"),
        b"[" * 100_000,
        b'{"a":' * 10_000,
        b'{"a":' * 40 + b"1" + b"}" * 40,
    ],
)
def test_what_is_not_strict_json_is_a_parse_error(client: APIClient, body: bytes) -> None:
    started = time.perf_counter()
    answer = send(client, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize("body", ["[]", '[{"a": 1}]', '"text"', "1", "null", "true"])
def test_a_top_level_that_is_no_object_is_a_validation_error(client: APIClient, body: str) -> None:
    answer = send(client, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")


@pytest.mark.parametrize("text", [r"\u0000", r"x\u0000y", r"\ud800", r"\udc00x"])
def test_text_that_cannot_be_stored_is_refused_at_its_path(client: APIClient, text: str) -> None:
    answer = send(client, '{"a": [{"b": "' + text + '"}]}')
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "a.0.b"


def test_a_key_that_cannot_be_stored_is_refused(client: APIClient) -> None:
    assert send(client, r'{"\u0000": 1}').status_code == 400


def test_a_surrogate_pair_is_one_character(client: APIClient) -> None:
    assert send(client, r'{"a": "\ud83d\ude00"}').json()["data"] == {"a": "😀"}


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/problem+json",
        "application/json; charset=utf-16",
        "application/json;charset=utf-7",
        "application/jsonx",
        "*/*",
    ],
)
def test_another_media_type_is_refused_with_415(client: APIClient, content_type: str) -> None:
    answer = send(client, b'{"a": 1}', content_type)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; charset=UTF-8", 'application/json; charset="utf-8"']
)
def test_json_in_utf_8_is_read(client: APIClient, content_type: str) -> None:
    body = '{"a": ["ü", 1.5, -9223372036854775808, true, null]}'
    assert send(client, body, content_type).json()["data"] == {"a": ["ü", 1.5, -(2**63), True, None]}


def test_no_body_is_an_empty_object(client: APIClient) -> None:
    assert client.generic("POST", "/echo").json()["data"] == {}


def test_accept_is_ignored(client: APIClient) -> None:
    answer = client.post("/echo", {"a": 1}, headers={"Accept": "text/html"})
    assert answer["Content-Type"] == "application/json"
