"""How views become the published schema: what every call shares is added here, so that no view repeats it.

Two hooks of drf-spectacular: a class for what is known of one view, a function for what is known of the whole.
"""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema

from kit.permissions import Requires
from kit.problems import CONTENT_TYPE, STATUS_OF_CODE

PREFIX = "/api/v1"
NEEDS = "x-permission"

MEANINGS = {
    "400": "The request has a mistake in it.",
    "401": "No credential, or one that is not valid.",
    "403": "The caller may not do this.",
    "404": "There is no such thing, or the caller may not see it.",
    "413": "The body is too large.",
    "415": "The body is not JSON in UTF-8.",
    "default": "Another failure: 429 and 503 say in `Retry-After` when to come back.",
}

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "A failure, by RFC 9457.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "The word to branch on.", "enum": sorted(STATUS_OF_CODE)},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "With `validation_error` alone: what is wrong where.",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "string", "description": "A dotted path; empty for the body as a whole."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
                "required": ["field", "code", "detail"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "code", "request_id"],
}


class AutoSchema(SpectacularAutoSchema):
    """Spectacular's schema of a view, with a tag from its path and the permission that it asks for."""

    def get_tags(self) -> list[str]:
        """Return the first part of the path under /api/v1; what lies elsewhere is about the system."""
        if not self.path.startswith(f"{PREFIX}/"):
            return ["system"]
        return [self.path.removeprefix(PREFIX).strip("/").split("/")[0]]

    def get_extensions(self) -> dict[str, Any]:
        """Return the permission of the view, where it has one."""
        kinds: Sequence[Any] = self.view.permission_classes
        needed = [kind.permission for kind in kinds if issubclass(kind, Requires)]
        return {NEEDS: needed[0]} if needed else {}


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Declare for every call how it fails (a postprocessing hook)."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    for operations in result["paths"].values():
        for operation in operations.values():
            for status in _failures(operation):
                operation["responses"].setdefault(status, _problem(status))
    return result


def _failures(operation: dict[str, Any]) -> list[str]:
    places = {parameter["in"] for parameter in operation.get("parameters", [])}
    credentials = operation.get("security", [])
    failures = {
        "400": "requestBody" in operation or bool(places & {"query", "header"}),
        "401": bool(credentials) and {} not in credentials,
        "403": NEEDS in operation,
        "404": "path" in places,
        "413": "requestBody" in operation,
        "415": "requestBody" in operation,
        "default": True,
    }
    return [status for status, happens in failures.items() if happens]


def _problem(status: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": MEANINGS[status], "content": {CONTENT_TYPE: {"schema": schema}}}
