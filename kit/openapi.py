"""How views become the published schema: what every call shares is added here, so that no view repeats it.

A view says only what is its own: `published` names the codes that its domain refuses with and the calls that follow
it. What comes of credentials, permissions, bodies, paths and limits is known from the view itself.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema

from kit import field_schemas, problem_schemas
from kit.permissions import ByMethod, Requires, is_harmless
from kit.problem_schemas import REQUEST_ID

PREFIX = "/api/v1"
NEEDS = "x-permission"
CODES = "x-codes"  # within this module: on its way from the view to `add_problems`

Call = TypeVar("Call", bound=Callable[..., Any])


def published(*codes: str, leads_to: Mapping[str, Mapping[str, Any]] | None = None) -> Callable[[Call], Call]:
    """Declare which codes a view's method refuses with beyond the common ones, and which calls its answer leads to.

    `leads_to` holds Link Objects of OpenAPI by the operation that they lead to.
    """

    def declare(call: Call) -> Call:
        vars(call).update(problem_codes=codes, links=dict(leads_to or {}))
        return call

    return declare


class AutoSchema(SpectacularAutoSchema):
    """Spectacular's schema of a view, with its tag, permission, summary, links, and the codes it may refuse with."""

    def get_tags(self) -> list[str]:
        """Return the first part of the path under /api/v1; what lies elsewhere is about the system."""
        if not self.path.startswith(f"{PREFIX}/"):
            return ["system"]
        return [self.path.removeprefix(PREFIX).strip("/").split("/")[0]]

    def get_summary(self) -> str | None:
        """Return the first sentence of the description."""
        sentence, _, _ = self.get_description().partition(". ")
        return sentence.split("\n")[0].rstrip(".")

    def get_extensions(self) -> dict[str, Any]:
        """Return the permission of the view, where it has one."""
        kinds: Sequence[Any] = self.view.permission_classes
        kinds = [kind.permissions[self.method] if issubclass(kind, ByMethod) else kind for kind in kinds]
        needed = [kind.permission for kind in kinds if issubclass(kind, Requires)]
        return {NEEDS: needed[0]} if needed else {}

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Return the operation with its codes noted and its links in place."""
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        call = getattr(self.view, self.method.lower())
        operation[CODES] = _common_codes(self.view, self.method, operation) | set(getattr(call, "problem_codes", ()))
        links = {name: {"operationId": name, **link} for name, link in getattr(call, "links", {}).items()}
        _describe_ids(operation)
        for status, answer in operation["responses"].items():
            answer["description"] = answer["description"] or f"{HTTPStatus(int(status)).phrase}."
            if links and status.startswith("2"):
                answer["links"] = links
            if self.view.throttle_classes:
                answer["headers"] = {name: problem_schemas.header(name) for name in problem_schemas.RATE_LIMITS}
        return operation

    def _insert_field_validators(self, field: Any, schema: dict[str, Any]) -> None:
        # Spectacular gives a text that may be empty a second alternative under `oneOf`; where the first takes the
        # empty text too, nothing would ever be valid.
        super()._insert_field_validators(field, schema)  # type: ignore[no-untyped-call]
        match schema.get("oneOf"):
            case [{"pattern": pattern} as inner, {"maxLength": 0}] if re.search(pattern, ""):
                del schema["oneOf"]
                schema.update(inner)
            case [{"format": _} as inner, {"maxLength": 0}]:
                inner["minLength"] = 1


def _describe_ids(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            parameter.setdefault("description", f"The id of the {parameter['name'].removesuffix('_id')}.")


def _common_codes(view: Any, method: str, operation: dict[str, Any]) -> set[str]:
    places = {parameter["in"] for parameter in operation.get("parameters", [])}
    credentials = operation.get("security", [])
    happens = {
        "error": True,
        "unavailable": True,
        "parse_error": True,
        "validation_error": "requestBody" in operation or bool(places & {"query", "header"}),
        "payload_too_large": True,  # also where a body that nobody asked for is not even read
        "unsupported_media_type": "requestBody" in operation,
        "not_authenticated": bool(credentials) and {} not in credentials,
        "invalid_token": bool(credentials),
        # Also to whoever acts for another person.
        "permission_denied": NEEDS in operation or (bool(credentials) and not is_harmless(view, method)),
        "not_found": "path" in places,
        "throttled": bool(view.throttle_classes or credentials),  # tokens that do not hold are counted
    }
    return {code for code, happening in happens.items() if happening}


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Declare for every call how it fails, status by status, and the header of every answer (a postprocessing hook)."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {}).update(Problem=problem_schemas.PROBLEM, Unknown=field_schemas.UNKNOWN)
    components.setdefault("headers", {}).update(problem_schemas.HEADERS)
    shared = components.setdefault("responses", {})
    for operations in result["paths"].values():
        for operation in operations.values():
            answers = operation["responses"]
            for answer in answers.values():
                answer.setdefault("headers", {})[REQUEST_ID] = problem_schemas.header(REQUEST_ID)
            for status, codes in problem_schemas.by_status(operation.pop(CODES, ())).items():
                if status not in answers:
                    name = problem_schemas.name_of(status, codes)
                    shared[name] = problem_schemas.response(status, codes)
                    answers[status] = {"$ref": f"#/components/responses/{name}"}
    return result
