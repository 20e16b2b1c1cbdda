"""Strict JSON: one document has one meaning here, or it is refused.

Python's decoder is looser than RFC 8259: it guesses encodings, keeps the last of two equal keys, and reads NaN.
Each of those lets two readers of one body disagree, so they are errors.
"""

import json
import re
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from rest_framework.exceptions import ParseError, UnsupportedMediaType, ValidationError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser

MAX_DEPTH = 32
MAX_INTEGER = 2**63 - 1  # what a database column holds
_MAX_DIGITS = 19
_MEDIA_TYPE = "application/json"
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^";\s]*)"?', re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")


class StrictJSONParser(BaseParser):
    """The only parser: UTF-8 JSON (RFC 8259) whose top level is an object."""

    media_type = _MEDIA_TYPE

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return the object in the body. Raises ParseError, ValidationError or UnsupportedMediaType."""
        charset = _CHARSET.search(media_type or "")
        if charset and charset.group(1).lower() not in {"utf-8", "utf8"}:
            raise UnsupportedMediaType(media_type or "")
        return parse_object(stream.read())


class OneNegotiation(BaseContentNegotiation):
    """JSON out whatever `Accept` says, and a parser only for the exact media type."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        """Return the parser of the body's media type, or None, which is answered with 415."""
        wanted = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == wanted), None)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        """Return the first renderer."""
        return renderers[0], renderers[0].media_type


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in `body`.

    Raises ParseError for what is not JSON, has a key twice, a number that no column holds or more than 32
    levels; ValidationError for another top level, and for text with a NUL or half a surrogate pair.
    """
    try:
        text = body.decode("utf-8")
        document = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_float,
            parse_int=_integer,
        )
    except (ValueError, RecursionError):
        raise ParseError("The body is not valid JSON.") from None
    if not isinstance(document, dict):
        raise ValidationError({"": ["The body must be a JSON object."]}, code="not_an_object")
    # Most bodies are shallow and hold no escapes: a count shows that they need no walk.
    if "\\u" in text or text.count("{") + text.count("[") > MAX_DEPTH:
        _inspect(document, "", 1)
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a key twice")
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _float(literal: str) -> float:
    number = float(literal)
    if not -MAX_INTEGER - 1 <= number <= MAX_INTEGER:
        raise ValueError("beyond 64 bits")
    return number


def _integer(literal: str) -> int:
    # Length first: Python's own conversion is quadratic, and refuses above 4,300 digits with another error.
    if len(literal.lstrip("-")) > _MAX_DIGITS or not -MAX_INTEGER - 1 <= (number := int(literal)) <= MAX_INTEGER:
        raise ValueError("beyond 64 bits")
    return number


def _inspect(value: Any, path: str, depth: int) -> None:
    if isinstance(value, str):
        if "\x00" in value or _SURROGATE.search(value):
            raise ValidationError({path: ["This text holds a character that cannot be stored."]}, code="invalid_text")
        return
    if not isinstance(value, dict | list):
        return
    if depth > MAX_DEPTH:
        raise ParseError(f"The body is nested more than {MAX_DEPTH} levels deep.")
    children = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in children:
        _inspect(key, path, depth)
        _inspect(child, f"{path}.{key}" if path else str(key), depth + 1)
