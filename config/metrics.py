"""`/metrics`, for Prometheus: closed to everybody until the operator sets a token or the addresses that may read it.

What processes have counted is in their memory or shared files; what the database knows is read at each scrape, by the
same few statements however full it is.
"""

import datetime as dt
import hmac
import ipaddress
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.views import APIView

from audit import metrics as log_metrics
from config import __version__, heartbeats
from kit import metrics
from kit.clock import utcnow
from kit.metrics import Reading, Sample
from kit.requests import address_of
from notifications import metrics as message_metrics

READERS: tuple[Callable[[dt.datetime], Iterable[Sample]], ...] = (
    message_metrics.read,
    log_metrics.read,
    heartbeats.read,
)
DATABASE = Reading(
    "database_up", "Whether the database answered just now; 0: figures that are read from it are missing."
)
# What a proxy adds to a request that it passes on.
FORWARDED = {"HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_VIA"}
BUILD = Reading("build_info", "The version that answers; always 1.", version=None)

_log = structlog.get_logger("metrics")


class Scraper(BasePermission):
    """Whoever shows METRICS_TOKEN or calls from one of METRICS_ADDRESSES. To all others there is nothing here."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Let a scraper in; raise Http404 for anybody else."""
        if _shows_token(request) or _comes_from_listed_address(request):
            return True
        raise Http404


@extend_schema(exclude=True)
class Metrics(APIView):
    """Every figure, in Prometheus' text format."""

    authentication_classes: list[Any] = []
    permission_classes = [Scraper]
    default_response_headers: dict[str, str] = {}  # an unknown path names no methods in an Allow header either

    def get(self, request: HttpRequest) -> HttpResponse:
        """Answer what was counted, and what the database knows."""
        return HttpResponse(metrics.expose(read(utcnow())), content_type=metrics.CONTENT_TYPE)


def read(now: dt.datetime) -> list[Sample]:
    """Return what the database knows; without it, that it is away, after one try."""
    samples = [BUILD.of(1, version=__version__)]
    try:
        for reader in READERS:
            samples += reader(now)
    except DatabaseError as error:
        _log.warning("metrics without the database", error=type(error).__name__)
        return [*samples, DATABASE.of(0)]
    return [*samples, DATABASE.of(1)]


def _shows_token(request: Any) -> bool:
    scheme, _, shown = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    token: str = settings.METRICS_TOKEN
    right = hmac.compare_digest(shown.strip().encode(errors="replace"), token.encode())
    return right and bool(token) and scheme.lower() == "bearer"


def _comes_from_listed_address(request: Any) -> bool:
    """Tell whether the caller's address is listed. A proxy's own address never stands for those behind it."""
    if not settings.METRICS_ADDRESSES:
        return False
    address = address_of(request)
    if address == request.META.get("REMOTE_ADDR") and FORWARDED & request.META.keys():
        return False
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return any(parsed in network for network in settings.METRICS_ADDRESSES)
