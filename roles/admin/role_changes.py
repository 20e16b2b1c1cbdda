"""Making and changing a role in the admin: a form, then a page that says who gains or loses what, then the change.

The form is first tried out and rolled back, so that what the house refuses is told beside its field and leaves its
entry. The page carries a mark of the role, the change and the answer that it shows: another answer is shown again.
"""

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from kit.clock import utcnow
from kit.errors import Invalid, Refusal
from roles import editing, permissions, planning, stamps
from roles.admin import kinship
from roles.admin.kinship import Family
from roles.admin.role_forms import SAID, RoleForm, mark_of
from roles.admin.tables import Paged, doing, may, staff
from roles.definitions import Changes
from roles.edits import Edit
from roles.models import HouseStamp, Role

MOST_PEOPLE = 50


def make(pages: Paged, request: HttpRequest) -> HttpResponse:
    """Show the form of a new role, or make it: nobody has it yet, so nobody gains or loses anything."""
    if not may(staff(request), permissions.ADD_ROLE):
        raise PermissionDenied
    form = RoleForm(request.POST or None, role=None)
    if request.method == "POST" and form.is_valid():
        try:
            role = editing.create(name=form.cleaned_data["name"], definition=form.after, **doing(request))
        except Refusal as refusal:
            _tell(form, refusal)
        else:
            messages.success(request, f"The role {role.name} is made. Nobody has it yet.")
            return HttpResponseRedirect(pages.address_of("change", role))
    return pages.page(request, "roles/admin_role_form.html", {"title": "Make a role", "form": form})


def change(pages: Paged, request: HttpRequest, role: Role) -> HttpResponse:
    """Show the form of a role, then what its change would mean, then make the change."""
    if not may(staff(request), permissions.CHANGE_ROLE):
        raise PermissionDenied
    form = RoleForm(request.POST or None, role=role)
    context = {"title": f"Change {role.name}", "form": form, "role": role}
    if request.method == "POST" and form.is_outdated:
        messages.error(request, f"The role {role.name} was changed since you opened the form. This is how it is now.")
        return HttpResponseRedirect(request.path)
    if request.method != "POST" or "again" in request.POST or not form.is_valid():
        return pages.page(request, "roles/admin_role_form.html", context)
    try:
        told = _change(form, role, doing(request))
    except Refusal as refusal:
        _tell(form, refusal)
        return pages.page(request, "roles/admin_role_form.html", context)
    if told is None:
        messages.success(request, f"The role {role.name} is changed. It is in force at everybody’s next request.")
        return HttpResponseRedirect(pages.address_of("change", role))
    told |= {
        "title": f"What changing {role.name} means",
        "is_stale": "stamp" in request.POST,
        "may_see_people": may(staff(request), permissions.VIEW_GRANT),
    }
    return pages.page(request, "roles/admin_role_plan.html", {**context, **told})


def _change(form: RoleForm, role: Role, by: dict[str, Any]) -> dict[str, Any] | None:
    """Change the role, or return what the page of the plan shows before that is done."""
    family = _write(form, role, by)
    if family is None:
        return None
    house = _house_stamp()
    told = _plan(form, role, house)
    if form.data.get("stamp") == told["stamp"]:
        family = _write(form, role, by, agreed_at=house)
    return None if family is None else {**told, "family": family}


def _plan(form: RoleForm, role: Role, house: str) -> dict[str, Any]:
    """Return what the page of the plan shows, and as `stamp` the mark of it. Raises `planning.Unsettled`."""
    plan = planning.of({role.name: form.after}, now=utcnow(), most=MOST_PEOPLE)
    edit = Edit(name=role.name, before=form.before, after=form.after)
    differences = {
        "Holds from now on": edit.added[0],
        "Holds no longer": edit.removed[0],
        "Inherits from now on": edit.added[1],
        "Inherits no longer": edit.removed[1],
    }
    people = [
        {
            "name": change.name,
            "resource": change.resource,
            "gained": plan.short(change.gained),
            "lost": plan.short(change.lost),
        }
        for change in plan.changes
    ]
    return {
        "plan": plan,
        "most": MOST_PEOPLE,
        "words": [(form.fields[name].label, said) for name, said in edit.words().items()],
        "differences": [(words, sorted(names)) for words, names in differences.items() if names],
        "names": [
            (name, plan.gained.get(name, 0), plan.lost.get(name, 0))
            for name in plan.short(frozenset(plan.gained) | frozenset(plan.lost))
        ],
        "people": people,
        "stamp": mark_of(house, asdict(form.before), asdict(form.after), plan.gained, plan.lost, people),
    }


def _write(form: RoleForm, role: Role, by: dict[str, Any], *, agreed_at: str = "") -> Family | None:
    """Change the role. Where somebody may gain or lose by it, that must have been agreed to at this stamp of the house.

    Otherwise the change is tried and rolled back, and the family that the role would be in is returned. The entry of a
    refusal stays in either case.
    """
    with transaction.atomic():
        stamps.lock(now=by["now"])
        changes = Changes(**{name: getattr(form.after, name) for name in SAID})  # type: ignore[typeddict-item]
        is_agreed = not form.changes_holding or agreed_at == _house_stamp()
        try:
            editing.change(role=role.name, **changes, **by)
        except Refusal as refusal:
            refused = refusal
        else:
            family = None if is_agreed else kinship.near(role.name)
            transaction.set_rollback(not is_agreed)
            return family
    raise refused


def _tell(form: RoleForm, refusal: Refusal) -> None:
    field = refusal.field if isinstance(refusal, Invalid) and refusal.field in form.fields else None
    form.add_error(field, refusal.detail)


def _house_stamp() -> str:
    """Return what dates every role, and all that groups have, as the database has it."""
    return HouseStamp.objects.values_list("value", flat=True).get(pk=stamps.HOUSE_ROW)
