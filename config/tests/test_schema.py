"""What the published schema owes a client developer, for every call."""

from collections.abc import Iterator
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from config.environment import BASE_DIR
from kit.problems import CONTENT_TYPE

pytestmark = pytest.mark.any_database

SCHEMA: dict[str, Any] = yaml.safe_load((BASE_DIR / "docs" / "openapi.yaml").read_text(encoding="utf-8"))
CALLS = {
    f"{method.upper()} {path}": operation
    for path, item in SCHEMA["paths"].items()
    for method, operation in item.items()
}
LINKS = {
    ("auth_login", "auth_refresh"),
    ("auth_login", "auth_logout"),
    ("auth_sessions", "auth_session_end"),
    ("notify_email", "notify_message"),
}
ALL = pytest.mark.parametrize("operation", CALLS.values(), ids=CALLS.keys())


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """Return what a reference points to, or the part itself."""
    found: Any = part
    for name in part.get("$ref", "#").split("/")[1:]:
        found = (SCHEMA if found is part else found)[name]
    return found  # type: ignore[no-any-return]


def contents(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the content of the body and of each answer, failures among them."""
    for holder in (operation.get("requestBody", {}), *map(resolved, operation["responses"].values())):
        yield from holder.get("content", {}).values()


@ALL
def test_a_call_says_what_it_does_and_how_it_ends_well(operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"].rstrip().endswith((".", "`"))
    assert [status for status in operation["responses"] if status.startswith("2")]


@ALL
def test_each_body_and_answer_has_an_example_that_is_good(operation: dict[str, Any]) -> None:
    for content in contents(operation):
        validator = jsonschema.Draft202012Validator({**content["schema"], "components": SCHEMA["components"]})
        assert content["examples"]
        for example in content["examples"].values():
            assert list(validator.iter_errors(example["value"])) == []


@ALL
def test_a_call_names_each_code_that_it_may_answer(operation: dict[str, Any]) -> None:
    named = {
        code
        for status, answer in operation["responses"].items()
        if CONTENT_TYPE in resolved(answer).get("content", {})
        for code in resolved(answer)["content"][CONTENT_TYPE]["schema"]["properties"]["code"]["enum"]
    }
    assert {"parse_error", "error"} <= named
    assert ("validation_error" in named) or "requestBody" not in operation
    assert {"payload_too_large", "unsupported_media_type"} <= named or "requestBody" not in operation
    assert {"not_authenticated", "invalid_token"} <= named or not operation.get("security")
    assert ("permission_denied" in named) or "x-permission" not in operation
    assert ("not_found" in named) or not any(one["in"] == "path" for one in operation.get("parameters", []))


@ALL
def test_each_answer_declares_its_headers(operation: dict[str, Any]) -> None:
    for status, answer in operation["responses"].items():
        headers = set(resolved(answer)["headers"])
        assert "X-Request-ID" in headers
        assert ("Retry-After" in headers) == (status == "429" or (status == "503" and "$ref" in answer))
        assert ("WWW-Authenticate" in headers) == (status == "401")


@ALL
def test_a_parameter_says_what_it_is(operation: dict[str, Any]) -> None:
    parameters = operation.get("parameters", [])
    assert [one["name"] for one in parameters if not one.get("description")] == []


def test_an_answer_leads_to_the_calls_that_follow_it() -> None:
    named = {operation["operationId"]: operation for operation in CALLS.values()}
    links = {
        (name, target)
        for name, operation in named.items()
        for answer in operation["responses"].values()
        for target in answer.get("links", {})
    }
    assert links >= LINKS
    assert {target for _, target in links} <= set(named)


def test_a_newcomer_is_told_how_to_sign_in_and_what_failures_look_like() -> None:
    introduction = SCHEMA["info"]["description"]
    for word in ("auth/login", "auth/refresh", "Idempotency-Key", "problem+json", "Retry-After", "256 KiB"):
        assert word in introduction
    assert SCHEMA["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert SCHEMA["openapi"].startswith("3.1")
