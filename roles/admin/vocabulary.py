"""The permissions in the admin: all that there are, and those of client applications, to be declared and withdrawn."""

from itertools import groupby
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from kit.prefixes import begins
from roles import client_permissions, declarations, vocabulary
from roles.admin.inputs import DomainForm
from roles.admin.tables import OPERATOR, SOMEBODY_GONE, Removable, name_in
from roles.models import Permission


class PermissionForm(DomainForm):
    """A form that is valid when the permission is declared."""

    class Meta:
        model = Permission
        fields = ("name", "description")
        help_texts: ClassVar[dict[str, str]] = {
            "name": "namespace.action, in a namespace of the application’s own, such as letters.send_letter.",
            "description": "What it allows, in one line.",
        }

    def carry_out(self, by: dict[str, Any]) -> None:
        """Declare it."""
        self.instance = client_permissions.declare(**self.cleaned_data, **by).permission


@admin.register(Permission)
class PermissionAdmin(Removable):
    """What clients have declared, by name; what the apps declare is on a page beside it."""

    form = PermissionForm
    list_display = ("name", "description", "declarer", "created_at")
    search_fields = ("name",)
    search_help_text = "The beginning of a name."
    change_list_template = "roles/admin_permissions.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the page of all permissions."""
        view = self.admin_site.admin_view(self.vocabulary)
        return [path("vocabulary/", view, name="roles_permission_vocabulary"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Bring along who declared each."""
        return super().get_queryset(request).annotate(who=name_in("declared_by"))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Search by the beginning of a name, which an index answers."""
        term = search_term.strip()
        return (queryset.filter(begins("name", term)) if term else queryset), False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return PermissionForm.Meta.fields if obj is None else self.list_display

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else self.list_display

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """Call the page what it does."""
        return super().add_view(request, form_url, {**(extra_context or {}), "title": "Declare a permission"})

    def take_back(self, row: Permission, by: dict[str, Any]) -> None:
        """Withdraw it."""
        client_permissions.withdraw(name=row.name, **by)

    def vocabulary(self, request: HttpRequest) -> HttpResponse:
        """Show every permission that there is, by namespace."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        names = sorted(declarations.read().names.items())
        spaces = [
            (space, list(found)) for space, found in groupby(names, lambda each: vocabulary.namespace_of(each[0]))
        ]
        return self.page(request, "roles/admin_vocabulary.html", {"title": "All permissions", "spaces": spaces})

    @admin.display(description="declared by")
    def declarer(self, row: Any) -> str:
        """Return who declared it."""
        return OPERATOR if row.declared_by is None else row.who or SOMEBODY_GONE
