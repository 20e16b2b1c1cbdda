"""Roles in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from roles import hierarchy
from roles.admin.tables import Table
from roles.models import Role


@admin.register(Role)
class RoleAdmin(Table):
    """What each role holds; nothing to change."""

    list_display = ("name", "description", "built_in")
    search_fields = ("name", "description")
    fields = ("name", "description", "built_in", "inherited", "held")
    readonly_fields = fields

    @admin.display(description="inherits")
    def inherited(self, role: Role) -> str:
        return ", ".join(role.parents.order_by("inherits").values_list("inherits", flat=True)) or "nothing"

    @admin.display(description="permissions, inherited ones included")
    def held(self, role: Role) -> str:
        return ", ".join(sorted(hierarchy.permissions_of(role.name))) or "none"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
