"""Roles in the admin: what each holds and why, who has it, and the picture of who inherits from whom."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from kit.clock import utcnow
from kit.prefixes import begins
from roles import declarations, editing, permissions
from roles.admin import kinship, role_changes
from roles.admin.tables import Deed, Paged, may, staff
from roles.builtin import MEMBER
from roles.models import Grant, Role

MOST_HOLDERS = 20


def _delete(role: Role, _form: Mapping[str, str], by: dict[str, Any]) -> str:
    editing.delete(role=role.name, **by)
    return f"The role {role.name} is deleted."


@admin.register(Role)
class RoleAdmin(Paged):
    """Roles by name; a page of our own for each."""

    list_display = ("name", "description", "built_in", "sensitive", "requestable")
    list_filter = ("built_in", "sensitive", "requestable")
    search_fields = ("name",)
    search_help_text = "The beginning of a role’s name."
    change_list_template = "roles/admin_roles.html"
    template = "roles/admin_role.html"
    deeds: ClassVar[Mapping[str, Deed]] = {"delete": _delete}

    def get_urls(self) -> list[URLPattern]:
        """Add the picture of all roles, and the form of each."""
        wrap = self.admin_site.admin_view
        pages = [
            path("hierarchy/", wrap(self.hierarchy), name="roles_role_hierarchy"),
            path("<path:object_id>/edit/", wrap(self.edit), name="roles_role_edit"),
        ]
        return [*pages, *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Role], search_term: str
    ) -> tuple[QuerySet[Role], bool]:
        """Search by the beginning of a name, which an index answers."""
        term = search_term.strip()
        return (queryset.filter(begins("name", term)) if term else queryset), False

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Show the form of a new role, or make it."""
        return role_changes.make(self, request)

    def edit(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Change a role, after a page that says who gains or loses what."""
        return role_changes.change(self, request, self.find(request, object_id))

    def tell(self, request: HttpRequest, row: Role) -> dict[str, Any]:
        """Return what a role holds, where that comes from, and who has it."""
        viewer = staff(request)
        is_everybodys = row.name == MEMBER
        return {
            "role": row,
            "held": _held(row),
            "family": kinship.near(row.name),
            "everybodys": is_everybodys,
            "grants": _grants(row) if may(viewer, permissions.VIEW_GRANT) else None,
            "may_change": may(viewer, permissions.CHANGE_ROLE) and not is_everybodys,
            "may_delete": may(viewer, permissions.DELETE_ROLE) and not row.built_in,
            "may_give": may(viewer, permissions.ADD_GRANT) and not is_everybodys,
            "now": utcnow(),
        }

    def hierarchy(self, request: HttpRequest) -> HttpResponse:
        """Show which roles inherit from which."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        loners = kinship.loners()
        context = {
            "title": "Hierarchy of roles",
            "family": kinship.at_large(),
            "loners": loners[: kinship.MOST_LINKS],
            "are_more": len(loners) > kinship.MOST_LINKS,
        }
        return self.page(request, "roles/admin_hierarchy.html", context)


def _held(role: Role) -> list[dict[str, Any]]:
    """Return what a role holds: the name, what it allows, and the roles that it comes from, the role itself first."""
    known = declarations.read().names
    return [
        {"name": name, "allows": known.get(name, ""), "own": role.name in found, "through": _others(found, role)}
        for name, found in kinship.sources(role.name).items()
    ]


def _others(names: list[str], role: Role) -> list[str]:
    return [name for name in names if name != role.name]


def _grants(role: Role) -> list[Grant]:
    """Return the newest grants of the role and of those that inherit it: who has it comes by any of them."""
    rows = Grant.objects.filter(role__in=kinship.inheritors(role.name)).select_related("user")
    return list(rows[: MOST_HOLDERS + 1])
