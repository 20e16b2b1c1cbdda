"""What every request passes through."""

import io
import json
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from rest_framework.test import APIClient

from kit.conf import SECURITY_HEADERS


@pytest.mark.parametrize("path", ["/where", "/nowhere", "/refuse/mistake", "/members"])
def test_every_answer_has_the_security_headers(client: APIClient, path: str) -> None:
    answer = client.get(path)
    assert {name: answer[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


def test_a_view_may_say_how_long_its_answer_keeps(client: APIClient) -> None:
    assert client.get("/kept")["Cache-Control"] == "max-age=60"


def test_a_request_id_of_the_caller_is_kept(client: APIClient) -> None:
    answer = client.get("/where", headers={"X-Request-ID": "job-7_a.b"})
    assert answer["X-Request-ID"] == answer.json()["request_id"] == "job-7_a.b"


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "ä", "a\nb", "a;b"])
def test_another_request_id_is_replaced(client: APIClient, given: str) -> None:
    made = client.get("/where", headers={"X-Request-ID": given})["X-Request-ID"]
    assert made != given
    assert len(made) == 36


@pytest.mark.parametrize(
    ("path", "size", "status"), [("/echo", 256, 200), ("/echo", 257, 413), ("/large", 257, 200), ("/large/", 1025, 413)]
)
def test_a_body_is_limited_by_path(client: APIClient, path: str, size: int, status: int) -> None:
    body = '{"a": "' + "x" * (size * 1024 - 9) + '"}'
    answer = client.generic("POST", path, body, content_type="application/json")
    assert answer.status_code == status


def send_chunked(body: bytes) -> tuple[str, bytes]:
    """Send a body of undeclared length as a server hands it to WSGI."""
    seen: list[str] = []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/echo",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/json",
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
    }
    handler: Any = WSGIHandler()
    answer = handler(environ, lambda status, headers, *rest: seen.append(status))
    return seen[0], b"".join(answer)


@pytest.mark.django_db
def test_a_chunked_body_is_read() -> None:
    status, answer = send_chunked(b'{"a": 1}')
    assert status == "200 OK"
    assert json.loads(answer) == {"data": {"a": 1}}


@pytest.mark.django_db
def test_a_chunked_body_is_limited_while_it_is_read() -> None:
    assert send_chunked(b"x" * 300_000)[0].startswith("413")


def test_a_length_that_is_no_number_is_refused(client: APIClient) -> None:
    answer = client.generic("POST", "/echo", "{}", content_type="application/json", CONTENT_LENGTH="2x")
    assert answer.status_code == 400


def test_a_trailing_slash_makes_no_difference(client: APIClient) -> None:
    assert client.post("/echo/", {"a": 1}).json() == {"data": {"a": 1}}


def test_two_trailing_slashes_lead_nowhere(client: APIClient) -> None:
    assert client.post("/echo//", {"a": 1}).status_code == 404


def test_a_request_is_one_line_in_the_log(client: APIClient, capsys: pytest.CaptureFixture[str]) -> None:
    client.get("/where?token=abc", headers={"X-Request-ID": "r1", "Authorization": "Bearer abc"})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in lines] == ["request"]
    assert lines[0].items() >= {"method": "GET", "route": "/where", "status": 200, "request_id": "r1"}.items()
    assert "abc" not in json.dumps(lines)


def test_a_query_with_a_nul_is_refused_before_it_meets_the_database(client: APIClient) -> None:
    answer = client.get("/where?name=a%00b")
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
