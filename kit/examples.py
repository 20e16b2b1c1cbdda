"""Examples of the published schema: what is sent, and what comes back."""

from typing import Any

from drf_spectacular.utils import OpenApiExample


def body(value: dict[str, Any], name: str = "request") -> OpenApiExample:
    """Return an example of what is sent."""
    return OpenApiExample(name, value, request_only=True)


def answer(value: dict[str, Any], name: str = "answer", *, status: int = 200) -> OpenApiExample:
    """Return an example of what comes back."""
    return OpenApiExample(name, value, response_only=True, status_codes=[str(status)])
