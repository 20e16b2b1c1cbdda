"""Requests that failed by our own fault, counted where every process can see them: by the minute, in the database."""

import datetime as dt
import sys

import structlog
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from kit import problems
from kit.clock import utcnow
from kit.tallies import Span
from limits import counters

KEPT_SECONDS = 2 * 3600

_log = structlog.get_logger("failures")


def answer(request: HttpRequest) -> HttpResponse:
    """Count an uncaught exception and answer it (handler500)."""
    # While the database fails it is not asked to count its failures.
    if not isinstance(sys.exc_info()[1], DatabaseError):
        note(now=utcnow())
    return problems.server_error(request)


def note(*, now: dt.datetime) -> None:
    """Count one failed request. Never raises."""
    try:
        counters.hit(key=_key(_minute(now)), limit=1, window=KEPT_SECONDS, now=now)
    except DatabaseError as error:
        _log.warning("a failure was not counted", error=type(error).__name__)


def count(span: Span, *, now: dt.datetime) -> int:
    """Return how many requests failed in the whole minutes of a stretch of time. One statement."""
    minutes = range(_minute(span.since), _minute(span.until))
    return sum(counters.read([_key(minute) for minute in minutes], now=now).values())


def _minute(moment: dt.datetime) -> int:
    return int(moment.timestamp()) // 60


def _key(minute: int) -> str:
    return f"house:failures:{minute}"
