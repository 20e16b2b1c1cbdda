"""Logs: one JSON object a line on standard output, ours and the libraries' alike, with the request id bound.

What names a secret is replaced before it is written, and so is what looks like one: a log outlives every token in it.
"""

import logging
import re
import sys
from functools import lru_cache
from typing import Any

import structlog
from structlog.contextvars import merge_contextvars
from structlog.typing import EventDict, WrappedLogger

HIDDEN = "[hidden]"
DOTS_OF_A_JWT = 2
_SECRET_NAMES = re.compile(
    r"pass(word|wd|phrase)|secret|token|authorization|cookie|api_?key|credential|^((mfa_|recovery_)?code|otp|key|refresh|access)$",
    re.IGNORECASE,
)
_SECRET_SHAPES = (
    re.compile(r"[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),  # a JWT (RFC 7515, section 3.1)
    re.compile(r"(?<=token=)[^\s&\"']+"),
    re.compile(r"(?i)(?<=bearer )\S+"),
    re.compile(r"(?i)(?<=api-key )\S+"),
    re.compile(r"(?<=://)[^/\s@]*:[^/\s@]*(?=@)"),  # name and password in a URL
    re.compile(r"(?s)(?<=DETAIL:).*?(?=\n|$)"),  # PostgreSQL quotes the row here
)


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace values under names of secrets, and text that has the shape of one (a structlog processor)."""
    for key, value in event.items():
        event[key] = HIDDEN if _names_secret(key) and value not in (None, "") else _clean(value)
    return event


@lru_cache(maxsize=1024)
def _names_secret(key: str) -> bool:
    return _SECRET_NAMES.search(key) is not None


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        # Every shape below holds one of these; most values hold none, and each request writes several.
        if " " not in value and "=" not in value and ":" not in value and value.count(".") < DOTS_OF_A_JWT:
            return value
        for shape in _SECRET_SHAPES:
            value = shape.sub(HIDDEN, value)
        return value
    if isinstance(value, dict):
        return redact(None, "", dict(value))
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value


class _StandardOutput:
    """Standard output as it is when a line is written; a test or a server may have replaced it since the import."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


_SHARED: list[Any] = [
    merge_contextvars,
    structlog.processors.format_exc_info,
    redact,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
]


def formatter() -> logging.Formatter:
    """Return the formatter that makes a standard-library record (Django's, Celery's) a line like ours."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *_SHARED,
            structlog.processors.JSONRenderer(),
        ],
    )


def configure(level: str = "INFO") -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING to go with it."""
    structlog.configure(
        processors=[*_SHARED, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(_StandardOutput()),  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "kit.logs.formatter"}},
        "handlers": {"output": {"class": "kit.logs.OutputHandler", "formatter": "json"}},
        "root": {"handlers": ["output"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # One line a request is ours; Django's own second line for each 4xx says nothing new.
            "django.request": {"level": "ERROR"},
            # Each tick and each task a line would drown what matters; what fails is still told.
            "celery.beat": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
            # Its warnings name the server, again and again; `/health` says that the database is away.
            "psycopg.pool": {"level": "ERROR"},
            "django.server": {"handlers": [], "level": "ERROR", "propagate": True},
        },
    }


class OutputHandler(logging.StreamHandler[Any]):
    """A handler on standard output as it is at the time of writing."""

    def __init__(self) -> None:
        super().__init__(_StandardOutput())
