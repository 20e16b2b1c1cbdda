"""Problem documents in the published schema: for each status the codes that it may carry, what each means, an example.

Calls that fail alike share one response component, named after its status and codes.
"""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from kit.problems import CHALLENGE, CONTENT_TYPE, DETAIL_OF_CODE, STATUS_OF_CODE

REQUEST_ID = "X-Request-ID"
RETRY_AFTER = "Retry-After"
CHALLENGED = "WWW-Authenticate"
RATE_LIMITS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy")

# What a client makes of each code; the sentence stands in every answer that may carry it.
MEANINGS = {
    "validation_error": "A value breaks a rule. `errors` names each field and why; show it beside the field.",
    "parse_error": "The request is not what HTTP and JSON allow. A mistake in the client.",
    "not_authenticated": "No credential was sent. Sign in.",
    "invalid_token": "The token has ended or was never good. Refresh once; if that is refused too, sign in again.",
    "invalid_credentials": "Name and password do not fit an account that can be used. It is never said which is wrong.",
    "mfa_required": "The password was right and a second factor is due: `challenge`, `methods`, `expires_in` say how.",
    "mfa_enrolment_required": "The password was right, and a second factor must be enrolled first: `challenge`.",
    "reauthentication_required": "The sign-in is too long ago for this: prove again who you are, by one of `methods`. "
    "The proof is good for `max_age` seconds.",
    "permission_denied": "The caller lacks the permission. Asking again does not help.",
    "not_found": "There is no such thing, or the caller may not know of it; the two look alike.",
    "method_not_allowed": "The path exists, the method does not. `Allow` lists those that do.",
    "conflict": "This contradicts the present state, or another request at the same moment.",
    "payload_too_large": "The body is larger than this call takes.",
    "unsupported_media_type": "The body is not `application/json` in UTF-8.",
    "idempotency_mismatch": "The `Idempotency-Key` was used for another body within 24 hours. Choose a new key.",
    "throttled": "Too many calls from this network. Wait for `Retry-After` seconds.",
    "account_locked": "Too many tries at this account, known or not. Wait for `Retry-After` seconds.",
    "error": "Our mistake. Quote `request_id` to the operator.",
    "unavailable": "Busy. The same call may be made again after `Retry-After` seconds.",
}

DETAILS = DETAIL_OF_CODE | {
    "invalid_credentials": "The name or the password is not right.",
    "mfa_required": "A second factor is due.",
    "mfa_enrolment_required": "Set up a second factor first, with this challenge; then sign in again.",
    "conflict": "This contradicts the present state.",
    "idempotency_mismatch": "This Idempotency-Key was used for another request.",
    "account_locked": "Too many tries. Wait a little and try again.",
}

EXTRAS: dict[str, dict[str, Any]] = {
    "validation_error": {
        "errors": [{"field": "email", "code": "required", "detail": "This field is required."}],
    },
    "mfa_required": {
        "challenge": "Zk3l0vWc2yJ1n7mQ5tRr8xUuB4aD6eFgH9iJkLmNoPq",
        "methods": ["totp", "recovery"],
        "expires_in": 300,
    },
    "mfa_enrolment_required": {
        "challenge": "Zk3l0vWc2yJ1n7mQ5tRr8xUuB4aD6eFgH9iJkLmNoPq",
        "expires_in": 900,
    },
    "reauthentication_required": {"max_age": 600, "methods": ["password", "totp", "recovery"]},
}

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "A failure, by RFC 9457. Branch on `code`; `detail` is for people and may change.",
    "properties": {
        "type": {"type": "string", "description": "Always `about:blank`: `code` says more than a link would."},
        "title": {"type": "string", "description": "The words of the status."},
        "status": {"type": "integer", "description": "The status of the answer."},
        "detail": {"type": "string", "description": "What happened, as a sentence that a person can act on."},
        "code": {"type": "string", "description": "The word to branch on.", "enum": sorted(STATUS_OF_CODE)},
        "request_id": {"type": "string", "description": "The `X-Request-ID` of this answer, by which it is found."},
        "errors": {
            "type": "array",
            "description": "With `validation_error` alone: what is wrong where.",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "string", "description": "A dotted path; empty for the body as a whole."},
                    "code": {"type": "string", "description": "The machine word of the rule."},
                    "detail": {"type": "string", "description": "The rule as a sentence."},
                },
                "required": ["field", "code", "detail"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "code", "request_id"],
}

HEADERS: dict[str, dict[str, Any]] = {
    REQUEST_ID: {
        "description": "The id of this request in our logs: the caller's own, if it sent a good one, or a new one.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
        "example": "0193a5c8-7c1e-7b2a-9d4f-3e5a6b7c8d9e",
    },
    RETRY_AFTER: {
        "description": "Seconds to wait before the call is made again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
        "example": 30,
    },
    CHALLENGED: {
        "description": "How to authenticate (RFC 6750, section 3).",
        "required": True,
        "schema": {"type": "string"},
        "example": CHALLENGE,
    },
    "RateLimit-Limit": {
        "description": "How many calls fit the strictest limit that this one counted on (the headers' draft 06).",
        "schema": {"type": "integer", "minimum": 0},
        "example": 60,
    },
    "RateLimit-Remaining": {
        "description": "How many more of them fit.",
        "schema": {"type": "integer", "minimum": 0},
        "example": 58,
    },
    "RateLimit-Reset": {
        "description": "Seconds until the limit begins anew.",
        "schema": {"type": "integer", "minimum": 1},
        "example": 540,
    },
    "RateLimit-Policy": {
        "description": "All limits that this call counted on, each as `calls;w=seconds`.",
        "schema": {"type": "string"},
        "example": "60;w=600, 1200;w=60",
    },
}

_OWN_HEADERS = {"401": (CHALLENGED,), "429": (RETRY_AFTER, *RATE_LIMITS), "503": (RETRY_AFTER,)}


def by_status(codes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the codes grouped by the status that carries them, both in order."""
    found: dict[str, list[str]] = {}
    for code in sorted(codes, key=lambda code: (STATUS_OF_CODE[code], code)):
        found.setdefault(str(STATUS_OF_CODE[code]), []).append(code)
    return {status: tuple(group) for status, group in found.items()}


def name_of(status: str, codes: tuple[str, ...]) -> str:
    """Return the name of the component for a status with these codes."""
    return f"{status}_{'_or_'.join(codes)}"


def response(status: str, codes: tuple[str, ...]) -> dict[str, Any]:
    """Return the Response Object of a status that carries one of these codes."""
    names = [REQUEST_ID, *_OWN_HEADERS.get(status, ())]
    return {
        "description": "\n".join(f"- `{code}`: {MEANINGS[code]}" for code in codes),
        "headers": {name: header(name) for name in names},
        "content": {
            CONTENT_TYPE: {
                "schema": {
                    "allOf": [{"$ref": "#/components/schemas/Problem"}],
                    "properties": {"status": {"const": int(status)}, "code": {"enum": list(codes)}},
                },
                "examples": {code: {"value": _example(int(status), code)} for code in codes},
            }
        },
    }


def header(name: str) -> dict[str, str]:
    """Return a reference to one of the headers that several answers carry."""
    return {"$ref": f"#/components/headers/{name}"}


def _example(status: int, code: str) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": DETAILS.get(code, MEANINGS[code]),
        "code": code,
        "request_id": HEADERS[REQUEST_ID]["example"],
        **EXTRAS.get(code, {}),
    }
