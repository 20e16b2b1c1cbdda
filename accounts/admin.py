"""People in the admin: found by any name, read, signed out, stopped and started again; never added with a password.

What an action does and records is what the API does: both call the same functions.
"""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from accounts import (
    admin_records,  # noqa: F401 - registers its own page
    people,
    sessions,
)
from accounts.models import Handle, Session, User
from audit.admin import ShortPaginator
from audit.models import Entry
from kit import canonical
from kit.clock import utcnow
from kit.requests import origin_of

SHOWN = 20
EVERYTHING = "*"  # what the permission system calls every permission there is


class ReadOnlyInline(admin.TabularInline):  # type: ignore[type-arg]
    """Rows that are shown and not touched."""

    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.has_perm("accounts.view_user"))


class HandleInline(ReadOnlyInline):
    model = Handle
    fields = ("kind", "canonical", "is_primary", "confirmed_at")
    readonly_fields = fields


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """People, the newest first. Search takes the beginning of an address or user name."""

    list_display = ("email", "username", "full_name", "is_active", "is_staff", "is_superuser", "created_at")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("handles__canonical",)
    search_help_text = "The beginning of an address or user name."
    ordering = ("-created_at",)
    sortable_by = ()
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each would count the whole table
    paginator = ShortPaginator
    actions = ("sign_out", "deactivate", "activate")
    inlines = (HandleInline,)
    fieldsets = (
        (None, {"fields": ("email", "username", "first_name", "last_name", "phone", "locale", "time_zone")}),
        ("State", {"fields": ("is_active", "is_staff", "is_superuser", "created_at")}),
        ("Where she is signed in", {"fields": ("sessions_table",)}),
        ("What happened", {"fields": ("entries_table",)}),
    )
    readonly_fields = (
        *("email", "username", "first_name", "last_name", "phone", "locale", "time_zone"),
        *("is_active", "is_staff", "is_superuser", "created_at", "sessions_table", "entries_table"),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """Search by the beginning of a canonical name, which an index answers."""
        term = canonical.fold(search_term)
        if not term:
            return queryset, False
        found = Handle.objects.filter(canonical__startswith=term).values("user_id")[:1000]
        return queryset.filter(pk__in=found), False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Refuse to filter by the password: the beginning of a hash could be found letter by letter."""
        return not lookup.startswith("password") and super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Offer no button to save where there is nothing to change."""
        shown = {"title": "Person", "show_save": False, "show_save_and_continue": False, "show_close": True}
        return super().render_change_form(request, context | shown, *args, **kwargs)

    @admin.display(description="sessions")
    def sessions_table(self, user: User) -> SafeString:
        """Return the last sessions as a table."""
        rows = Session.objects.filter(user=user)[:SHOWN]
        return render_to_string("accounts/admin_sessions.html", {"sessions": rows, "now": utcnow()})

    @admin.display(description="entries")
    def entries_table(self, user: User) -> SafeString:
        """Return what she did and what was done to her, as the audit log has it."""
        by_her = Entry.objects.filter(actor=user.pk).order_by("-at")[:SHOWN]
        on_her = Entry.objects.filter(target_kind="user", target=str(user.pk)).order_by("-at")[:SHOWN]
        entries = sorted({entry.pk: entry for entry in (*by_her, *on_her)}.values(), key=lambda e: e.at, reverse=True)
        return render_to_string("accounts/admin_entries.html", {"entries": entries[:SHOWN]})

    @admin.action(description="Sign out everywhere", permissions=["change"])
    def sign_out(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """End every session of the chosen people."""
        reason, people_chosen = Session.EndReason.STAFF, self._manageable(request, queryset)
        count = sum(sessions.end_all(user=user, reason=reason, **_doing(request)) for user in people_chosen)
        self.message_user(request, f"{count} sessions ended.", messages.SUCCESS)

    @admin.action(description="Deactivate", permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Stop the chosen accounts at once; nobody stops her own."""
        for user in (user for user in self._manageable(request, queryset) if user != request.user):
            people.deactivate(user=user, **_doing(request))
        self.message_user(request, "The accounts are stopped.", messages.SUCCESS)

    @admin.action(description="Activate", permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let the chosen accounts act again."""
        for user in self._manageable(request, queryset):
            people.activate(user=user, **_doing(request))
        self.message_user(request, "The accounts may act again.", messages.SUCCESS)

    def _manageable(self, request: HttpRequest, queryset: QuerySet[User]) -> list[User]:
        """Return the chosen people without those who hold every permission, unless this member of staff does too."""
        if request.user.has_perm(EVERYTHING):
            return list(queryset)
        chosen = {user: user.has_perm(EVERYTHING) for user in queryset}
        if any(chosen.values()):
            self.message_user(request, "Those who may do everything were left out.", messages.WARNING)
        return [user for user, may_do_everything in chosen.items() if not may_do_everything]


@admin.register(Session)
class SessionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Sessions, the newest first; read-only."""

    list_display = ("user", "door", "device_name", "address", "created_at", "last_seen_at", "ended_at", "end_reason")
    list_filter = ("door", "end_reason")
    list_select_related = ("user",)
    ordering = ("-created_at",)
    sortable_by = ()
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each would count the whole table
    paginator = ShortPaginator
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def _doing(request: Any) -> dict[str, Any]:
    """Return who does something, when and from where, as the domain wants to know it."""
    return {"actor": request.user.pk, "now": utcnow(), "origin": origin_of(request)}
