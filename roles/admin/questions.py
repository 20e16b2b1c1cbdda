"""Two questions that staff ask: who can do this, and why can she, or why can she not."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from kit.clock import utcnow
from kit.errors import Invalid
from roles import declarations, explaining, holders, permissions, resources
from roles.admin.inputs import PersonField
from roles.admin.tables import OPERATOR, SOMEBODY_GONE, Table, may, staff
from roles.explaining import Kind, Reason

MOST_SHOWN = 50
MOST_COUNTED = 5_000


class WhoForm(forms.Form):
    """A permission, and a resource or everywhere."""

    permission = forms.CharField(
        max_length=150, widget=forms.TextInput(attrs={"list": "known", "autocomplete": "off", "spellcheck": "false"})
    )
    resource = forms.CharField(
        max_length=resources.MAX_RESOURCE,
        required=False,
        label="Where",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="One thing, as type:id. Empty: everywhere.",
    )

    def clean_permission(self) -> str:
        """Take a permission that there is, or a wildcard."""
        name: str = self.cleaned_data["permission"]
        if not declarations.read().knows(name):
            raise ValidationError("There is no such permission.", code="unknown_permission")
        return name

    def clean_resource(self) -> str:
        """Take a resource as a grant does."""
        try:
            return resources.parse(self.cleaned_data["resource"])
        except Invalid as refusal:
            raise ValidationError(refusal.detail, code=refusal.code) from refusal


class WhyForm(WhoForm):
    """A person besides."""

    user = PersonField()
    field_order = ("user", "permission", "resource")


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A reason with what the page says of it: its steps from the person to the permission, and who gave the role."""

    reason: Reason
    steps: list[tuple[str, str]]
    giver: str


def who(pages: Table, request: HttpRequest) -> HttpResponse:
    """Show who may do something, oldest accounts first, and a way to ask why."""
    form = _form(WhoForm, request)
    context: dict[str, Any] = {"title": "Who can do this?", "form": form, "known": _known(), "stands_apart": True}
    if form.is_bound and form.is_valid():
        found = holders.of(**form.cleaned_data, now=utcnow())
        shown = _page(found, request.GET.get("after", ""))
        context |= {
            "asked": form.cleaned_data,
            "people": shown[:MOST_SHOWN],
            "next": shown[MOST_SHOWN - 1].pk if len(shown) > MOST_SHOWN else None,
            "number": found.order_by()[:MOST_COUNTED].count(),
            "most": MOST_COUNTED,
        }
    return pages.page(request, "roles/admin_who.html", context)


def why(pages: Table, request: HttpRequest) -> HttpResponse:
    """Show why a person may do something, or what is missing."""
    form = _form(WhyForm, request)
    context: dict[str, Any] = {
        "title": "Why can she, or why not?",
        "form": form,
        "known": _known(),
        "stands_apart": True,
    }
    if form.is_bound and form.is_valid():
        asked = dict(form.cleaned_data)
        person = asked.pop("user")
        found = explaining.explain(person, **asked, now=utcnow())
        context |= {"asked": asked, "person": person, "found": found, "told": _told(found.because, person)}
        context["may_see_roles"] = may(staff(request), permissions.VIEW_ROLE)
    return pages.page(request, "roles/admin_why.html", context)


def _form(kind: type[WhoForm], request: HttpRequest) -> WhoForm:
    """Return the form, filled in where something is asked. Raises PermissionDenied for who may not ask about others."""
    if not may(staff(request), permissions.VIEW_GRANT):
        raise PermissionDenied
    return kind(request.GET if request.GET.get("permission") else None, initial=request.GET.dict(), label_suffix="")


def _known() -> list[str]:
    return sorted(declarations.read().names)


def _page(found: QuerySet[Any], after: str) -> list[Any]:
    """Return the people of a page and one more, from behind the one that it goes on from."""
    try:
        rows = found.filter(pk__gt=UUID(after)) if after else found
    except ValueError:
        rows = found.none()
    return list(rows[: MOST_SHOWN + 1])


def _told(reasons: tuple[Reason, ...], person: AbstractBaseUser) -> list[Told]:
    givers = {each.given_by for each in reasons if each.given_by is not None}
    names = {row.pk: str(row) for row in get_user_model()._base_manager.filter(pk__in=givers)} if givers else {}
    return [Told(reason=each, steps=_steps(each, person), giver=_giver(each, names)) for each in reasons]


def _giver(reason: Reason, names: dict[UUID, str]) -> str:
    if reason.grant is None:
        return ""
    return OPERATOR if reason.given_by is None else names.get(reason.given_by, SOMEBODY_GONE)


def _steps(reason: Reason, person: AbstractBaseUser) -> list[tuple[str, str]]:
    """Return the way from the person to the permission: what each step is, and its name."""
    if reason.kind in {Kind.NOTHING, Kind.INACTIVE}:
        return []
    group = [("group", reason.group)] if reason.group else []
    roles = [("role", name) for name in reason.roles]
    return [("person", str(person)), *group, *roles, ("permission", reason.permission)]
