"""The record of refused sign-ins in the admin: to be read and searched, never written."""

import datetime as dt
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import RefusedSignIn
from accounts.records import address_of
from audit.admin import DeclaredFilters, ShortPaginator
from kit import canonical


@admin.register(RefusedSignIn)
class RefusedSignInAdmin(DeclaredFilters, admin.ModelAdmin):  # type: ignore[type-arg]
    """Refused sign-ins by name, network address and agent, the latest first. Each word of a search is a whole value."""

    list_display = ("at", "name", "address", "door", "tries", "agent")
    list_filter = (("attempt_time", admin.DateFieldListFilter),)
    search_fields = ("username", "ip_address")
    search_help_text = "A whole address or user name, or a network address."
    ordering = ("-attempt_time", "-pk")
    sortable_by = ()
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = ShortPaginator
    actions = None
    fields = ("at", "name", "address", "door", "tries", "agent")
    readonly_fields = fields

    @admin.display(description="last time")
    def at(self, row: RefusedSignIn) -> dt.datetime:
        """Return when it was refused last."""
        moment: dt.datetime = row.attempt_time
        return moment

    @admin.display(description="name that was tried")
    def name(self, row: RefusedSignIn) -> str:
        """Return the address or user name."""
        return str(row.username)

    @admin.display(description="network address")
    def address(self, row: RefusedSignIn) -> str:
        """Return from where."""
        return str(row.ip_address)

    @admin.display(description="tries")
    def tries(self, row: RefusedSignIn) -> int:
        """Return how often."""
        return int(row.failures_since_start)

    @admin.display(description="agent")
    def agent(self, row: RefusedSignIn) -> str:
        """Return what the client calls itself."""
        return str(row.user_agent)

    @admin.display(description="door")
    def door(self, row: RefusedSignIn) -> str:
        """Return where the sign-in was tried."""
        return str(row.path_info)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Find by equality on an indexed column: a name, or a network address."""
        term = search_term.strip()
        if not term:
            return queryset, False
        address = address_of(term)
        found = {"ip_address": address} if address else {"username": canonical.fold(term)}
        return queryset.filter(**found), False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let those see it who may see people."""
        return bool(request.user.has_perm("accounts.view_user"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
