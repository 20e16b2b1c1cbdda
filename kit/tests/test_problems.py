"""Every failure is an RFC 9457 problem document."""

from typing import Any

import pytest
from rest_framework.test import APIClient


def test_a_problem_has_the_members_of_the_contract(client: APIClient) -> None:
    answer = client.get("/nowhere")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is no such thing, or you may not see it.",
        "code": "not_found",
        "request_id": answer["X-Request-ID"],
    }


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/echo", 405, "method_not_allowed"),
        ("OPTIONS", "/echo", 405, "method_not_allowed"),
        ("GET", "/members", 401, "not_authenticated"),
        ("GET", "/undeclared", 401, "not_authenticated"),
        ("GET", "/refuse/busy", 503, "unavailable"),
        ("GET", "/refuse/mistake", 500, "error"),
        ("GET", "/refuse/throttled", 429, "throttled"),
    ],
)
def test_each_failure_has_its_status_and_code(
    client: APIClient, method: str, path: str, status: int, code: str
) -> None:
    answer = client.generic(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"


def test_a_foreign_host_is_refused(client: APIClient) -> None:
    answer = client.get("/where", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


def test_our_own_mistake_says_nothing_of_its_cause(client: APIClient) -> None:
    assert "secret" not in client.get("/refuse/mistake").content.decode()


def test_errors_are_told_at_dotted_paths(client: APIClient) -> None:
    answer = client.post("/orders", {"lines": [{"name": "fine"}, {"name": "x" * 11}, {}], "count": 11})
    places = [(error["field"], error["code"]) for error in answer.json()["errors"]]
    assert places == [("lines.1.name", "max_length"), ("lines.2.name", "required"), ("count", "max_value")]


def test_no_more_errors_are_told_than_anybody_reads(client: APIClient) -> None:
    assert len(client.post("/orders", {"lines": [{}] * 101}).json()["errors"]) == 100


def test_a_refusal_of_input_is_told_at_its_field(client: APIClient) -> None:
    answer = client.get("/refuse/invalid").json()
    assert answer["code"] == "validation_error"
    assert answer["errors"] == [{"field": "a.b", "code": "too_vague", "detail": "Say it better."}]


def test_a_refusal_adds_its_own_members_but_overwrites_none(client: APIClient) -> None:
    answer: dict[str, Any] = client.get("/refuse/conflict").json()
    assert (answer["status"], answer["challenge"], answer["detail"]) == (409, "abc", "Already so.")


def test_waiting_is_told_in_whole_seconds(client: APIClient) -> None:
    assert client.get("/refuse/throttled")["Retry-After"] == "3"


def test_a_401_says_how_to_authenticate(client: APIClient) -> None:
    assert client.get("/members")["WWW-Authenticate"].startswith("Bearer")


def test_a_405_says_what_is_allowed(client: APIClient) -> None:
    assert client.get("/echo")["Allow"] == "POST, OPTIONS"


def test_the_error_of_a_page_is_a_page(client: APIClient) -> None:
    answer = client.get("/pages/broken/")
    assert (answer.status_code, answer["Content-Type"]) == (500, "text/html; charset=utf-8")
