"""Two ways to cut a list: numbered pages for small ones, cursors for those that grow without bound.

A cursor costs the same at the millionth row as at the first, and counts nothing.
"""

import re
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.pagination import CursorPagination, PageNumberPagination
from rest_framework.response import Response

from kit.errors import Invalid

DEFAULT_SIZE = 20
MAX_SIZE = 100


PARAMETERS = [
    OpenApiParameter(
        "page", {"type": "integer", "minimum": 1, "default": 1}, description="Which page; 404 beyond the last one."
    ),
    OpenApiParameter(
        "page_size",
        {"type": "integer", "minimum": 1, "default": DEFAULT_SIZE},
        description=f"How many on a page; more than {MAX_SIZE} count as {MAX_SIZE}.",
    ),
]
_NUMBER = re.compile(r"[0-9]+\Z", re.ASCII)


class NumberedPages(PageNumberPagination):
    """`?page=` and `?page_size=` (at most 100): `{"count", "next", "previous", "results"}`.

    A view that uses it declares `PARAMETERS`.
    """

    page_size = DEFAULT_SIZE
    page_size_query_param = "page_size"
    max_page_size = MAX_SIZE

    def get_page_size(self, request: Any) -> int:
        """Return how many the caller wants on a page. Raises `Invalid` for what is no number of 1 or more."""
        wanted = request.query_params.get("page_size", str(DEFAULT_SIZE))
        digits = wanted.lstrip("0")
        if not _NUMBER.match(wanted) or not digits:
            raise Invalid("page_size", "Use a whole number of 1 or more.")
        # By length first: a number of thousands of digits is not worth reading, and Python would refuse to.
        return MAX_SIZE if len(digits) > len(str(MAX_SIZE)) else min(int(digits), MAX_SIZE)


class Cursor(CursorPagination):
    """`?cursor=` and `?page_size=` (at most 100): `{"next", "previous", "results"}`, newest first.

    Ids are UUIDs of version 7, so their order is the order of time, and unique.
    """

    page_size = DEFAULT_SIZE
    page_size_query_param = "page_size"
    max_page_size = MAX_SIZE
    ordering = "-id"

    def get_paginated_response(self, data: Any) -> Response:
        """Return a page and the way to its neighbours."""
        return Response({"next": self.get_next_link(), "previous": self.get_previous_link(), "results": data})
