"""What the published schema says of how every call fails is what it does: each code that all calls share is provoked.

The codes of one call alone (`conflict`, `account_locked`) are tried where that call is tested.
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import jsonschema  # type: ignore[import-untyped]
import pytest
from django.db import DatabaseError, OperationalError, connection
from django.test import Client

from accounts.testing import act_for, make_person, sign_in
from config.tests.test_authorisation_matrix import HARMLESS
from config.tests.test_schema import CALLS, SCHEMA, resolved
from kit.problems import CONTENT_TYPE
from vault.testing import forget_keys

pytestmark = pytest.mark.any_database

NOBODY = UUID(int=0)
HEADERS = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}
# Nothing is asked of the database: these answer without it, or are about it.
ASK_NOTHING = {"GET /", "GET /health", "GET /health/live", "GET /health/ready"}
FORGED = {"Authorization": "Bearer x.y.z"}
SIGNED_IN = [name for name, operation in CALLS.items() if {} not in operation.get("security", [{}])]
Failing = Callable[[type[Exception]], Any]


def codes_of(name: str) -> set[str]:
    """Return the codes that a call names in the schema."""
    answers = map(resolved, CALLS[name]["responses"].values())
    contents = [answer["content"][CONTENT_TYPE] for answer in answers if CONTENT_TYPE in answer.get("content", {})]
    return {code for content in contents for code in content["schema"]["properties"]["code"]["enum"]}


def naming(*codes: str) -> list[str]:
    """Return the calls that name all of these codes."""
    return [name for name in CALLS if codes_of(name) >= {*codes}]


def body_of(name: str) -> bytes:
    """Return the body of a call's first example, nothing for a call that takes none."""
    for content in CALLS[name].get("requestBody", {}).get("content", {}).values():
        return json.dumps(next(iter(content["examples"].values()))["value"]).encode()
    return b""


def call(name: str, headers: dict[str, str] | None = None, body: bytes | None = None, **more: Any) -> Any:
    """Make a call of the schema, by default with the body of its example; ids in its path are nobody's."""
    method, path = name.split(" ")
    for parameter in CALLS[name].get("parameters", []):
        value = 1 if parameter["schema"].get("type") == "integer" else NOBODY
        path = path.replace(f"{{{parameter['name']}}}", str(value))
    content = body_of(name) if body is None else body
    options = {"content_type": "application/json", "headers": headers or {}, **more}
    return Client(raise_request_exception=False).generic(method, path, content, **options)


def assert_named(name: str, answer: Any, code: str) -> None:
    """Check that an answer is this problem, and that the schema of its call says what it looks like."""
    problem = json.loads(answer.content)
    assert problem.get("code") == code, (answer.status_code, problem)
    described = resolved(CALLS[name]["responses"][str(answer.status_code)])
    shape = {**described["content"][answer["Content-Type"]]["schema"], "components": SCHEMA["components"]}
    assert [error.message for error in jsonschema.Draft202012Validator(shape).iter_errors(problem)] == []
    assert {header for header in described["headers"] if header not in answer} == set()
    assert HEADERS.get(answer.status_code, "X-Request-ID") in described["headers"]


@pytest.fixture
def headers(db: None) -> dict[str, str]:
    """The credentials of somebody who may do everything."""
    return sign_in(make_person("all@example.org", is_superuser=True)).headers


@pytest.fixture
def failing_database(db: None) -> Failing:
    """A way to let every statement fail, as it does where the server is away or the tables are not what they were."""

    def fail(error: type[Exception]) -> Any:
        def refuse(*_: Any) -> Any:
            raise error

        forget_keys()
        return connection.execute_wrapper(refuse)

    return fail


@pytest.mark.parametrize("name", CALLS)
def test_a_foreign_host_is_a_parse_error(name: str, db: None) -> None:
    assert_named(name, call(name, HTTP_HOST="elsewhere.example"), "parse_error")


@pytest.mark.parametrize("name", CALLS)
def test_a_body_beyond_the_limit_is_too_large(name: str, db: None) -> None:
    # A client that asks before it sends: only the length is there.
    answer = call(name, CONTENT_LENGTH=str(64 * 1024**2), HTTP_EXPECT="100-continue")
    assert_named(name, answer, "payload_too_large")


@pytest.mark.parametrize("name", SIGNED_IN)
def test_a_call_without_credentials_is_refused(name: str, db: None) -> None:
    assert_named(name, call(name), "not_authenticated")


@pytest.mark.parametrize("name", SIGNED_IN)
def test_a_token_that_does_not_hold_is_refused(name: str, db: None) -> None:
    assert_named(name, call(name, FORGED), "invalid_token")


@pytest.mark.parametrize("name", [name for name in CALLS if "x-permission" in CALLS[name]])
def test_a_caller_without_the_permission_is_refused(name: str, db: None) -> None:
    answer = call(name, sign_in(make_person("none@example.org")).headers)
    # Where there is an id, what is not there and what she may not see look alike.
    assert_named(name, answer, "not_found" if answer.status_code == 404 and "{" in name else "permission_denied")


@pytest.mark.parametrize("name", sorted({name for name in SIGNED_IN if name[:4] != "GET "} - HARMLESS))
def test_whoever_acts_for_another_person_is_refused_what_is_no_question(name: str, db: None) -> None:
    staff = sign_in(make_person("staff@example.org", is_superuser=True))
    answer = call(name, act_for(make_person("all@example.org", is_superuser=True), staff=staff).headers)
    assert_named(name, answer, "permission_denied")


@pytest.mark.parametrize("name", [name for name in CALLS if "requestBody" in CALLS[name]])
def test_a_body_that_is_no_object_is_a_mistake(name: str, headers: dict[str, str]) -> None:
    assert_named(name, call(name, headers, b"[]"), "validation_error")


@pytest.mark.parametrize("name", [name for name in CALLS if "requestBody" in CALLS[name]])
def test_a_body_of_another_type_is_refused(name: str, headers: dict[str, str]) -> None:
    assert_named(name, call(name, headers, content_type="text/plain"), "unsupported_media_type")


@pytest.mark.parametrize("name", [name for name in CALLS if "{" in name])
def test_an_id_that_nothing_has_is_not_found(name: str, headers: dict[str, str]) -> None:
    assert_named(name, call(name, headers), "not_found")


@pytest.mark.parametrize("name", naming("throttled"))
def test_a_flood_from_one_address_is_throttled(name: str, db: None, settings: Any) -> None:
    settings.RATE_LIMIT_SCALE = 0  # one call is the least that a limit can be
    headers = FORGED if name in SIGNED_IN else {}  # who is signed in is not limited, who pretends to be is
    call(name, headers, REMOTE_ADDR="203.0.113.9")
    assert_named(name, call(name, headers, REMOTE_ADDR="203.0.113.9"), "throttled")


@pytest.mark.parametrize("name", sorted(CALLS.keys() - ASK_NOTHING))
def test_a_database_that_is_away_is_told_as_busy(name: str, headers: dict[str, str], failing_database: Failing) -> None:
    with failing_database(OperationalError):
        answer = call(name, headers)
    assert_named(name, answer, "unavailable")


@pytest.mark.parametrize("name", sorted(CALLS.keys() - ASK_NOTHING))
def test_a_mistake_of_ours_says_nothing_of_its_cause(
    name: str, headers: dict[str, str], failing_database: Failing
) -> None:
    with failing_database(DatabaseError):
        answer = call(name, headers)
    assert_named(name, answer, "error")
