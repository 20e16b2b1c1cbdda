"""Errors as RFC 9457 problem documents. One place decides what a failure looks like to a client.

A refusal's `code` decides its status, so that a domain function never needs to know HTTP. Whatever has no code
here is our own mistake and is answered `error` 500 without a word about its cause.
"""

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from itertools import islice
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework import exceptions as drf

from kit import pools
from kit.errors import Delayed, Invalid, Refusal
from kit.requests import is_page

CONTENT_TYPE = "application/problem+json"
CHALLENGE = 'Bearer realm="gatehouse"'
BUSY_SECONDS = 2
MOST_ERRORS = 100

STATUS_OF_CODE = {
    "validation_error": 400,
    "parse_error": 400,
    "not_authenticated": 401,
    "invalid_token": 401,
    "invalid_credentials": 401,
    "mfa_required": 401,
    "mfa_enrolment_required": 401,
    "reauthentication_required": 403,
    "permission_denied": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "conflict": 409,
    "payload_too_large": 413,
    "unsupported_media_type": 415,
    "idempotency_mismatch": 422,
    "throttled": 429,
    "account_locked": 429,
    "error": 500,
    "unavailable": 503,
}

DETAIL_OF_CODE = {
    "validation_error": "The request has a mistake in it.",
    "parse_error": "The request could not be understood.",
    "not_authenticated": "Sign in first.",
    "invalid_token": "The token is not valid.",
    "permission_denied": "You may not do this.",
    "not_found": "There is no such thing, or you may not see it.",
    "payload_too_large": "The body is larger than this call takes.",
    "unsupported_media_type": "Send the body as application/json in UTF-8.",
    "throttled": "Too many requests. Wait a little and try again.",
    "error": "Something went wrong on our side. It has been noted under this request id.",
    "unavailable": "The service is busy. Try again in a moment.",
}

Errors = list[dict[str, str]]


