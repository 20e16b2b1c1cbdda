"""Groups in the admin: what each was given and denied, and who is in it. Every deed is one of `roles.groups`."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from kit.clock import utcnow
from kit.prefixes import begins
from roles import groups, guards, people, permissions
from roles.admin.inputs import DomainForm, person_named
from roles.admin.tables import Deed, Paged, may, name_in, people_beginning, staff
from roles.models import Grant, Group, Membership

MOST_MEMBERS = 50
MOST_GRANTS = 100


class GroupForm(DomainForm):
    """A form that is valid when the house has made the group."""

    class Meta:
        model = Group
        fields = ("name", "description")
        help_texts: ClassVar[dict[str, str]] = {
            "name": "Small letters, digits, - and _. It stays as it is.",
            "description": "What the group is for, in one line.",
        }

    def carry_out(self, by: dict[str, Any]) -> None:
        """Make the group."""
        self.instance = groups.create(**self.cleaned_data, **by)


def _describe(group: Group, form: Mapping[str, str], by: dict[str, Any]) -> str:
    groups.describe(name=group.name, description=form.get("description", ""), **by)
    return "The description is changed."


def _join(group: Group, form: Mapping[str, str], by: dict[str, Any]) -> str:
    person = _person(form, by, permissions.ADD_MEMBERSHIP)
    joined = groups.join(name=group.name, user=person, **by)
    return f"{person} is in the group." if joined.created else f"{person} was in the group already."


def _leave(group: Group, form: Mapping[str, str], by: dict[str, Any]) -> str:
    person = _person(form, by, permissions.DELETE_MEMBERSHIP)
    groups.leave(name=group.name, user=person, **by)
    return f"{person} is no longer in the group."


def _delete(group: Group, _form: Mapping[str, str], by: dict[str, Any]) -> str:
    groups.delete(name=group.name, **by)
    return f"The group {group.name} is deleted."


@admin.register(Group)
class GroupAdmin(Paged):
    """Groups by name; a page of our own for each."""

    form = GroupForm
    fields = GroupForm.Meta.fields
    list_display = ("name", "description", "members", "created_at")
    search_fields = ("name",)
    search_help_text = "The beginning of a group’s name."
    template = "roles/admin_group.html"
    deeds: ClassVar[Mapping[str, Deed]] = {
        "describe": _describe,
        "join": _join,
        "leave": _leave,
        "delete": _delete,
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        """Bring along how many are in each."""
        rows: QuerySet[Group] = super().get_queryset(request)
        members = Membership.objects.filter(group=OuterRef("pk")).order_by().values("group")
        return rows.annotate(size=Coalesce(Subquery(members.annotate(number=Count("pk")).values("number")), 0))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Group], search_term: str
    ) -> tuple[QuerySet[Group], bool]:
        """Search by the beginning of a name, which an index answers."""
        term = search_term.strip()
        return (queryset.filter(begins("name", term)) if term else queryset), False

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """Call the page what it does."""
        return super().add_view(request, form_url, {**(extra_context or {}), "title": "Make a group"})

    def tell(self, request: HttpRequest, row: Group) -> dict[str, Any]:
        """Return what a group was given and denied, who is in it, and what the viewer may do."""
        viewer, term = staff(request), request.GET.get("q", "").strip()
        members = _members(row, term) if may(viewer, permissions.VIEW_MEMBERSHIP) else None
        return {
            "group": row,
            "grants": _grants(row) if may(viewer, permissions.VIEW_GRANT) else None,
            "members": members,
            "term": term,
            "most": MOST_MEMBERS,
            "now": utcnow(),
            "may": {name: may(viewer, permission) for name, permission in _ASKED.items()},
        }

    @admin.display(description="members")
    def members(self, group: Any) -> int:
        """Return how many are in it."""
        return int(group.size)


_ASKED = {
    "change": permissions.CHANGE_GROUP,
    "delete": permissions.DELETE_GROUP,
    "give": permissions.ADD_GRANT,
    "join": permissions.ADD_MEMBERSHIP,
    "leave": permissions.DELETE_MEMBERSHIP,
}


def _person(form: Mapping[str, str], by: dict[str, Any], permission: str) -> Any:
    """Return the person whom a form names, to those alone who may do what they ask for: others learn nothing of her.

    Raises `PermissionRefused` or `Invalid`.
    """
    guards.require_permission(by["actor"], permission=permission, now=by["now"])
    person = person_named(form.get("user", ""))
    if person is None:
        raise people.UnknownPerson
    return person


def _members(group: Group, term: str) -> list[Membership]:
    """Return the newest members, or those whose address begins with a term, with who put them in; one too many."""
    rows = Membership.objects.filter(group=group).select_related("user").annotate(adder=name_in("added_by"))
    return list((rows.filter(user__in=people_beginning(term)) if term else rows)[: MOST_MEMBERS + 1])


def _grants(group: Group) -> list[Grant]:
    return list(Grant.objects.filter(group=group).order_by("role", "resource")[:MOST_GRANTS])
