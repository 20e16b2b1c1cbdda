"""Roles to read, grants to give and take back. Every change goes through `roles.grants`, with its guards and entry.

Django's own log of the admin is left empty here: the audit log is the record, and there is one truth.
"""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminSplitDateTime
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from audit.admin import ShortPaginator
from kit import canonical
from kit.clock import utcnow
from kit.errors import Invalid, Refusal
from kit.prefixes import begins
from kit.requests import origin_of
from roles import grants, hierarchy
from roles.models import Grant, Role

MOST_MATCHES = 1000  # people whose address begins with what was searched for


@admin.register(Role)
class RoleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
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

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Moment(AdminSplitDateTime):
    """The admin's date and time, each with a name that a screen reader says: its own label is only beside them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for widget, name in zip(self.widgets, ("Date", "Time"), strict=True):
            widget.attrs["aria-label"] = name


class GrantForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form that is valid when the house has given the grant: a refusal is an error beside its field.

    Giving in the validation keeps the entry of a refusal, since the page is then answered and not rolled back.
    """

    request: HttpRequest

    class Meta:
        model = Grant
        fields = ("user", "role", "resource", "expires_at", "reason")

    def _post_clean(self) -> None:
        """Give the grant instead of validating the model: its rules are those of `grants.give`."""
        if self.errors:
            return
        wanted = {**self.cleaned_data, "role": self.cleaned_data["role"].name, "holder": self.cleaned_data["user"]}
        del wanted["user"]
        try:
            given = grants.give(**wanted, actor=_staff(self.request), now=utcnow(), origin=origin_of(self.request))
        except Invalid as refusal:
            self.add_error(refusal.field, refusal.detail)
        except Refusal as refusal:
            self.add_error(None, refusal.detail)
        else:
            self.instance = given.grant


@admin.register(Grant)
class GrantAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who has which role, where and until when."""

    form = GrantForm
    list_display = ("user", "role", "resource", "expires_at", "given_by", "created_at")
    list_filter = ("role",)
    list_select_related = ("user", "role")
    search_fields = ("user", "resource")
    search_help_text = "The beginning of a person’s address, or of a resource."
    paginator = ShortPaginator
    raw_id_fields = ("user",)
    formfield_overrides = {models.DateTimeField: {"form_class": forms.SplitDateTimeField, "widget": Moment}}
    actions = None
    show_full_result_count = False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Let through what the filter asks, and a span of ends: any other may look through the whole table, or fail."""
        return lookup in {"role__name__exact", "role__isnull", "expires_at__gt", "expires_at__lt"}

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Search by the beginning of a person's address or of a resource, each of which an index answers."""
        term = search_term.strip()
        if not term:
            return queryset, False
        people = get_user_model()._default_manager.filter(begins(get_user_model().USERNAME_FIELD, canonical.fold(term)))
        found = Q(user__in=list(people.values_list("pk", flat=True)[:MOST_MATCHES]))
        return queryset.filter(found | begins("resource", term)), False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's
        """Return the form class with the request that a grant is given in."""
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"request": request})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = GrantForm.Meta.fields
        return shown if obj is None else (*shown, "given_by", "created_at")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Grant, form: Any, change: Any) -> None:
        """Do nothing: the form has given the grant."""

    def delete_model(self, request: HttpRequest, obj: Grant) -> None:
        """Take the grant back. A refusal becomes a message and not an error, so that its entry is committed."""
        try:
            grants.take(
                holder=obj.holder,
                role=obj.role_id,
                resource=obj.resource,
                denies=obj.denies,
                actor=_staff(request),
                now=utcnow(),
                origin=origin_of(request),
            )
        except Refusal as refusal:
            messages.error(request, refusal.detail)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        """Say that the grant is gone, if it is: a refused one is still there, and its reason is on the page."""
        if Grant.objects.filter(pk=obj_id).exists():
            return HttpResponseRedirect(reverse("admin:roles_grant_changelist", current_app=self.admin_site.name))
        return super().response_delete(request, obj_display, obj_id)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        return None


def _staff(request: HttpRequest) -> AbstractBaseUser:
    """Return who uses the admin; its site has seen to it that somebody is signed in."""
    return cast("AbstractBaseUser", request.user)
