"""Requests for roles in the admin: asked by staff for themselves, decided by whoever could give the role."""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kit.clock import utcnow
from roles import access_requests, effective, hierarchy, permissions
from roles.admin.inputs import DomainForm
from roles.admin.tables import SOMEBODY_GONE, Deed, Paged, may, name_in, staff
from roles.models import AccessRequest

State = AccessRequest.State
_TONES = {State.PENDING: "warn", State.APPROVED: "good", State.REFUSED: "wrong"}
_UNITS = ((24 * 60, "day"), (60, "hour"), (1, "minute"))


class AskForm(DomainForm):
    """A form that is valid when the house has taken the request."""

    class Meta:
        model = AccessRequest
        fields = ("role", "resource", "minutes", "reason")
        labels: ClassVar[dict[str, str]] = {"resource": "Where", "minutes": "For how many minutes"}
        help_texts: ClassVar[dict[str, str]] = {
            "role": "Those that anybody may ask for.",
            "resource": "One thing, as type:id, and what lies below it. Empty: everywhere.",
            "minutes": "From the moment that somebody agrees: 60 is an hour, 1440 a day, 43200 the most.",
            "reason": "Why, in one line. Whoever decides reads it.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].queryset = access_requests.requestable()  # type: ignore[attr-defined]
        self.fields["minutes"].required = True

    def carry_out(self, by: dict[str, Any]) -> None:
        """Ask for her who sits there."""
        wanted = {**self.cleaned_data, "role": self.cleaned_data["role"].name, "user": by["actor"]}
        self.instance = access_requests.ask(**wanted, now=by["now"], origin=by["origin"]).request


class StateFilter(admin.SimpleListFilter):
    """Filter by what became of a request."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """Offer every state."""
        return State.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[AccessRequest]) -> QuerySet[AccessRequest]:
        """Keep the chosen state."""
        return queryset.filter(state=self.value()) if self.value() in State.values else queryset


def _approve(row: AccessRequest, form: Mapping[str, str], by: dict[str, Any]) -> str:
    access_requests.approve(request_id=row.pk, answer=form.get("answer", ""), **by)
    return f"Agreed: {row.user} has the role {row.role_id}."


def _refuse(row: AccessRequest, form: Mapping[str, str], by: dict[str, Any]) -> str:
    access_requests.refuse(request_id=row.pk, answer=form.get("answer", ""), **by)
    return "Refused. Who asked is told."


def _withdraw(row: AccessRequest, _form: Mapping[str, str], by: dict[str, Any]) -> str:
    access_requests.withdraw(request_id=row.pk, **by)
    return "The request is withdrawn."


@admin.register(AccessRequest)
class AccessRequestAdmin(Paged):
    """Requests, the newest first: those that the viewer may see, her own among them."""

    form = AskForm
    fields = AskForm.Meta.fields
    list_display = ("user", "role", "where", "length", "asker", "asked_at", "standing")
    list_filter = (StateFilter,)
    list_select_related = ("user", "role")
    template = "roles/admin_request.html"
    deeds: ClassVar[Mapping[str, Deed]] = {"approve": _approve, "refuse": _refuse, "withdraw": _withdraw}

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessRequest]:
        """Return the requests that the viewer may see, with who asked for each and who decided."""
        rows = AccessRequest.objects.annotate(asker=name_in("asked_by"), decider=name_in("decided_by"))
        lists = access_requests.visible(request.user, now=utcnow())
        if len(lists) == 1:
            return rows
        return rows.filter(reduce(or_, (Q(pk__in=each.order_by().values("pk")) for each in lists)))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let every member of staff in: which requests she sees is a matter of the rows."""
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let any member of staff ask."""
        return self.admin_site.has_permission(request)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """Call the page what it does."""
        return super().add_view(request, form_url, {**(extra_context or {}), "title": "Ask for a role"})

    def tell(self, request: HttpRequest, row: AccessRequest) -> dict[str, Any]:
        """Return what is asked for, and what the viewer may do about it."""
        viewer, now = staff(request), utcnow()
        waits = row.state == State.PENDING and row.lapses_at > now
        is_party = viewer.pk in {row.user_id, row.asked_by}
        gives_there = effective.allows(viewer, permissions.ADD_GRANT, resource=row.resource, now=now)
        may_see_roles = may(viewer, permissions.VIEW_ROLE)
        return {
            "title": f"{row.role_id} for {row.user}",
            "asked": row,
            "length": self.length(row),
            "standing": self.standing(row),
            "held": sorted(hierarchy.permissions_of(row.role_id)) if gives_there or may_see_roles else None,
            "may_see_roles": may_see_roles,
            "sensitive": sorted(hierarchy.sensitive_in(row.role_id)),
            "may_decide": waits and not is_party and gives_there,
            "may_withdraw": waits and is_party,
            "waits": waits,
        }

    @admin.display(description="where")
    def where(self, row: AccessRequest) -> str:
        """Return the resource."""
        return row.resource or "everywhere"

    @admin.display(description="for how long")
    def length(self, row: AccessRequest) -> str:
        """Return how long the role is to be had."""
        if row.minutes is not None:
            return _span(row.minutes)
        return f"until {row.expires_at:%Y-%m-%d %H:%M}" if row.expires_at else "for good"

    @admin.display(description="asked by")
    def asker(self, row: Any) -> str:
        """Return who asked: she herself, or a colleague."""
        return "herself" if row.asked_by == row.user_id else row.asker or SOMEBODY_GONE

    @admin.display(description="state")
    def standing(self, row: AccessRequest) -> SafeString:
        """Return what became of it."""
        state = State(row.state)
        return format_html('<span class="badge {}">{}</span>', _TONES.get(state, "plain"), state.label)


def _span(minutes: int) -> str:
    """Return a number of minutes as people say it."""
    size, noun = next((size, noun) for size, noun in _UNITS if minutes % size == 0)
    number = minutes // size
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
