"""Values for those formats of the published schema that name a rule and not a shape, for Schemathesis.

Which telephone numbers exist, which permissions are declared, which passwords are good enough: no schema can say it.
"""

import datetime as dt
import itertools
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import requests
import schemathesis
from hypothesis import strategies as st

MADE_UP_NAME = re.compile(r"x[a-z0-9]{2,20}")
LONGEST = 64  # what every name and password may be
AUTH = f"{os.environ['FUZZ_URL']}/api/v1/auth"
PASSWORDS = {
    one["name"]: json.loads(one["loginEndpointAuth"]["payloadRaw"])
    for one in json.loads(Path(os.environ["FUZZ_IDENTITIES"]).read_text())["auth"]
    if "loginEndpointAuth" in one
}
KEPT = frozenset(os.environ["FUZZ_KEPT"].split(","))
OWN_END = "DELETE /api/v1/auth/account"
SOON = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(days=1)

_words = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=2, max_size=20)

schemathesis.openapi.format("email", st.builds("{}@{}.example.org".format, _words, _words))
schemathesis.openapi.format("user-name", st.builds("x{}".format, _words))
schemathesis.openapi.format("new-password", st.builds("Brisk-{}-Otter-{}-7!".format, _words, _words))
schemathesis.openapi.format("e164", st.sampled_from(["+4915112345678", "+442071838750", "+12125552368"]))
schemathesis.openapi.format("iana-time-zone", st.sampled_from(["UTC", "Europe/Vienna", "America/New_York"]))
schemathesis.openapi.format("role-name", st.sampled_from(["auditor", "notifier"]))
schemathesis.openapi.format("group-name", st.sampled_from(["newsroom", "sales"]))
schemathesis.openapi.format("new-role-name", st.builds("x{}".format, _words))
schemathesis.openapi.format("new-permission", st.builds("x{}.{}".format, _words, st.sampled_from(["read", "write"])))
schemathesis.openapi.format("link-url", st.sampled_from(["", "https://app.example.com/reset"]))
schemathesis.openapi.format(
    "permission", st.sampled_from(["notifications.send_message", "accounts.view_user", "audit.view_entry"])
)
schemathesis.openapi.format(
    "date-time", st.integers(0, 10**8).map(lambda seconds: (SOON + dt.timedelta(seconds=seconds)).isoformat())
)

_numbers = itertools.count()
_http = requests.Session()
_tokens: dict[str, str] = {}
_doubtful: set[str] = set()  # whose token an earlier case may have ended


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:  # noqa: ARG001 - as Schemathesis calls it
    """Put in what really exists, where a call needs it: a session that lives, a person there is."""
    if case.auth_identity in PASSWORDS and case.headers.get("Authorization", "").startswith("Bearer "):
        case.headers["Authorization"] = f"Bearer {_live_token(case.auth_identity)}"
    if _names_a_caller(case.path_parameters):
        case.path_parameters["user_id"] = str(uuid4())  # who calls must stay, and be let in
    if case.operation.label == OWN_END and "Authorization" in case.headers:
        case.headers["Authorization"] = "Bearer nobody"
    fill = KNOWN.get(case.operation.label)
    if fill and isinstance(case.body, dict):
        case.body = fill(case.body)


def _names_a_caller(parameters: dict[str, Any] | None) -> bool:
    try:
        return str(UUID(str((parameters or {})["user_id"]))) in KEPT
    except (KeyError, ValueError):
        return False


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:  # noqa: ARG001 - as Schemathesis calls it
    """Take note of a case that may have ended the session it was made in."""
    if response.status_code in {204, 401}:
        _doubtful.update(PASSWORDS)


def _live_token(identity: str) -> str:
    """Return an access token of a live session: somebody's own one, or a new one when that has ended."""
    held = _tokens.get(identity)
    if held and identity in _doubtful:
        answer = _http.post(f"{AUTH}/verify", json={"token": held}, timeout=30).json()
        held = held if answer["active"] else None
    _doubtful.discard(identity)
    if held is None:
        held = _http.post(f"{AUTH}/login", json=PASSWORDS[identity], timeout=30).json()["access"]
    _tokens[identity] = held
    return held


def _with_somebody(body: dict[str, Any]) -> dict[str, Any]:
    """Ask about a person there is instead of a made-up id; an id that nobody has is a mistake."""
    try:
        UUID(body["user"])
    except (ValueError, TypeError, AttributeError, KeyError):
        return body
    return body | {"user": os.environ["FUZZ_PERSON"]}


def _with_new_name(body: dict[str, Any]) -> dict[str, Any]:
    """Choose a user name that nobody has, where a well-formed one was made up: an earlier case may have taken it."""
    if not MADE_UP_NAME.fullmatch(str(body.get("username"))):
        return body
    return body | {"username": f"x{os.getpid()}-{next(_numbers)}"}


def _is_usable(text: Any) -> bool:
    return isinstance(text, str) and 0 < len(text) <= LONGEST and text.isprintable()


def _with_credentials(body: dict[str, Any]) -> dict[str, Any]:
    """Let most well-formed sign-ins be good ones, so that the calls that follow a sign-in are tried too."""
    names = {"email", "username"} & set(body)
    texts = [body.get(name) for name in (*names, "password")]
    if len(names) != 1 or not all(_is_usable(text) for text in texts) or len(body["password"]) % 4 == 1:
        return body
    rest = {name: value for name, value in body.items() if name != "username"}
    return rest | {"email": os.environ["FUZZ_EMAIL"], "password": os.environ["FUZZ_PASSWORD"]}


KNOWN: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "POST /api/v1/auth/login": _with_credentials,
    "POST /api/v1/auth/register": _with_new_name,
    "PATCH /api/v1/auth/profile": _with_new_name,
    "POST /api/v1/auth/permissions/check": _with_somebody,
    "POST /api/v1/roles/assign": _with_somebody,
    "POST /api/v1/roles/explain": _with_somebody,
    "DELETE /api/v1/roles/revoke": _with_somebody,
    "POST /api/v1/groups/{group}/members": _with_somebody,
}
