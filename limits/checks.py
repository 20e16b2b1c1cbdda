"""System checks of the limits."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error

from limits import conf


def check_settings(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with the limits' settings."""
    return [*_by_address(), *_scale(), *_redis_url()]


def _by_address() -> list[CheckMessage]:
    hint = "A limit is (requests, seconds), both whole numbers from 1 up."
    return [
        Error(f"LIMITS_BY_ADDRESS has no usable limit for {route}.", hint=hint, id="limits.E001")
        for route, limit in conf.by_address().items()
        if not _usable(limit)
    ]


def _usable(limit: object) -> bool:
    match limit:
        case (int(times), int(seconds)):
            return times >= 1 and seconds >= 1
    return False


def _scale() -> list[CheckMessage]:
    try:
        usable = 0 < conf.scale() < float("inf")
    except (TypeError, ValueError):
        usable = False
    return [] if usable else [Error("RATE_LIMIT_SCALE is not a number above 0.", id="limits.E002")]


def _redis_url() -> list[CheckMessage]:
    url = conf.redis_url()
    if not url or url.startswith(("redis://", "rediss://", "unix://")):
        return []
    return [Error("REDIS_URL does not begin with redis://, rediss:// or unix://.", id="limits.E003")]
