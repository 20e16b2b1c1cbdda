"""Addresses that nothing is sent to, in the admin: searched, held back by staff, and let go again for a reason."""

import datetime as dt
from collections import Counter
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from audit.tables import LongTable
from kit import canonical
from kit.clock import utcnow
from kit.errors import Invalid, Refusal
from kit.requests import origin_of
from notifications import suppressions
from notifications.admin import deeds
from notifications.admin.messages import ReasonForm
from notifications.channels import Channel
from notifications.models import Suppression
from notifications.suppressions import Place

LIFT = "notifications.delete_suppression"
# One at a time, and nobody changes what was written.
_ADDING = {"title": "Hold an address back", "show_save_and_continue": False, "show_save_and_add_another": False}


class SuppressionForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form that is valid when the house has held the address back: a refusal is an error beside its field."""

    request: HttpRequest
    channel = forms.ChoiceField(choices=Channel.choices)

    class Meta:
        model = Suppression
        fields = ("channel", "address", "category", "detail")
        labels: ClassVar[dict[str, str]] = {"detail": "Why"}
        help_texts: ClassVar[dict[str, str]] = {
            "address": "The whole address, in the form of its channel.",
            "category": "Only this one. Empty: all that need not arrive.",
            "detail": "In one line. It is shown in the list.",
        }

    def _post_clean(self) -> None:
        """Let the domain judge instead of the model. In the validation, so that its word is beside the field."""
        if self.errors:
            return
        user: Any = self.request.user
        given = dict(self.cleaned_data)
        detail = given.pop("detail")
        try:
            self.instance = suppressions.add(
                place=Place(**given), detail=detail, actor=user.pk, now=utcnow(), origin=origin_of(self.request)
            )
        except Invalid as refusal:
            self.add_error(refusal.field if refusal.field in self.fields else None, refusal.detail)
        except Refusal as refusal:
            self.add_error(None, refusal.detail)


@admin.register(Suppression)
class SuppressionAdmin(LongTable):
    """Who is not written to, the newest first; search by a whole address."""

    form = SuppressionForm
    fields = SuppressionForm.Meta.fields
    list_display = ("whom", "about", "why", "created_at", "until")
    list_display_links = None
    list_filter = ("reason", "channel")
    search_fields = ("address",)
    search_help_text = "A whole address. It finds one of somebody erased, too."
    ordering = ("-id",)
    actions = ("lift",)
    action_form = ReasonForm

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes one: it is lifted, and another made."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave out Django's own page of deletion, which asks for no reason."""
        return False

    def has_lift_permission(self, request: HttpRequest) -> bool:
        """Let those lift who may."""
        return bool(request.user.has_perm(LIFT))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's
        """Return the form class with the request that it is carried out in."""
        made = super().get_form(request, obj, change=change, **kwargs)
        return type(made.__name__, (made,), {"request": request})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Do nothing: the form has done it."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Leave Django's own log empty: the audit log is the record."""

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """Call the page what it does."""
        return super().add_view(request, form_url, {**(extra_context or {}), **_ADDING})

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Suppression], search_term: str
    ) -> tuple[QuerySet[Suppression], bool]:
        """Search by the whole address, which an index answers."""
        term = search_term.strip()
        return (queryset.filter(address__in=suppressions.names_of(canonical.fold(term))) if term else queryset), False

    @admin.action(description="Let them be written to again", permissions=["lift"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Suppression]) -> None:
        """Lift the chosen ones, for the reason that was given."""
        doing, done, refused = deeds.by(request), 0, Counter[str]()
        why = doing.pop("reason")
        for row in queryset:
            try:
                suppressions.lift(suppression=row.pk, why=why, tenant=row.tenant, **doing)
                done += 1
            except Refusal as refusal:
                refused[refusal.detail] += 1
        if done:
            self.message_user(request, f"{done} may be written to again.", messages.SUCCESS)
        for detail, count in refused.items():
            self.message_user(request, f"{count}: {detail}", messages.ERROR)

    @admin.display(description="address")
    def whom(self, row: Suppression) -> SafeString:
        """Return the address, and the channel below it."""
        return format_html('{}<br><span class="under">{}</span>', row.address, Channel(row.channel).label)

    @admin.display(description="holds back")
    def about(self, row: Suppression) -> str:
        """Return the category, or that it is every one: after STOP also what must arrive."""
        everything = "everything" if row.reason == Suppression.Reason.STOPPED else "all that need not arrive"
        return row.category or everything

    @admin.display(description="why")
    def why(self, row: Suppression) -> SafeString:
        """Return the reason, and what was said of it below."""
        said = format_html('<br><span class="under">{}</span>', row.detail) if row.detail else ""
        return format_html("{}{}", row.get_reason_display(), said)

    @admin.display(description="until")
    def until(self, row: Suppression) -> dt.datetime | str:
        """Return when it ends, as the admin writes moments."""
        return row.expires_at or "for good"
