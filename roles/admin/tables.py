"""What the pages of this app's admin have in common: lists that an index answers, forms that the domain carries out."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest

from audit.admin import DeclaredFilters, ShortPaginator
from kit import canonical
from kit.clock import utcnow
from kit.errors import Invalid, Refusal
from kit.prefixes import begins
from kit.requests import origin_of

MOST_MATCHES = 1000  # people whose address begins with what was searched for
SOMEBODY_GONE = "somebody who is gone"
OPERATOR = "the operator"


class Table(DeclaredFilters, admin.ModelAdmin):  # type: ignore[type-arg]
    """A list that costs the same however long it is. Nothing is written but by the domain, which keeps the record."""

    list_per_page = 50
    list_max_show_all = 50
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    paginator = ShortPaginator
    actions = None

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's
        """Return the form class with the request that it is carried out in."""
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"request": request})

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Do nothing: the form has done it."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        return None


class DomainForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form that is valid when the house has done what it asks: a refusal is an error beside its field.

    Doing it in the validation keeps the entry of a refusal, since the page is then answered and not rolled back.
    """

    request: HttpRequest

    def carry_out(self, by: dict[str, Any]) -> None:
        """Do it: `by` says who, when and from where, as the domain wants to know it. Raises `Refusal`."""
        raise NotImplementedError

    def _post_clean(self) -> None:
        """Let the domain judge instead of the model."""
        if self.errors:
            return
        try:
            self.carry_out(doing(self.request))
        except Invalid as refusal:
            self.add_error(refusal.field if refusal.field in self.fields else None, refusal.detail)
        except Refusal as refusal:
            self.add_error(None, refusal.detail)


class PersonField(forms.CharField):
    """A person, named by her whole address or her id."""

    def __init__(self, **kwargs: Any) -> None:
        given = {"max_length": 254, "label": "Person", "help_text": "A person’s whole address, or id.", **kwargs}
        super().__init__(**given)

    def widget_attrs(self, widget: forms.Widget) -> Any:
        return {**super().widget_attrs(widget), "class": "vTextField", "autocomplete": "off", "spellcheck": "false"}

    def clean(self, value: Any) -> Any:
        """Return the person. Raises ValidationError where there is none."""
        text = super().clean(value)
        if not text:
            return None
        person = find_person(text)
        if person is None:
            raise ValidationError("There is no such person.", code="unknown_user")
        return person


def find_person(text: str) -> AbstractBaseUser | None:
    """Return the person with this id or whole address."""
    people = get_user_model()._base_manager
    try:
        return people.filter(pk=UUID(text)).first()
    except ValueError:
        pass
    try:
        found: AbstractBaseUser = get_user_model()._default_manager.get_by_natural_key(text)
    except ObjectDoesNotExist:
        return None
    return found


def people_beginning(term: str) -> list[Any]:
    """Return the ids of people whose address begins with a text, as an index finds them; at most 1,000."""
    people = get_user_model()._default_manager.filter(begins(get_user_model().USERNAME_FIELD, canonical.fold(term)))
    return list(people.values_list("pk", flat=True)[:MOST_MATCHES])


def address_of(column: str) -> Subquery:
    """Return the expression for the address of the person whose id is in a column; NULL for one who is gone."""
    people = get_user_model()._base_manager.filter(pk=OuterRef(column))
    return Subquery(people.values(get_user_model().USERNAME_FIELD))


def doing(request: HttpRequest) -> dict[str, Any]:
    """Return who does something, when and from where, as the domain wants to know it."""
    return {"actor": staff(request), "now": utcnow(), "origin": origin_of(request)}


def staff(request: HttpRequest) -> AbstractBaseUser:
    """Return who uses the admin; its site has seen to it that somebody is signed in."""
    return cast("AbstractBaseUser", request.user)
