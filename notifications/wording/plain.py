"""Contexts as plain data: a copy made of dicts, lists, texts, numbers and moments, with nothing behind any of them."""

import datetime as dt
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

from kit.errors import Invalid
from notifications.wording.budgets import MAX_CONTEXT

MAX_NESTING = 8
MAX_INTEGER = 2**63
_EACH = 8  # what a value counts besides its characters


def copy(context: Mapping[str, Any], *, field: str = "context") -> dict[str, Any]:
    """Return a context as plain data. Raises `Invalid`, naming the place, for what is none or is too much."""
    return _Copier(field).mapping(context, field, 0)


class _Copier:
    def __init__(self, field: str) -> None:
        self.field = field
        self.left = MAX_CONTEXT

    def mapping(self, value: Mapping[Any, Any], path: str, depth: int) -> dict[str, Any]:
        if not all(isinstance(key, str) for key in value):
            raise Invalid(path, "Use names as keys.", "invalid")
        return {self.text(key, path): self.value(item, f"{path}.{key[:64]}", depth + 1) for key, item in value.items()}

    def value(self, value: Any, path: str, depth: int) -> Any:
        self.count(_EACH)
        if depth > MAX_NESTING:
            raise Invalid(path, f"Nest at most {MAX_NESTING} deep.", "max_depth")
        if isinstance(value, Mapping):
            return self.mapping(value, path, depth)
        if isinstance(value, list | tuple):
            return [self.value(item, f"{path}.{at}", depth + 1) for at, item in enumerate(value)]
        if isinstance(value, str | Promise | UUID | Decimal):
            return self.text(str(value), path)
        return _atom(value, path)

    def text(self, value: str, path: str) -> str:
        self.count(len(value))
        if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise Invalid(path, "This text holds a character that cannot be stored.", "invalid_text")
        return str.__str__(value[:])  # a text that counts as HTML elsewhere is a text here

    def count(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise Invalid(self.field, f"Use at most {MAX_CONTEXT // 1024} KiB.", "max_length")


def _atom(value: Any, path: str) -> Any:
    if value is None or isinstance(value, bool | dt.datetime | dt.date | dt.time):
        return value
    if isinstance(value, int) and abs(value) < MAX_INTEGER:
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    raise Invalid(path, "Use text, a number, true, false, null, a list or an object.", "invalid")
