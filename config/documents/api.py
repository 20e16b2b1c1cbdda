"""docs/api.md: every call, as the published schema has it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from drf_spectacular.generators import SchemaGenerator

from config.documents import markdown
from config.documents.markdown import code
from kit.problem_schemas import MEANINGS
from kit.problems import STATUS_OF_CODE

Schema = Mapping[str, Any]

SOURCE = """\
This is [openapi.yaml](openapi.yaml) in words. A running service publishes the same at `/api/v1/schema`, and pages to
try it at `/api/v1/docs`."""


def make() -> str:
    """Return the document."""
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    parts = [SOURCE, schema["info"]["description"].strip(), "## Codes", _codes()]
    for tag in schema["tags"]:
        parts += [f"## Calls: {tag['name']}", tag["description"]]
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                if tag["name"] in operation["tags"]:
                    parts += _call(schema, f"{method.upper()} {path}", operation)
    return markdown.page("The API", *parts)


def _codes() -> str:
    rows = [[code(name), str(status), MEANINGS[name]] for name, status in STATUS_OF_CODE.items()]
    return markdown.table(("code", "status", "what it says, what to do"), rows)


def _call(schema: Schema, name: str, operation: Schema) -> Iterator[str]:
    yield f"### {name}"
    yield operation["description"]
    yield _needs(operation)
    for parameter in operation.get("parameters", []):
        where = "path" if parameter["in"] == "path" else f"{parameter['in']}, optional"
        yield f"- `{parameter['name']}` ({where}): {parameter['description']}"
    if "requestBody" in operation:
        yield from _content("Body", schema, operation["requestBody"])
    for status, answer in operation["responses"].items():
        if "$ref" not in answer:
            yield from _content(f"Answer {status}", schema, answer)
    answers = operation["responses"].items()
    failures = [_failure(schema, status, answer["$ref"]) for status, answer in answers if "$ref" in answer]
    yield f"Refused with {'; '.join(failures)}."


def _needs(operation: Schema) -> str:
    permission = operation.get("x-permission")
    if permission:
        return f"Needs an access token, and the permission `{permission}`."
    security = operation.get("security", [{}])
    return "Open to anybody." if {} in security else "Needs an access token."


def _content(title: str, schema: Schema, holder: Schema) -> Iterator[str]:
    """Yield the fields and the first example of a body or an answer."""
    for name, header in holder.get("headers", {}).items():
        if "$ref" not in header:  # those that several answers carry are told at the top
            yield f"- header `{name}`: {header.get('description', '')}"
    for content in holder.get("content", {}).values():
        shape = _resolved(schema, content["schema"])
        yield f"{title}: {shape.get('description', '')}".rstrip()
        if "properties" in shape:
            yield markdown.table(("field", "", "meaning"), _fields(schema, shape))
        example = next(iter(content.get("examples", {}).values()))
        yield f"```json\n{json.dumps(example['value'], indent=2, ensure_ascii=False)}\n```"
        return
    yield f"{title}: {holder['description']}"


def _fields(schema: Schema, shape: Schema, within: str = "") -> Iterator[list[str]]:
    """Yield a row for each field of an object, and for those of the objects in it: `results[].id`."""
    required = shape.get("required", [])
    for name, field in shape["properties"].items():
        need = "" if name in required else "optional"
        yield [code(within + name), need, f"{_kind(schema, field)}. {field.get('description', '')}".strip()]
        inner = _resolved(schema, field)
        item = _resolved(schema, inner.get("items", inner))
        if "properties" in item:
            yield from _fields(schema, item, f"{within}{name}{'[]' if 'items' in inner else ''}.")


def _kind(schema: Schema, field: Schema) -> str:
    """Return what a value is, in a few words."""
    found = _resolved(schema, field)
    if "enum" in found:
        return " or ".join(code(str(value)) for value in found["enum"])
    if choices := found.get("oneOf") or found.get("anyOf"):
        return " or ".join(dict.fromkeys(_kind(schema, one) for one in choices if one.get("maxLength") != 0))
    words = f"list of {_kind(schema, found['items'])}" if "items" in found else _type_of(found)
    words += f" ({found['format']})" if "format" in found else ""
    return words + (f", at most {found['maxLength']} characters" if "maxLength" in found else "")


def _type_of(shape: Schema) -> str:
    kinds = shape.get("type", "anything")
    return " or ".join([kinds] if isinstance(kinds, str) else kinds)


def _resolved(schema: Schema, shape: Schema) -> Schema:
    """Return the schema that a reference points to, or the schema itself."""
    if "$ref" not in shape:
        return shape
    found: Schema = schema["components"]["schemas"][shape["$ref"].rpartition("/")[2]]
    return found


def _failure(schema: Schema, status: str, reference: str) -> str:
    answer = schema["components"]["responses"][reference.rpartition("/")[2]]
    (content,) = answer["content"].values()
    return f"{status} {code(*content['schema']['properties']['code']['enum'])}"
