"""What staff write into the forms of this app: people by name, moments; and forms that the domain carries out."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import HttpRequest

from kit.errors import Invalid, Refusal
from roles.admin.tables import doing


class Moment(AdminSplitDateTime):
    """The admin's date and time, each with a name that a screen reader says: its own label is only beside them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for widget, name in zip(self.widgets, ("Date", "Time"), strict=True):
            widget.attrs["aria-label"] = name


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
        person = person_named(text)
        if person is None:
            raise ValidationError("There is no such person.", code="unknown_user")
        return person


def person_named(text: str) -> AbstractBaseUser | None:
    """Return the person with this id or whole address."""
    people = get_user_model()._base_manager
    if not text.isprintable():
        return None
    try:
        return people.filter(pk=UUID(text)).first()
    except ValueError:
        pass
    try:
        found: AbstractBaseUser = get_user_model()._default_manager.get_by_natural_key(text)
    except ObjectDoesNotExist:
        return None
    return found
