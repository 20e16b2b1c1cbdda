"""Filters of the feed that no index answers: they look among the newest messages, so that none reads the whole table.

Together with a search, which an index answers, they look at all that it finds.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from notifications import kinds
from notifications.channels import Channel
from notifications.lanes import Lane
from notifications.models import Attempt, Message
from notifications.providers import registry
from notifications.timeline import FAILURES

NEWEST = 20_000


class AmongTheNewest(admin.SimpleListFilter):
    """A filter by the value of a column, among the newest messages."""

    column: ClassVar[str]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        """Keep the messages of the chosen value."""
        chosen = self.value()
        if chosen is None or chosen not in dict(self.lookup_choices):
            return queryset
        return self.narrow(queryset if request.GET.get("q", "").strip() else _newest(queryset), chosen)

    def narrow(self, rows: QuerySet[Message], chosen: str) -> QuerySet[Message]:
        """Keep those of some messages that have the chosen value."""
        return rows.filter(**{self.column: chosen})


class ChannelFilter(AmongTheNewest):
    """By the channel."""

    title = parameter_name = column = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer every channel."""
        return [(channel.value, channel.label) for channel in Channel]


class LaneFilter(AmongTheNewest):
    """By how pressing it is."""

    title = parameter_name = column = "lane"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer every lane."""
        return [(str(lane.value), lane.label) for lane in Lane]


class KindFilter(AmongTheNewest):
    """By what the house sends it for."""

    title = parameter_name = column = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer every declared kind."""
        return [(kind.name, kind.name) for kind in kinds.list_declared()]


class FailureFilter(AmongTheNewest):
    """By why it was not sent. Of messages that failed or were held back, which an index finds."""

    title = parameter_name = column = "failure"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the reasons that are the house's own words."""
        return [(word, word) for word in sorted(FAILURES)]

    def narrow(self, rows: QuerySet[Message], chosen: str) -> QuerySet[Message]:
        """Keep those of some messages that ended for this reason."""
        ended = (Message.Status.FAILED, Message.Status.SUPPRESSED)
        return rows.filter(failure=chosen, status__in=ended)


class ProviderFilter(AmongTheNewest):
    """By the provider of an attempt."""

    title = parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the providers in use."""
        return [(name, name) for name in provider_names()]

    def narrow(self, rows: QuerySet[Message], chosen: str) -> QuerySet[Message]:
        """Keep those of some messages that this provider was asked to carry."""
        return rows.filter(
            pk__in=Attempt.objects.filter(provider=chosen, message__in=rows.values("pk")).values("message")
        )


def provider_names() -> list[str]:
    """Return the names of the providers in use."""
    return sorted({provider.name for provider in registry.list_used()})


def _newest(rows: QuerySet[Message]) -> QuerySet[Message]:
    """Return the newest of some messages. What was filtered before stays so."""
    return rows.filter(pk__in=Message.objects.order_by("-id").values("pk")[:NEWEST])
