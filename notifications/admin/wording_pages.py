"""What the pages of templates and of the brand share: who may open them, and how they are drawn."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from kit.clock import utcnow
from kit.errors import Refusal
from kit.requests import origin_of
from notifications.admin.previews import shown
from notifications.permissions import CHANGE_TEMPLATE
from notifications.wording.layout import Rendered

View = Callable[..., HttpResponse]


class WordingPages(admin.ModelAdmin):  # type: ignore[type-arg]
    """Pages of our own, for whoever may word messages."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(CHANGE_TEMPLATE))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm(CHANGE_TEMPLATE))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(CHANGE_TEMPLATE))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm(CHANGE_TEMPLATE))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def at(self, route: str, view: View, name: str) -> URLPattern:
        """Return the address of one page."""
        return path(route, self.admin_site.admin_view(view), name=self._named(name))

    def guard(self, request: HttpRequest) -> None:
        """Raise PermissionDenied for whoever may not word messages."""
        if not self.has_view_permission(request):
            raise PermissionDenied

    def page(self, request: HttpRequest, page: str, context: dict[str, Any]) -> HttpResponse:
        """Draw a page."""
        request.current_app = self.admin_site.name
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        return render(request, f"notifications/admin_{page}.html", shared | context)

    def go(self, page: str, *where: Any) -> HttpResponse:
        """Lead to a page."""
        return HttpResponseRedirect(reverse(f"{self.admin_site.name}:{self._named(page)}", args=where))

    def _named(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"


def by(request: HttpRequest) -> dict[str, Any]:
    """Return who changes something, and when."""
    return {"actor": request.user.pk, "now": utcnow(), "origin": origin_of(request)}


def tried(request: HttpRequest, say: Callable[[], Rendered]) -> HttpResponse:
    """Return the document of a preview: what is said, or why that cannot be."""
    try:
        return shown(words=say(), dark="dark" in request.GET or "dark" in request.POST)
    except Refusal as refusal:
        part = getattr(refusal, "field", "")
        return shown(errors=[f"{part}: {refusal.detail}" if part else refusal.detail])
