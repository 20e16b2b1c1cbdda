"""Messages in the admin: a feed to find them in, the life of each, and what staff may do: never what a message says.

Quick with many rows: a search is an equality on an indexed column, a filter that no index answers looks among the
newest, and no page counts the whole table.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from audit.tables import LongTable, ReadOnly
from kit import canonical
from kit.clock import utcnow
from kit.errors import Refusal
from notifications import timeline
from notifications.admin import charts, deeds, filters
from notifications.models import Attempt, Message

SEE_SUPPRESSIONS = "notifications.view_suppression"


class ReasonForm(ActionForm):
    """The bar of actions, with the reason that the log is told."""

    reason = forms.CharField(
        required=False,
        max_length=deeds.MAX_REASON,
        label="Why",
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "Why? The log is told"}),
    )


@admin.register(Message)
class MessageAdmin(ReadOnly, LongTable):
    """Messages, newest first."""

    list_display = ("created_at", "recipient", "way", "what", "state")
    list_filter = (
        "status",
        filters.ChannelFilter,
        filters.ProviderFilter,
        filters.LaneFilter,
        filters.FailureFilter,
        filters.KindFilter,
    )
    search_fields = ("recipient", "id")
    search_help_text = (
        "A whole address or number, the id of a message, caller or person, a template, or a provider's own id. "
        f"Channel, provider, lane, failure and kind are looked for among the newest {filters.NEWEST:,} alone."
    )
    ordering = ("-id",)
    actions = ("cancel", "resend", "retry")
    action_form = ReasonForm
    change_list_template = "notifications/admin_feed.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the buttons of a message's page, and the page of charts."""
        view = self.admin_site.admin_view
        return [
            path("<uuid:pk>/do/<slug:action>/", view(self.do), name="notifications_message_do"),
            path("charts/", view(self.charts), name="notifications_message_charts"),
            *super().get_urls(),
        ]

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Let those act who may change any message."""
        return bool(request.user.has_perm(deeds.PERMISSION))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """Leave what messages say in the database."""
        return super().get_queryset(request).defer("text", "html", "data")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Message], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        """Narrow by each word, by equality."""
        for word in search_term.split()[:5]:
            queryset = queryset.filter(_matching(word))
        return queryset, False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the life of one message, and what may be done to it now."""
        message = self.get_object(request, object_id)
        if request.method == "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        if message is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": message,
            "title": str(message),
            "message": message,
            "tone": timeline.tone_of(message.status),
            "why": timeline.in_words(message.failure),
            "held_back": timeline.suppression_of(message) if request.user.has_perm(SEE_SUPPRESSIONS) else "",
            "lines": timeline.of(message),
            "files": message.attachments.order_by("position").values("filename", "size"),
            "deeds": deeds.offered(message) if self.has_act_permission(request) else {},
        }
        request.current_app = self.admin_site.name
        return render(request, "notifications/admin_message.html", context)

    def do(self, request: HttpRequest, pk: UUID, action: str) -> HttpResponse:
        """Do what a button of a message's page says, and go back to a page with a word of how it went."""
        message, deed = Message.objects.filter(pk=pk).first(), deeds.DEEDS.get(action)
        allowed = self.has_view_permission(request) and self.has_act_permission(request)
        if request.method != "POST" or message is None or deed is None or not allowed:
            raise Http404
        try:
            message = deed.do(message, deeds.by(request))
            self.message_user(request, deed.done, messages.SUCCESS)
        except Refusal as refusal:
            self.message_user(request, refusal.detail, messages.ERROR)
        return HttpResponseRedirect(
            reverse("admin:notifications_message_change", args=[message.pk], current_app=self.admin_site.name)
        )

    def charts(self, request: HttpRequest) -> HttpResponse:
        """Show what went out in the last days, by provider, how long it took and why it failed."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "opts": self.opts, **charts.gather(now=utcnow())}
        request.current_app = self.admin_site.name
        return render(request, "notifications/admin_charts.html", context)

    @admin.display(description="by")
    def way(self, message: Message) -> str:
        """Return the channel and the lane."""
        return f"{message.get_channel_display()}, {message.get_lane_display()}"

    @admin.display(description="what")
    def what(self, message: Message) -> str:
        """Return the kind of a message of ours, else the template or category that its caller gave."""
        return message.kind or message.template or message.category

    @admin.display(description="state")
    def state(self, message: Message) -> SafeString:
        """Return the state in its colour, with why it ended so."""
        badge = format_html(
            '<span class="badge {}">{}</span>', timeline.tone_of(message.status), message.get_status_display()
        )
        why = timeline.in_words(message.failure)
        return format_html('{}<br><span class="under">{}</span>', badge, why) if why else badge

    @admin.action(description="Cancel", permissions=["act"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        """Call back those of the chosen that nobody has begun to send."""
        self._each(request, queryset, deeds.cancel, "cancelled")

    @admin.action(description="Send once more", permissions=["act"])
    def resend(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        """Accept the chosen once more."""
        self._each(request, queryset, deeds.resend, "accepted once more")

    @admin.action(description="Try again what has failed", permissions=["act"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        """Put those of the chosen that have failed back into the queue."""
        self._each(request, queryset, deeds.retry, "queued again")

    def _each(
        self, request: HttpRequest, queryset: QuerySet[Message], do: Callable[..., Message], participle: str
    ) -> None:
        """Do one thing to each of the chosen, and say for how many it was done and why not for the others."""
        done, refused = deeds.each(queryset.defer(None), do, deeds.by(request))
        if done:
            told = f"{done} {'message' if done == 1 else 'messages'} {participle}."
            self.message_user(request, told, messages.SUCCESS)
        for why, count in refused.items():
            self.message_user(request, f"{count} not: {why}", messages.ERROR)


def _matching(word: str) -> Q:
    """Return the one equality that a word stands for: asked first where it occurs, so that one index answers."""
    try:
        uuid = UUID(word)
    except ValueError:
        places = [Q(recipient=canonical.fold(word)), Q(template=word)]
    else:
        places = [Q(id=uuid), Q(caller=uuid), Q(person=uuid), Q(batch=uuid)]
    for place in places:
        if Message.objects.filter(place).exists():
            return place
    names = Attempt.objects.filter(provider__in=filters.provider_names(), provider_id=word)
    return Q(pk__in=names.values("message"))
