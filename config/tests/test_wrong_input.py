"""Wrong input on every call of the main path: a problem document that names the field, and nothing changed."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from accounts.testing import SignedIn, make_person, sign_in
from config.tests.calls import ALSO, CALLS, Call
from kit.clock import utcnow
from kit.origin import NOWHERE
from roles import grants
from roles.testing import allow

LONG = "x" * 100_000
TWO_MEBIBYTES = 2 * 1024 * 1024
# What a refusal may write: its count and its entry in the log. Everything else must be as it was.
MAY_GROW = {"limits", "audit"}
MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}


ALL = [pytest.param(call, id=str(call)) for call in CALLS]
REQUIRED = [pytest.param(call, name, id=f"{call} {name}") for call in CALLS for name in call.required]
FIELDS = [
    pytest.param(call, name, id=f"{call} {name}")
    for call in CALLS
    for name in dict.fromkeys((*call.body, *call.optional))
]

ADDRESSES = ["/api/v1/nothing", "/nothing", "/api", "/api/v1/auth/", "/%00", "/api/v1/" + "a" * 3000]
PAGES = ["page=x", "page=0", "page=-1", "page_size=%00", "page=99999999999999999999", "page=%00"]
NOT_OBJECTS = (
    b'{"email": ',
    b"[]",
    b'"text"',
    b"17",
    b"null",
    b"\xff\xfe",
    b'{"a": NaN}',
    b"[" * 50_000,
    b"\x00",
    b"{}x",
)
IDS = ["x", "0", "%00", "a" * 5000, "00000000-0000-7000-8000-000000000000", "..%2f.."]

Send = Callable[..., Any]


@pytest.fixture
def caller(db: None) -> SignedIn:
    """Somebody who may do everything that these calls ask for."""
    return sign_in(notifier())


def notifier() -> Any:
    """Return a person who may send messages, invite people, make roles and encrypt."""
    person = make_person("caller@example.org")
    for role in ("notifier", "user-manager", "encryptor"):
        grants.give(holder=person, role=role, actor=None, now=utcnow(), origin=NOWHERE)
    declared = ("change_template", "add_suppression")
    allow(person, "accounts.impersonate_user", "roles.*", *(f"notifications.{name}" for name in declared))
    return person


@pytest.fixture
def send(request: pytest.FixtureRequest, db: None) -> Send:
    """Send a raw body as a call does; a server error is an answer here, not an exception."""
    client = Client(raise_request_exception=False)
    call: Call | None = request.node.callspec.params.get("call")
    # Signing in costs two hashes: only where the call asks for it.
    signed_in = request.getfixturevalue("caller").headers if call is None or call.signed_in else {}

    def call_with(call: Call, content: bytes, content_type: str = "application/json") -> Any:
        headers = signed_in if call.signed_in else {}
        path = f"/api/v1{call.path}"
        return client.generic(call.method, path, content, content_type=content_type, headers=headers)

    return call_with


def everything() -> dict[str, list[str]]:
    """Return all rows of all tables but those that a refusal may write to."""
    tables = {model._meta.db_table for model in apps.get_models() if model._meta.app_label not in MAY_GROW}
    return {table: rows_of(table) for table in tables}


def rows_of(table: str) -> list[str]:
    """Return the rows of a table in one order, without models: that is done thousands of times."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - a table of ours
        return sorted(map(repr, cursor.fetchall()))