def problem(
    request: Any,
    code: str,
    detail: str = "",
    *,
    errors: Errors | None = None,
    retry_after: int | None = None,
    extra: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Return the problem document for a code of the contract, with the headers that its status asks for."""
    status = STATUS_OF_CODE.get(code, 400)
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail or DETAIL_OF_CODE.get(code, DETAIL_OF_CODE["error"]),
        "code": code,
        "request_id": getattr(request, "request_id", ""),
    }
    if errors is not None:
        document["errors"] = errors
    # A refusal's own members (`challenge`, `methods`) never overwrite those of the standard.
    document = {**(extra or {}), **document}
    response = HttpResponse(json.dumps(document, default=str), status=status, content_type=CONTENT_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = f'{CHALLENGE}, error="invalid_token"' if code == "invalid_token" else CHALLENGE
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response


def exception_handler(exc: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Answer an exception that left a REST view (REST_FRAMEWORK["EXCEPTION_HANDLER"]); None for our own mistakes."""
    request = context["request"]
    answer = refusal_problem(request, exc) if isinstance(exc, Refusal) else _answer(request, exc)
    if answer is not None and isinstance(exc, drf.MethodNotAllowed):
        answer["Allow"] = ", ".join(context["view"].allowed_methods)
    return answer


def refusal_problem(request: Any, refusal: Refusal) -> HttpResponse:
    """Return the problem document of a domain function's refusal."""
    errors = None
    if isinstance(refusal, Invalid):
        errors = [{"field": refusal.field, "code": refusal.reason, "detail": refusal.detail}]
    detail = DETAIL_OF_CODE["validation_error"] if errors else refusal.detail
    wait = refusal.retry_after if isinstance(refusal, Delayed) else None
    return problem(request, refusal.code, detail, errors=errors, retry_after=wait, extra=refusal.extra)


class Misshapen(Refusal):
    """What a serializer refused, as a refusal: for one of many things in a body, which is told in its place."""

    code = "validation_error"
    default_detail = DETAIL_OF_CODE["validation_error"]

    def __init__(self, error: drf.ValidationError) -> None:
        super().__init__(errors=_errors_of(error))


def document_of(request: Any, refusal: Refusal) -> dict[str, Any]:
    """Return the problem document of a refusal, for an answer of several: `retry_after` stands for the header."""
    answer = refusal_problem(request, refusal)
    document: dict[str, Any] = json.loads(answer.content)
    return document | ({"retry_after": refusal.retry_after} if isinstance(refusal, Delayed) else {})


def _answer(request: Any, exc: Exception) -> HttpResponse | None:
    if isinstance(exc, drf.ValidationError):
        return problem(request, "validation_error", errors=_errors_of(exc))
    if isinstance(exc, drf.ParseError):
        return problem(request, "parse_error", str(exc.detail))
    if isinstance(exc, drf.Throttled):
        return problem(request, "throttled", retry_after=max(1, int(getattr(exc, "wait", None) or 1)))
    if isinstance(exc, OperationalError | InterfaceError):
        pools.look_over()
        return problem(request, "unavailable", retry_after=BUSY_SECONDS)
    code = next((code for kind, code in _CODE_OF_EXCEPTION if isinstance(exc, kind)), None)
    return problem(request, code) if code else None


_CODE_OF_EXCEPTION: tuple[tuple[type[Exception], str], ...] = (
    (drf.NotAuthenticated, "not_authenticated"),
    (drf.AuthenticationFailed, "invalid_token"),
    (drf.PermissionDenied, "permission_denied"),
    (PermissionDenied, "permission_denied"),
    (drf.NotFound, "not_found"),
    (Http404, "not_found"),
    (drf.MethodNotAllowed, "method_not_allowed"),
    (drf.UnsupportedMediaType, "unsupported_media_type"),
    (RequestDataTooBig, "payload_too_large"),
    (SuspiciousOperation, "parse_error"),
)


def _errors_of(error: drf.ValidationError) -> Errors:
    """Return what a serializer refused, up to a number that somebody still reads."""
    return list(islice(_flatten(error.detail, ""), MOST_ERRORS))


def _flatten(detail: Any, path: str) -> Iterator[dict[str, str]]:
    """Yield one error for each leaf of a serializer's errors, its place as a dotted path."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            # A rule about the whole object is told at the path of that object.
            here = path if key == "non_field_errors" else f"{path}.{key}" if path else str(key)
            yield from _flatten(value, here)
    elif isinstance(detail, list | tuple):
        for index, value in enumerate(detail):
            nested = isinstance(value, Mapping | list | tuple)
            yield from _flatten(value, (f"{path}.{index}" if path else str(index)) if nested else path)
    else:
        yield {"field": path, "code": str(getattr(detail, "code", "invalid")), "detail": str(detail)}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django itself finds suspicious (handler400): a foreign Host header, a form too large."""
    return _outside_rest(request, "payload_too_large" if isinstance(exception, RequestDataTooBig) else "parse_error")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer PermissionDenied outside REST views (handler403)."""
    return _outside_rest(request, "permission_denied")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without its CSRF token (CSRF_FAILURE_VIEW)."""
    return _outside_rest(request, "permission_denied", "This form was not sent from its own page, or has expired.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a path that leads nowhere (handler404)."""
    return _outside_rest(request, "not_found")


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Answer the refusal of a view that is none of REST framework's: a page where people see it, else a problem."""
    return _outside_rest(request, refusal.code, refusal.detail)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an uncaught exception (handler500)."""
    return _outside_rest(request, "error")


def _outside_rest(request: HttpRequest, code: str, detail: str = "") -> HttpResponse:
    if not is_page(request):
        return problem(request, code, detail)
    status = STATUS_OF_CODE[code]
    context = {
        "title": HTTPStatus(status).phrase,
        "detail": detail or DETAIL_OF_CODE[code],
        "request_id": getattr(request, "request_id", ""),
    }
    return render(request, "problem.html", context, status=status)
