"""Whether the service can do its work. Tells states and nothing else: no host, no version, no error text.

Each check runs in a thread with a time limit, so that a dead server makes the answer `down` and not late.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from functools import cache
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache as django_cache
from django.db import connection
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from config import heartbeats
from kit.clock import utcnow
from kit.permissions import Public

SECONDS = 2.0
UNNOTICED = timedelta(seconds=10)  # how long a message may be due before it has to have been taken up
OK, FAILED = "ok", "down"

_log = structlog.get_logger("health")


def check_database() -> None:
    """Raise unless the database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


def check_cache() -> None:
    """Raise unless the cache answers; the one in process memory always does."""
    if settings.REDIS_URL:
        django_cache.get("health")


def check_broker() -> None:
    """Raise unless the broker takes a connection, and somebody takes up what it tells of."""
    try:
        check_workers()
    finally:
        connection.close()
    if settings.EMBEDDED:
        return
    from config.celery import app

    with app.connection_for_write(connect_timeout=1) as broker:
        broker.ensure_connection(max_retries=1, timeout=1, reraise_as_library_errors=False)


def check_workers() -> None:
    """Raise where messages wait that could be sent, and no worker has been heard for a minute."""
    from notifications import dispatching

    now = utcnow()
    if not heartbeats.count(now).alive and dispatching.is_due(now - UNNOTICED):
        raise NobodyWorks


class NobodyWorks(Exception):
    """Messages wait, and no worker is heard."""


def check_providers() -> None:
    """Raise unless each channel that is in use has a provider that can be used."""
    from notifications import breakers

    try:
        breakers.check_health(utcnow())
    finally:
        connection.close()


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "cache": check_cache,
    "broker": check_broker,
    "providers": check_providers,
}


def run(names: tuple[str, ...] = tuple(CHECKS)) -> dict[str, str]:
    """Return the state of each named check, within two seconds for all of them."""
    futures = {name: _pool().submit(CHECKS[name]) for name in names}
    wait(futures.values(), timeout=SECONDS)
    return {name: _state(name, future) for name, future in futures.items()}


def _state(name: str, future: Any) -> str:
    if not future.done():
        future.cancel()
        _log.warning("health check is late", check=name)
        return FAILED
    if error := future.exception():
        _log.warning("health check failed", check=name, error=type(error).__name__)
        return FAILED
    return OK


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=4, thread_name_prefix="health")


STATES = [OK, FAILED]
OVERALL_STATES = [OK, "degraded", FAILED]


class State(serializers.Serializer[Any]):
    """One state."""

    status = serializers.ChoiceField(choices=STATES)


class Checks(serializers.Serializer[Any]):
    """The state of each thing that the service leans on."""

    database = serializers.ChoiceField(choices=STATES)
    cache = serializers.ChoiceField(choices=STATES)
    broker = serializers.ChoiceField(choices=STATES)
    providers = serializers.ChoiceField(choices=STATES)


class Report(serializers.Serializer[Any]):
    """The state of the whole, and of its parts."""

    status = serializers.ChoiceField(choices=OVERALL_STATES)
    checks = Checks()


_GOOD = OpenApiExample("good", {"status": OK}, status_codes=["200"])
_BAD = OpenApiExample("bad", {"status": FAILED}, status_codes=["503"])
_EXAMPLES = [
    OpenApiExample("good", {"status": OK, "checks": dict.fromkeys(CHECKS, OK)}, status_codes=["200"]),
    OpenApiExample(
        "no database",
        {"status": FAILED, "checks": dict.fromkeys(CHECKS, OK) | {"database": FAILED}},
        status_codes=["503"],
    ),
]


class Live(APIView):
    """The process runs."""

    authentication_classes: list[Any] = []
    permission_classes = [Public]

    @extend_schema(operation_id="health_live", responses=State, examples=[_GOOD])
    def get(self, request: Any) -> Response:
        """Say that the process runs, without asking anything of anybody."""
        return Response({"status": OK})


class Ready(APIView):
    """The process can serve: it reaches its database."""

    authentication_classes: list[Any] = []
    permission_classes = [Public]

    @extend_schema(operation_id="health_ready", responses={200: State, 503: State}, examples=[_GOOD, _BAD])
    def get(self, request: Any) -> Response:
        """Say whether traffic should come here: 200, or 503 while the database cannot be reached."""
        status = run(("database",))["database"]
        return Response({"status": status}, status=200 if status == OK else 503)


class Health(APIView):
    """Everything the service leans on."""

    authentication_classes: list[Any] = []
    permission_classes = [Public]

    @extend_schema(operation_id="health", responses={200: Report, 503: Report}, examples=_EXAMPLES)
    def get(self, request: Any) -> Response:
        """Say how the service and what it leans on are.

        `ok`; `degraded`, still 200, while requests are served but something behind them is away; `down` with 503.
        """
        checks = run()
        status = FAILED if checks["database"] != OK else OK if set(checks.values()) == {OK} else "degraded"
        return Response({"status": status, "checks": checks}, status=503 if status == FAILED else 200)
