"""Messages in the admin: to be read with their attempts, never written. What a message says is not shown.

Quick with many rows: a search is an equality on an indexed column, and no page counts the whole table.
"""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from audit.admin import DeclaredFilters, ShortPaginator
from kit import canonical
from notifications.models import Attempt, Message

VIEW = "notifications.view_message"


class _ReadOnly:
    """Nobody writes here by hand; whoever may see messages may see their attempts."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm(VIEW))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(VIEW))


class AttemptInline(_ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """Every attempt, in order."""

    model = Attempt
    fields = ("started_at", "finished_at", "provider", "outcome", "error", "detail", "provider_id")
    readonly_fields = fields
    extra = 0
    can_delete = False


@admin.register(Message)
class MessageAdmin(_ReadOnly, DeclaredFilters, admin.ModelAdmin):  # type: ignore[type-arg]
    """Messages, newest first; search by a recipient's whole address, or the whole id of a message or a caller."""

    list_display = ("created_at", "way", "what", "recipient", "status", "failure")
    list_filter = ("status", "channel", "lane")
    search_fields = ("recipient", "id")
    search_help_text = "The whole address of the first recipient, or the whole id of a message or a caller."
    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each would count the whole table
    paginator = ShortPaginator
    sortable_by = ()
    ordering = ("-id",)
    actions = None
    inlines = (AttemptInline,)
    fields = (
        *("id", "created_at", "channel", "lane", "kind", "category", "to", "subject", "reply_to", "status", "failure"),
        *("due_at", "sent_at", "expires_at", "caller", "reference", "locale", "metadata", "tenant", "fence"),
    )
    readonly_fields = fields

    @admin.display(description="by")
    def way(self, message: Message) -> str:
        """Return the channel and the lane."""
        return f"{message.get_channel_display()}, {message.get_lane_display()}"

    @admin.display(description="kind or category")
    def what(self, message: Message) -> str:
        """Return the kind of a message of ours, else the category that its caller gave."""
        return message.kind or message.category

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """Leave the bodies in the database."""
        return super().get_queryset(request).defer("text", "html")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Message], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        """Narrow by each word, by equality."""
        for word in search_term.split()[:5]:
            queryset = queryset.filter(_matching(word))
        return queryset, False


def _matching(word: str) -> Q:
    try:
        uuid = UUID(word)
    except ValueError:
        return Q(recipient=canonical.fold(word))
    return Q(id=uuid) | Q(caller=uuid)
