"""What the published schema says of the house's own serializer fields: exactly which values they take.

An extension of drf-spectacular for each field. Patterns are those of ECMA 262, as JSON Schema asks.
"""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension, OpenApiSerializerFieldExtension

from kit.parsers import MAX_INTEGER

_CONTROLS = r"\u0000-\u001F\u007F-\u009F"
_LINES = r"\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F"
WITHOUT_NUL = r"^[^\u0000]*$"
NOT_BLANK = r"[^\s\u001C-\u001F\u0085]"  # these are white space to Python and not to ECMA 262
INTEGERS = {"minimum": -MAX_INTEGER - 1, "maximum": MAX_INTEGER}

# What a body may hold under a name that its call does not know: `kit.parsers` looks there too.
UNKNOWN: dict[str, Any] = {
    "description": "A field that the call does not know; it is ignored. Even so its text must not hold NUL.",
    "type": ["string", "number", "boolean", "null", "array", "object"],
    "pattern": WITHOUT_NUL,
    **INTEGERS,
    "items": {"$ref": "#/components/schemas/Unknown"},
    "propertyNames": {"pattern": WITHOUT_NUL},
    "additionalProperties": {"$ref": "#/components/schemas/Unknown"},
}


class TextSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """A line of text: no control characters, and something to see unless it may be blank."""

    target_class = "kit.fields.Text"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer_field(self.target, direction, bypass_extensions=True)
        if self.target.allow_null:
            schema["type"] = "string"  # who called us adds the null
        if self.target.format:
            schema["format"] = self.target.format
        elif direction == "request" and "pattern" not in schema:
            refused = (_LINES if self.target.allowed else _CONTROLS) + self.target.refused
            anything = f"[^{refused}]*"
            schema["pattern"] = f"^{anything}$" if self.target.allow_blank else rf"^{anything}[^{refused}\s]{anything}$"
        return schema


class SecretSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """A password or token: any text that can be stored."""

    target_class = "kit.fields.Secret"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer_field(self.target, direction, bypass_extensions=True)
        return {**schema, "format": self.target.format} if self.target.format else {**schema, "pattern": WITHOUT_NUL}


class SerializerSchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Rules about the body as a whole, which a serializer keeps as JSON Schema in `schema_rules`."""

    target_class = "rest_framework.serializers.Serializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        if direction == "response":
            return schema
        others = {"propertyNames": UNKNOWN["propertyNames"], "additionalProperties": UNKNOWN["additionalProperties"]}
        return {**schema, **others, **getattr(self.target, "schema_rules", {})}
