"""Grants in the admin: given to a person or a group, or denied; taken back. Each goes through `roles.grants`."""

from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kit.clock import utcnow
from kit.prefixes import begins
from roles import access_requests, grants
from roles.admin import questions
from roles.admin.inputs import DomainForm, Moment, PersonField
from roles.admin.tables import OPERATOR, SOMEBODY_GONE, Removable, name_in, people_beginning
from roles.models import AccessRequest, Grant, Role

MOST_OFFERED = 30  # roles in the filter; any other is found by the search
_WHAT = {"person": Q(user__isnull=False), "group": Q(group__isnull=False), "denial": Q(denies=True)}


class GrantForm(DomainForm):
    """A form that is valid when the house has given the grant."""

    user = PersonField(required=False)

    class Meta:
        model = Grant
        fields = ("user", "group", "role", "resource", "denies", "expires_at", "reason")
        labels: ClassVar[dict[str, str]] = {
            "group": "Or a group",
            "resource": "Where",
            "denies": "Deny it instead",
            "expires_at": "Until",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "resource": "One thing, as type:id, and what lies below it. Empty: everywhere.",
            "denies": "Takes away all that the role holds, there and below, whatever else gives it.",
            "expires_at": "When it ends by itself, in UTC. Empty: for good.",
            "reason": "Why, in one line. It is shown with the grant.",
        }

    def clean(self) -> dict[str, Any] | None:
        """Have one holder named, and not two."""
        given = super().clean() or self.cleaned_data
        if "user" in given and bool(given["user"]) == bool(given.get("group")):
            self.add_error("user", "Name a person or a group, one of the two.")
        return given

    def carry_out(self, by: dict[str, Any]) -> None:
        """Give the role; one that a second person must agree to is proposed instead."""
        wanted = dict(self.cleaned_data)
        user, group, denies = (wanted.pop(name) for name in ("user", "group", "denies"))
        wanted["role"] = wanted["role"].name
        try:
            self.instance = grants.give(holder=user or group, denies=denies, **wanted, **by).grant
        except grants.ApprovalNeeded:
            self.instance = access_requests.propose(user=user, **wanted, **by).request


class RoleFilter(admin.SimpleListFilter):
    """Filter by a role. Any name is taken; the first few are offered."""

    title = "role"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the first roles by name."""
        return [(name, name) for name in Role.objects.values_list("name", flat=True)[:MOST_OFFERED]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Grant]) -> QuerySet[Grant]:
        """Keep the grants of the chosen role."""
        return queryset.filter(role=self.value()) if self.value() else queryset


class WhatFilter(admin.SimpleListFilter):
    """Filter by who holds a grant, or by whether it denies."""

    title = "kind"
    parameter_name = "what"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer people's, groups' and denials."""
        return [("person", "Given to people"), ("group", "Given to groups"), ("denial", "Denials")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Grant]) -> QuerySet[Grant]:
        """Keep the chosen kind."""
        return queryset.filter(_WHAT.get(self.value() or "", Q()))


@admin.register(Grant)
class GrantAdmin(Removable):
    """Who has which role, where and until when; and who is denied it."""

    form = GrantForm
    list_display = ("holder", "role", "gives", "where", "until", "given_by_whom", "created_at")
    list_filter = (RoleFilter, WhatFilter)
    list_select_related = ("user", "role")
    search_fields = ("user", "resource", "group")
    search_help_text = "The beginning of a person’s address or of a resource, or the whole name of a role or group."
    formfield_overrides = {models.DateTimeField: {"form_class": forms.SplitDateTimeField, "widget": Moment}}

    change_list_template = "roles/admin_grant_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the two questions about grants."""
        asked = {"who": questions.who, "why": questions.why}
        pages = [
            path(f"{name}/", self.admin_site.admin_view(partial(ask, self)), name=f"roles_grant_{name}")
            for name, ask in asked.items()
        ]
        return [*pages, *super().get_urls()]

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Let through a span of ends beside the filters: any other may look through the whole table, or fail."""
        return lookup in {"expires_at__gt", "expires_at__lt"} or super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Grant]:
        """Bring along who gave each, so that a page of them is one statement."""
        rows: QuerySet[Grant] = super().get_queryset(request)
        return rows.annotate(giver=name_in("given_by"))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Search by what an index answers: the beginning of an address or resource, a role or group by name."""
        term = search_term.strip()
        if not term:
            return queryset, False
        found = Q(user__in=people_beginning(term)) | begins("resource", term) | Q(role=term) | Q(group=term)
        return queryset.filter(found), False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Take the person, group and role that a link of ours names."""
        return {name: request.GET[name] for name in ("user", "group", "role") if name in request.GET}

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return GrantForm.Meta.fields
        return ("holder", "role", "gives", "where", "until", "reason", "given_by_whom", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else self.get_fields(request, obj)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """Call the page what it does."""
        return super().add_view(request, form_url, {**(extra_context or {}), "title": "Give a role"})

    def take_back(self, row: Grant, by: dict[str, Any]) -> None:
        """Take the role, or the denial, back."""
        grants.take(holder=row.holder, role=row.role_id, resource=row.resource, denies=row.denies, **by)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Say what has been done: a sensitive role is not given yet, and its request is shown."""
        if not isinstance(obj, AccessRequest):
            return super().response_add(request, obj, post_url_continue)
        messages.warning(request, "Not given yet: a second person must agree. Those who may have been told.")
        page = reverse("admin:roles_accessrequest_change", args=[obj.pk], current_app=self.admin_site.name)
        return HttpResponseRedirect(page)

    @admin.display(description="who")
    def holder(self, grant: Grant) -> SafeString | str:
        """Return the person, or the group with a word that it is one."""
        if grant.user is None:
            return format_html('{}<br><span class="under">group</span>', grant.group_id)
        return str(grant.user)

    @admin.display(description="gives or denies")
    def gives(self, grant: Grant) -> SafeString:
        """Return which of the two."""
        tone, word = ("wrong", "denies") if grant.denies else ("good", "gives")
        return format_html('<span class="badge {}">{}</span>', tone, word)

    @admin.display(description="where")
    def where(self, grant: Grant) -> str:
        """Return the resource."""
        return grant.resource or "everywhere"

    @admin.display(description="until")
    def until(self, grant: Grant) -> str:
        """Return when it ends."""
        if grant.expires_at is None:
            return "for good"
        return f"{grant.expires_at:%Y-%m-%d %H:%M}{'' if grant.expires_at > utcnow() else ' (over)'}"

    @admin.display(description="given by")
    def given_by_whom(self, grant: Grant) -> str:
        """Return who gave it."""
        if grant.given_by is None:
            return OPERATOR
        return getattr(grant, "giver", None) or SOMEBODY_GONE
