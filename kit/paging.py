"""Two ways to cut a list: numbered pages for small ones, cursors for those that grow without bound.

A cursor costs the same at the millionth row as at the first, and counts nothing.
"""

from typing import Any

from rest_framework.pagination import CursorPagination, PageNumberPagination
from rest_framework.response import Response

DEFAULT_SIZE = 20
MAX_SIZE = 100


class NumberedPages(PageNumberPagination):
    """`?page=` and `?page_size=` (at most 100): `{"count", "next", "previous", "results"}`."""

    page_size = DEFAULT_SIZE
    page_size_query_param = "page_size"
    max_page_size = MAX_SIZE


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
