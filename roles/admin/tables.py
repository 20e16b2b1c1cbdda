"""What the lists of this app's admin have in common: an index answers them, and nothing is written past the domain."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from audit.admin import DeclaredFilters, ForViewers, ShortPaginator
from kit import canonical
from kit.clock import utcnow
from kit.errors import Refusal
from kit.prefixes import begins
from kit.requests import origin_of
from roles import effective

MOST_MATCHES = 1000  # people whose address begins with what was searched for
SOMEBODY_GONE = "somebody who is gone"
OPERATOR = "the operator"

Deed = Callable[[Any, Mapping[str, str], dict[str, Any]], str]


class Table(ForViewers, DeclaredFilters, admin.ModelAdmin):  # type: ignore[type-arg]
    """A list that costs the same however long it is. Nothing is written but by the domain, which keeps the record."""

    list_per_page = 50
    list_max_show_all = 50
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    paginator = ShortPaginator
    actions = None

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's
        """Return the form class with the request that it is carried out in."""
        made = super().get_form(request, obj, change=change, **kwargs)
        form: Any = type(made.__name__, (made,), {"request": request})
        for field in form.base_fields.values():
            if isinstance(field.widget, RelatedFieldWidgetWrapper):  # its icons open windows that show no page of ours
                field.widget = field.widget.widget
        return form

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the row that an address names; none of ours has a name with a NUL, which PostgreSQL fails on."""
        return super().get_object(request, object_id, from_field) if object_id.isprintable() else None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Do nothing: the form has done it."""

    def address_of(self, page: str, row: Any = None) -> str:
        """Return where a page of this list is, or of one of its rows."""
        given = [] if row is None else [quote(row.pk)]
        return reverse(f"admin:roles_{self.opts.model_name}_{page}", args=given, current_app=self.admin_site.name)

    def page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        """Answer a page of our own in the frame of the admin."""
        request.current_app = self.admin_site.name
        return render(request, template, {**self.admin_site.each_context(request), "opts": self.opts, **context})

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        return None


class Removable(Table):
    """A list whose rows are taken back one at a time, after Django's own page has asked whether that is meant."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask those alone who may see the row: the question says what it is."""
        return super().has_delete_permission(request, obj) and self.has_view_permission(request, obj)

    def take_back(self, row: Any, by: dict[str, Any]) -> None:
        """Do it. Raises `Refusal`."""
        raise NotImplementedError

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Take the row back. A refusal becomes a message and not an error, so that its entry is committed."""
        try:
            self.take_back(obj, doing(request))
        except Refusal as refusal:
            messages.error(request, refusal.detail)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        """Say that the row is gone, if it is: a refused one is still there, and its reason is on the page."""
        if self.model._default_manager.filter(pk=obj_id).exists():
            return HttpResponseRedirect(self.address_of("changelist"))
        return super().response_delete(request, obj_display, obj_id)


class Paged(Table):
    """A list whose rows have a page of our own each, and on it forms that do something to the row.

    `template` is the page; a deed takes the row, the form and who acts, and returns what to say of it.
    """

    template: ClassVar[str]
    deeds: ClassVar[Mapping[str, Deed]] = {}

    def get_urls(self) -> list[URLPattern]:
        """Add what the forms of a page are sent to."""
        view, name = self.admin_site.admin_view(self.do), f"roles_{self.opts.model_name}_do"
        return [path("<path:object_id>/do/<slug:deed>/", view, name=name), *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave out Django's own page of deletion: it would delete past the domain."""
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the page of a row."""
        row = self.find(request, object_id)
        return self.page(request, self.template, {"title": str(row), "original": row, **self.tell(request, row)})

    def tell(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Return what the page of a row shows: its template's context."""
        raise NotImplementedError

    def do(self, request: HttpRequest, object_id: str, deed: str) -> HttpResponse:
        """Do what a form of a row's page says, and go back to it with a word of how it went."""
        row, known = self.find(request, object_id), self.deeds.get(deed)
        if request.method != "POST" or known is None:
            raise Http404
        try:
            messages.success(request, known(row, request.POST.dict(), doing(request)))
        except Refusal as refusal:
            messages.error(request, refusal.detail)
        if self.get_object(request, unquote(object_id)) is None:
            return HttpResponseRedirect(self.address_of("changelist"))
        return HttpResponseRedirect(self.address_of("change", row))

    def find(self, request: HttpRequest, object_id: str) -> Any:
        """Return the row that an address names, to those who may see it."""
        row = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if row is None:
            raise Http404
        return row


def people_beginning(term: str) -> list[Any]:
    """Return the ids of people whose address begins with a text, as an index finds them; at most 1,000."""
    people = get_user_model()._default_manager.filter(begins(get_user_model().USERNAME_FIELD, canonical.fold(term)))
    return list(people.values_list("pk", flat=True)[:MOST_MATCHES])


def name_in(column: str) -> Subquery:
    """Return the expression for what the person is called whose id is in a column; NULL for one who is gone."""
    people = get_user_model()._base_manager.filter(pk=OuterRef(column))
    return Subquery(people.values(get_user_model().USERNAME_FIELD))


def doing(request: HttpRequest) -> dict[str, Any]:
    """Return who does something, when and from where, as the domain wants to know it."""
    return {"actor": staff(request), "now": utcnow(), "origin": origin_of(request)}


def staff(request: HttpRequest) -> AbstractBaseUser:
    """Return who uses the admin; its site has seen to it that somebody is signed in."""
    return cast("AbstractBaseUser", request.user)


def may(viewer: AbstractBaseUser, permission: str) -> bool:
    """Tell whether somebody may do something everywhere, as her own page asks it."""
    return effective.allows(viewer, permission, now=utcnow())
