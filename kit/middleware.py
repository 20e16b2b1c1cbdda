"""What every request passes through. Each class is one concern, and costs an API request as little as it can.

Sessions, cookies and CSRF are for the admin alone and are not here: the API knows no ambient authority.
"""

import io
import re
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from structlog.contextvars import bind_contextvars, clear_contextvars

from kit.ids import uuid7
from kit.metrics import OTHER, Counter, Durations
from kit.problems import bad_request, problem

GetResponse = Callable[[HttpRequest], HttpResponseBase]

CHUNK = 64 * 1024
MOST_DISCARDED = 128 * 1024**2

METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS")
STATUSES = tuple(str(status.value) for status in HTTPStatus)
# By the pattern of the route, which is ours, and never by the path, which is anybody's.
REQUESTS = Counter("http_requests_total", "Requests answered.", route=None, method=METHODS, status=STATUSES)
SECONDS = Durations("http_request_seconds", "How long a request takes, from its first line to its answer.", route=None)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_log = structlog.get_logger("request")


class RequestContext:
    """Give each request an id, send it back, count it, and write one log line: no query string, no body, no header."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _REQUEST_ID.match(given) else str(uuid7())
        request.request_id = request_id  # type: ignore[attr-defined]
        clear_contextvars()
        bind_contextvars(request_id=request_id)
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        # A 304 has no body, and the length that it names is that of the answer it stands for (RFC 9110, section 8.6).
        if isinstance(response, HttpResponse) and response.status_code != HTTPStatus.NOT_MODIFIED:
            response.headers.setdefault("Content-Length", str(len(response.content)))
        self._note(request, response.status_code, time.perf_counter() - started)
        return response

    def _note(self, request: HttpRequest, status: int, seconds: float) -> None:
        match = request.resolver_match
        method, route = request.method or "", f"/{match.route}" if match else ""
        REQUESTS.count(route=route or OTHER, method=method, status=str(status))
        SECONDS.observe(seconds, route=route or OTHER)
        _log.info("request", method=method, route=route, status=status, duration_ms=round(seconds * 1000, 1))


class SecurityHeaders:
    """Headers that tell a browser to do as little as possible with an answer; a view may set its own."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.headers: dict[str, str] = dict(settings.SECURITY_HEADERS)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        headers = response.headers
        for name, value in self.headers.items():
            headers.setdefault(name, value)
        return response


class BodyLimit:
    """Refuse a body that is too large: by its declared length before a byte of it is kept, else while reading.

    What a view left unread is thrown away before the answer goes out: a server that answers and hangs up while its
    client still sends makes the client see a broken line instead of the answer.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.limit: int = settings.BODY_LIMIT
        self.limits_by_path: dict[str, int] = settings.BODY_LIMITS_BY_PATH

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        chunked = "HTTP_TRANSFER_ENCODING" in request.META
        if length == "0" and not chunked:
            return self.get_response(request)
        if not length.isdecimal() or (chunked and length != "0"):
            # Two lengths are how requests are smuggled past a proxy (RFC 9112, section 6.3).
            return problem(request, "parse_error", "The length of the body is not clear.")
        response = self._answer(request, int(length), chunked=chunked)
        if "HTTP_EXPECT" not in request.META:  # a client that asks first (100-continue) has not sent it
            _discard(request.environ["wsgi.input"] if chunked else request)  # type: ignore[attr-defined]
        return response

    def _answer(self, request: HttpRequest, length: int, *, chunked: bool) -> HttpResponseBase:
        limit = self.limits_by_path.get(request.path_info.removesuffix("/"), self.limit)
        if length > limit or (chunked and not _take_chunks(request, limit)):
            return problem(request, "payload_too_large")
        return self.get_response(request)


def _take_chunks(request: Any, limit: int) -> bool:
    """Read a body of undeclared length (RFC 9112, section 7.1), which WSGI and Django leave unread; tell if it fits."""
    body = request.environ["wsgi.input"].read(limit + 1)
    if len(body) > limit:
        return False
    request._stream = io.BytesIO(body)  # noqa: SLF001 - where Django reads a body from
    request.META["CONTENT_LENGTH"] = str(len(body))
    return True


def _discard(body: Any) -> None:
    """Read the rest of a body and keep none of it. Beyond 128 MiB the line may break after all."""
    left = MOST_DISCARDED
    try:
        while left > 0 and (piece := body.read(CHUNK)):
            left -= len(piece)
    except OSError:
        pass  # the client has gone


class OnePath:
    """Answer `/path/` as `/path`, without a redirect, which would lose the body.

    Refuse a foreign Host header, and a query with a NUL, which no text in the database can hold.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.untouched: tuple[str, ...] = tuple(settings.PATHS_WITH_SLASH)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.get_host()  # raises DisallowedHost, a 400
        if "%00" in request.META.get("QUERY_STRING", ""):
            return bad_request(request, SuspiciousOperation("a NUL in the query"))
        path = request.path_info
        if len(path) > 1 and path.endswith("/") and not path.startswith(self.untouched):
            request.path_info = path[:-1]
            request.path = request.path[:-1]
        return self.get_response(request)
