"""What every table of the admin has in common here: rows to read, quick with a million of them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from audit.admin import ShortPaginator
from kit.clock import utcnow
from kit.requests import origin_of


class ReadOnly:
    """Nobody writes rows by hand. What is done to them is done by actions, which call the domain."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LongTable(admin.ModelAdmin):  # type: ignore[type-arg]
    """A list that costs the same however long the table is: no full count, no order but the index's."""

    sortable_by = ()
    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each would count the whole table
    paginator = ShortPaginator


def doing(request: Any) -> dict[str, Any]:
    """Return who does something, when and from where, as the domain wants to know it."""
    return {"actor": request.user, "now": utcnow(), "origin": origin_of(request)}
