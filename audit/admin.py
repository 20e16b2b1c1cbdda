"""The log in the admin: to be read and searched, never written.

It stays quick with many rows: each word of a search is an equality on an indexed column, and no page counts
the whole table.
"""

import datetime as dt
from contextlib import suppress
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

from audit import vocabulary
from audit.models import Entry, Personal

MOST_COUNTED = 5_000
_HOW = frozenset({"", "exact", "isnull", "gte", "lt"})  # what the filters of Django's that are used here ask
DOTS_OF_AN_ACTION = 2  # app, noun, participle


class ShortPaginator(Paginator):  # type: ignore[type-arg]
    """A paginator that counts at most 5,000 rows: whoever looks further back narrows the search."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows, or 5,000 when there are more."""
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return rows.order_by()[:MOST_COUNTED].count()
        return len(rows)


class DeclaredFilters:
    """A list that is filtered by what it offers and by nothing else.

    Django lets any lookup of any column through: patterns that look through the whole table, and values that fail.
    """

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Let through what the links of `list_filter` ask."""
        offered = (one[0] if isinstance(one, tuple) else one for one in self.list_filter)  # type: ignore[attr-defined]
        names = {one if isinstance(one, str) else one.parameter_name for one in offered}
        name, _, how = lookup.partition("__")
        return name in names and how in _HOW


class ForViewers:
    """A list for those who hold the permission to see it, and nobody else.

    Django also shows it to whoever may change it: that is a name which nobody declares, so that a wildcard would give
    it although to see is denied.
    """

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask for the permission to see."""
        opts: Any = self.opts  # type: ignore[attr-defined]
        return bool(request.user.has_perm(f"{opts.app_label}.{get_permission_codename('view', opts)}"))

    def has_view_or_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)


class ActionFilter(admin.SimpleListFilter):
    """Filter by a declared event type: the names come from the vocabulary, not from a DISTINCT over the table."""

    title = "action"
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer every declared event type by its name."""
        return [(event.name, event.name) for event in vocabulary.list_declared()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        """Keep the entries of the chosen action."""
        event = vocabulary.find(self.value() or "")
        return queryset.filter(action=event.name) if event else queryset


class ImpersonationFilter(admin.SimpleListFilter):
    """Filter by whether somebody acted for the actor."""

    title = "acting for another"
    parameter_name = "acting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer those entries; without a choice all are there."""
        return [("yes", "Acting for another person")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        """Keep what somebody did for another person."""
        return queryset.exclude(impersonator=None) if self.value() == "yes" else queryset


@admin.register(Entry)
class EntryAdmin(ForViewers, DeclaredFilters, admin.ModelAdmin):  # type: ignore[type-arg]
    """Entries, newest first; search by action, actor, target or entry id, filter by time."""

    list_display = ("at", "action", "outcome", "by", "about", "address")
    list_filter = (("at", admin.DateFieldListFilter), "outcome", ActionFilter, ImpersonationFilter)
    search_fields = ("action", "actor", "target", "id")
    search_help_text = "An action, a day such as 2026-11-20, or the whole id of an actor, a target or an entry."
    list_select_related = ("personal",)
    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each would count the whole table
    paginator = ShortPaginator
    sortable_by = ()
    ordering = ("-at", "-id")
    actions = None
    fields = (
        *("id", "at", "action", "meaning", "outcome", "actor_kind", "actor", "impersonator"),
        *("target_kind", "target", "details", "address", "agent", "name"),
        *("request_id", "tenant", "position", "commitment"),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Entry], search_term: str
    ) -> tuple[QuerySet[Entry], bool]:
        """Narrow by each word of the search; a day is one in UTC."""
        for word in search_term.split()[:5]:
            queryset = queryset.filter(_matching(word))
        return queryset, False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody writes an entry by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        """Nobody changes an entry."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        """Nobody deletes an entry."""
        return False

    @admin.display(description="meaning")
    def meaning(self, entry: Entry) -> str:
        """Return what the event type says it means."""
        event = vocabulary.find(entry.action)
        return event.meaning if event else ""

    @admin.display(description="by")
    def by(self, entry: Entry) -> SafeString | str:
        """Return who did it: the kind, with the id under it, and with the id of who acted for her."""
        kind = entry.get_actor_kind_display()
        if entry.impersonator is None:
            return _kind_and_id(kind, entry.actor)
        return _kind_and_id(f"{kind}, by {entry.impersonator} acting for", entry.actor)

    @admin.display(description="about")
    def about(self, entry: Entry) -> SafeString | str:
        """Return what it was done to: the kind, with the id under it."""
        return _kind_and_id(entry.target_kind, entry.target)

    @admin.display(description="address")
    def address(self, entry: Entry) -> str:
        """Return the network address, unless it was erased."""
        return _personal(entry).address

    @admin.display(description="agent")
    def agent(self, entry: Entry) -> str:
        """Return the user agent, unless it was erased."""
        return _personal(entry).agent

    @admin.display(description="name")
    def name(self, entry: Entry) -> str:
        """Return the name that was tried, unless it was erased."""
        return _personal(entry).name

    @admin.display(description="sealed at position")
    def position(self, entry: Entry) -> str:
        """Return the entry's place in the chain."""
        seal = getattr(entry, "seal", None)
        return str(seal.position) if seal else "waits for its seal"


def _kind_and_id(kind: str, known_by: UUID | str | None) -> SafeString | str:
    return format_html('{}<br><span class="under">{}</span>', kind, known_by) if known_by else kind


def _personal(entry: Entry) -> Personal:
    return getattr(entry, "personal", None) or Personal()


def _matching(word: str) -> Q:
    """Return the one equality (or day) that a word of the search stands for: an index answers it, in order."""
    with suppress(ValueError, OverflowError):
        return _on_day(word)
    with suppress(ValueError):
        return _about(UUID(word))
    return Q(action=word) if word.count(".") == DOTS_OF_AN_ACTION else Q(target=word)


def _on_day(word: str) -> Q:
    day = dt.datetime.strptime(word, "%Y-%m-%d").replace(tzinfo=dt.UTC)
    return Q(at__gte=day, at__lt=day + dt.timedelta(days=1))


def _about(uuid: UUID) -> Q:
    """Ask first where the id occurs at all: an OR over columns would be sorted whole, an equality comes in order."""
    places = (Q(actor=uuid), Q(impersonator=uuid), Q(target=str(uuid)), Q(id=uuid))
    occurring = [place for place in places if Entry.objects.filter(place).exists()]
    return reduce(or_, occurring) if occurring else Q(pk__in=())
