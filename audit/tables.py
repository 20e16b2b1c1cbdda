"""What every table of the admin has in common here: rows to read, quick with a million of them."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from audit.admin import DeclaredFilters, ForViewers, ShortPaginator
from kit.clock import utcnow
from kit.requests import origin_of


class ReadOnly:
    """Nobody writes rows by hand. What is done to them is done by actions, which call the domain."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds a row by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes one."""
        return False


MOST_AT_ONCE = 200  # rows of one action: each is looked at, changed and recorded by itself


class LongTable(ForViewers, DeclaredFilters, admin.ModelAdmin):  # type: ignore[type-arg]
    """A list that costs the same however long the table is: no full count, no order but the index's."""

    sortable_by = ()
    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each would count the whole table
    paginator = ShortPaginator

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:  # type: ignore[override]
        """Do an action to rows that are named as rows are, and to no more of them than one request can take."""
        key = self.opts.pk
        try:
            # nosemgrep: payload-past-the-serializer - the rows that Django's own list of the admin sends
            for chosen in request.POST.getlist(ACTION_CHECKBOX_NAME):
                key.to_python(chosen)
        except ValidationError:
            self.message_user(request, "These are no rows of this list. Nothing was changed.", messages.ERROR)
            return None
        # nosemgrep: payload-past-the-serializer - as above
        across = request.POST.get("select_across", "0") != "0"
        if across and len(queryset.values("pk")[: MOST_AT_ONCE + 1]) > MOST_AT_ONCE:
            told = f"At most {MOST_AT_ONCE} at once: narrow the list. Nothing was changed."
            self.message_user(request, told, messages.ERROR)
            return None
        return super().response_action(request, queryset)


def doing(request: Any) -> dict[str, Any]:
    """Return who does something, when and from where, as the domain wants to know it."""
    return {"actor": request.user, "now": utcnow(), "origin": origin_of(request)}
