"""Two ways to cut a list: numbered pages for small ones, cursors for those that grow without bound.

A cursor costs the same at the millionth row as at the first, and counts nothing: a page is what comes after a row, by
the columns of an index. The client carries that row's values, sealed and bound to its question (`CURSOR_SEALER`), so it
can neither read them nor ask with them for anything else.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db.models import F, Model, Q, QuerySet
from django.db.models.functions import Coalesce
from drf_spectacular.utils import OpenApiParameter
from rest_framework.pagination import PageNumberPagination
from rest_framework.utils.urls import replace_query_param

from kit import seams
from kit.errors import Invalid

DEFAULT_SIZE = 20
MAX_SIZE = 100
MAX_CURSOR = 2000

_PAGE_SIZE = OpenApiParameter(
    "page_size",
    {"type": "integer", "minimum": 1, "default": DEFAULT_SIZE},
    description=f"How many on a page; more than {MAX_SIZE} count as {MAX_SIZE}.",
)
PARAMETERS = [
    OpenApiParameter(
        "page", {"type": "integer", "minimum": 1, "default": 1}, description="Which page; 404 beyond the last one."
    ),
    _PAGE_SIZE,
]
CURSOR_PARAMETERS = [
    OpenApiParameter(
        "cursor",
        {"type": "string", "maxLength": MAX_CURSOR},
        description="Where to go on: as `next` or `previous` of a page has it, for the same question and caller.",
    ),
    _PAGE_SIZE,
]
_NUMBER = re.compile(r"[0-9]+\Z", re.ASCII)

Row = TypeVar("Row", bound=Model)


def size_of(request: Any) -> int:
    """Return how many the caller wants on a page, at most 100. Raises `Invalid` for what is no number of 1 or more."""
    wanted = request.query_params.get("page_size", str(DEFAULT_SIZE))
    digits = wanted.lstrip("0")
    if not _NUMBER.match(wanted) or not digits:
        raise Invalid("page_size", "Use a whole number of 1 or more.")
    # By length first: a number of thousands of digits is not worth reading, and Python would refuse to.
    return MAX_SIZE if len(digits) > len(str(MAX_SIZE)) else min(int(digits), MAX_SIZE)


class NumberedPages(PageNumberPagination):
    """`?page=` and `?page_size=` (at most 100): `{"count", "next", "previous", "results"}`.

    A view that uses it declares `PARAMETERS`.
    """

    page_size = DEFAULT_SIZE
    page_size_query_param = "page_size"
    max_page_size = MAX_SIZE

    def get_page_size(self, request: Any) -> int:
        """Return how many the caller wants on a page. Raises `Invalid` for what is no number of 1 or more."""
        return size_of(request)


@dataclass(frozen=True, kw_only=True, slots=True)
class Page(Generic[Row]):
    """The rows of a page, and the way to its neighbours."""

    rows: list[Row]
    next: str | None
    previous: str | None

    def answer(self, results: Any) -> dict[str, Any]:
        """Return the body of the answer, around the rows as they are shown."""
        return {"next": self.next, "previous": self.previous, "results": results}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Position:
    """A row that a page lies behind, or before; by the values of the columns that order the list."""

    before: bool
    values: list[str]


def cursor_page(request: Any, *lists: QuerySet[Row], order: Sequence[str], short: bool = False) -> Page[Row]:
    """Return the page of a list that a request asks for, by one statement for each of `lists`.

    `order` names columns, all of them with `-` in front or none; together they are unique, never NULL, and the first
    is that of an index. Several lists of one model are merged as they are ordered, and a row of two is shown once: so
    each is read by an index of its own. A `short` list, of few known rows of however many, is read by their keys and
    sorted: PostgreSQL would walk the index of the order for them, and the whole of it. A view that uses this declares
    `CURSOR_PARAMETERS`. Raises `Invalid` for a cursor that is not ours, or was made for another caller, list, filter or
    order.
    """
    size, position = size_of(request), _position(request, order)
    backwards = position is not None and position.before
    rows = _read(lists, order, position, most=size + 1, short=short)
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    before, after = (more, True) if backwards else (position is not None, more)
    return Page(
        rows=rows,
        next=_link(request, order, rows[-1], before=False) if rows and after else None,
        previous=_link(request, order, rows[0], before=True) if rows and before else None,
    )


def _read(
    lists: Sequence[QuerySet[Row]], order: Sequence[str], position: _Position | None, *, most: int, short: bool
) -> list[Row]:
    """Return the rows behind a position, nearest first, by one statement for each list."""
    columns = [name.removeprefix("-") for name in order]
    descending = order[0].startswith("-") != (position is not None and position.before)
    # No index is in the order of an expression, not even of this one, which is the column itself.
    keys = [Coalesce(name, name) if short else F(name) for name in columns]
    ordering = [key.desc() if descending else key.asc() for key in keys]
    rows: list[Row] = []
    for each in lists:
        after = _after(each.model, columns, position.values, descending=descending) if position else Q()
        rows.extend(each.filter(after).order_by(*ordering)[:most])
    return rows if len(lists) == 1 else _merged(rows, columns, descending=descending)


def _merged(rows: Iterable[Row], columns: Sequence[str], *, descending: bool) -> list[Row]:
    once = {row.pk: row for row in rows}
    return sorted(once.values(), key=lambda row: [getattr(row, name) for name in columns], reverse=descending)


def _after(model: type[Model], columns: Sequence[str], values: Sequence[str], *, descending: bool) -> Q:
    """Return the condition of being behind a row; its first part bounds the range of the index by itself."""
    beyond, from_on = ("lt", "lte") if descending else ("gt", "gte")
    fields: list[Any] = [model._meta.get_field(name) for name in columns]
    read = [field.to_python(value) for field, value in zip(fields, values, strict=True)]
    behind = Q(**{f"{columns[-1]}__{beyond}": read[-1]})
    for name, value in reversed(list(zip(columns[:-1], read[:-1], strict=True))):
        behind = Q(**{f"{name}__{from_on}": value}) & (Q(**{f"{name}__{beyond}": value}) | behind)
    return behind


def _link(request: Any, order: Sequence[str], row: Model, *, before: bool) -> str:
    fields: list[Any] = [row._meta.get_field(name.removeprefix("-")) for name in order]
    text = json.dumps([before, *(field.value_to_string(row) for field in fields)])
    cursor = _sealer().wrap(text, purpose="cursor", bound_to=_question(request, order))
    return replace_query_param(request.build_absolute_uri(), "cursor", cursor)


def _position(request: Any, order: Sequence[str]) -> _Position | None:
    cursor = request.query_params.get("cursor", "")
    if not cursor:
        return None
    text = None
    if len(cursor) <= MAX_CURSOR:
        text = _sealer().unwrap(cursor, purpose="cursor", bound_to=_question(request, order))
    if text is None:
        raise Invalid("cursor", "This cursor is not one of ours, or was made for another question.")
    before, *values = json.loads(text)
    return _Position(before=before, values=values)


def _question(request: Any, order: Sequence[str]) -> str:
    """Return a digest of who asks for which list, filtered and ordered how."""
    asked = sorted((name, value) for name, value in _parameters(request) if name not in {"cursor", "page_size"})
    question = [request.path, str(request.user.pk), list(order), asked]
    return hashlib.sha256(json.dumps(question).encode()).hexdigest()


def _parameters(request: Any) -> Iterable[tuple[str, str]]:
    return ((name, value) for name, values in request.query_params.lists() for value in values)


def _sealer() -> Any:
    return seams.load(settings.CURSOR_SEALER)