def assert_refused(answer: Any, *, field_name: str = "") -> None:
    """Check that an answer is a problem document of a 4xx and, where one is given, names the field."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.content[:500])
    assert answer["Content-Type"].startswith("application/problem+json")
    problem = json.loads(answer.content)
    assert set(problem) >= MEMBERS
    assert problem["status"] == answer.status_code
    assert problem["request_id"] == answer["X-Request-ID"]
    assert ("errors" in problem) == (problem["code"] == "validation_error")
    for error in problem.get("errors", []):
        assert set(error) == {"field", "code", "detail"}
    if field_name and problem["code"] == "validation_error":
        assert field_name in {error["field"].split(".")[0] for error in problem["errors"]}, problem


def encoded(body: Any) -> bytes:
    """Return a body as JSON."""
    return json.dumps(body).encode()


@pytest.mark.parametrize(("call", "name"), REQUIRED)
def test_missing_field_is_refused_by_its_name(call: Call, name: str, send: Send) -> None:
    before = everything()
    body = {key: value for key, value in call.body.items() if key != name}
    assert_refused(send(call, encoded(body)), field_name=name)
    assert everything() == before


@pytest.mark.parametrize(("call", "name"), REQUIRED)
def test_null_field_is_refused_by_its_name(call: Call, name: str, send: Send) -> None:
    before = everything()
    assert_refused(send(call, encoded(call.body | {name: None})), field_name=name)
    assert everything() == before


@pytest.mark.parametrize(("call", "name"), FIELDS)
def test_field_of_a_wrong_type_is_refused_by_its_name(call: Call, name: str, send: Send) -> None:
    before = everything()
    kind = type((call.optional | call.body)[name])
    wrong: tuple[Any, ...] = ({"a": 1}, [[]], True, *(() if kind is int else (17,)))
    for value in wrong:
        assert_refused(send(call, encoded(call.body | {name: value})), field_name=name)
    assert everything() == before


@pytest.mark.parametrize(("call", "name"), FIELDS)
def test_text_that_cannot_be_kept_is_refused_by_its_name(call: Call, name: str, send: Send) -> None:
    # A mail may be longer than any other text.
    long = LONG * 30 if call.path == "/notify/email" and name in ("text", "html") else LONG
    before = everything()
    for value in (long, "a\x00b", "\ud800"):
        assert_refused(send(call, encoded(call.body | {name: value})), field_name=name)
    assert everything() == before


@pytest.mark.parametrize("call", ALL)
def test_body_that_is_not_a_json_object_is_refused(call: Call, send: Send) -> None:
    before = everything()
    for content in NOT_OBJECTS:
        assert_refused(send(call, content))
    assert everything() == before


@pytest.mark.parametrize("call", ALL)
def test_body_of_another_type_is_refused(call: Call, send: Send) -> None:
    before = everything()
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/xml", "x"):
        answer = send(call, encoded(call.body), content_type)
        assert_refused(answer)
        assert answer.status_code == 415
    assert everything() == before


@pytest.mark.parametrize("call", ALL)
def test_body_of_two_mebibytes_is_refused(call: Call, send: Send) -> None:
    before = everything()
    name = next(iter((*call.required[-1:], *call.optional)))
    answer = send(call, encoded(call.body | {name: "x" * TWO_MEBIBYTES}))
    assert_refused(answer)
    # A mail's body may be that large; its fields may not.
    assert answer.status_code == (400 if call.path in ("/notify/email", "/notify/batch") else 413)
    assert everything() == before


@pytest.mark.parametrize("call", ALL)
def test_other_methods_are_refused(call: Call, send: Send) -> None:
    allowed = {call.method, "OPTIONS", "HEAD"} | ALSO.get(call.path, set())
    before = everything()
    for method in {"GET", "PUT", "PATCH", "DELETE", "POST"} - allowed:
        answer = send(Call(method, call.path, {}, (), signed_in=call.signed_in), b"{}")
        assert_refused(answer)
        assert answer.status_code == 405
    assert everything() == before


@pytest.mark.parametrize("method", ["DELETE", "GET"])
@pytest.mark.parametrize(
    "path",
    ["/auth/sessions/{}", "/auth/addresses/{}", "/auth/mfa/{}", "/invitations/{}", "/notify/messages/{}", "/users/{}"],
)
def test_unknown_id_is_refused(method: str, path: str, send: Send) -> None:
    before = everything()
    for identity in IDS:
        answer = send(Call(method, path.format(identity), {}, (), signed_in=True), b"")
        assert_refused(answer)
        assert answer.status_code in (404, 405)
    assert everything() == before


@pytest.mark.parametrize("call", [pytest.param(call, id=str(call)) for call in CALLS if call.signed_in])
def test_stranger_is_refused(call: Call, send: Send) -> None:
    before = everything()
    answer = send(Call(call.method, call.path, {}, ()), encoded(call.body))
    assert_refused(answer)
    assert answer.status_code == 401
    assert everything() == before


@pytest.mark.parametrize("path", ADDRESSES)
def test_unknown_address_is_a_problem_too(path: str) -> None:
    answer = Client(raise_request_exception=False).get(path)
    assert_refused(answer)
    assert answer.status_code == 404


def test_page_that_is_none_is_refused_or_answered(caller: SignedIn) -> None:
    client = Client(raise_request_exception=False)
    for query in PAGES:
        answer = client.get(f"/api/v1/auth/sessions?{query}", headers=caller.headers)
        if answer.status_code != 200:
            assert_refused(answer)
