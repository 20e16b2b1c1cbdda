"""Which resource lies below which, in the admin. Each change is one of `roles.placements`."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from kit.prefixes import begins
from roles import placements
from roles.admin.inputs import DomainForm
from roles.admin.tables import Removable
from roles.models import Placement


class PlacementForm(DomainForm):
    """A form that is valid when the resource lies below the other."""

    class Meta:
        model = Placement
        fields = ("resource", "parent")
        labels: ClassVar[dict[str, str]] = {"resource": "Resource", "parent": "Lies below"}
        help_texts: ClassVar[dict[str, str]] = {
            "resource": "As type:id, such as project:12.",
            "parent": "As type:id, such as org:7. What is given or denied there reaches the resource.",
        }

    def carry_out(self, by: dict[str, Any]) -> None:
        """Put it there."""
        self.instance = placements.place(**self.cleaned_data, **by).placement


@admin.register(Placement)
class PlacementAdmin(Removable):
    """Resources and what they lie below, as clients have said it, the newest first."""

    form = PlacementForm
    fields = PlacementForm.Meta.fields
    list_display = ("resource", "parent", "created_at")
    search_fields = ("resource",)
    search_help_text = "The beginning of a resource, or the whole of one that others lie below."

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Search by what an index answers."""
        term = search_term.strip()
        return (queryset.filter(begins("resource", term) | begins("parent", term)) if term else queryset), False

    def take_back(self, row: Placement, by: dict[str, Any]) -> None:
        """Take the resource from below the other."""
        placements.remove(resource=row.resource, parent=row.parent, **by)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """Call the page what it does."""
        return super().add_view(request, form_url, {**(extra_context or {}), "title": "Put a resource below another"})
