"""The forms of templates, wordings and the brand. Rules are the domain's; what it refuses is shown at the field."""

import datetime as dt
import json
from typing import Any

from django import forms
from django.forms.utils import ErrorList

from kit.errors import Invalid, Refusal
from notifications.channels import Channel
from notifications.models import Brand
from notifications.wording import brands, versions
from notifications.wording.defaults import Sources

_CODE = {"class": "code", "spellcheck": "false", "autocapitalize": "off"}


class Form(forms.Form):
    """A form that a refusal can be shown in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "error_class": ErrorList, **kwargs})

    def show(self, refusal: Refusal) -> None:
        """Tell what was refused, at its field where the form has one."""
        name = refusal.field.split(".")[0] if isinstance(refusal, Invalid) else ""
        self.add_error(name if name in self.fields else None, refusal.detail)


class NewTemplate(Form):
    """A template of one's own."""

    name = forms.CharField(
        max_length=versions.MAX_NAME,
        help_text="What callers send it by, such as shop.invoice. It stays its name for good.",
    )
    description = forms.CharField(required=False, max_length=versions.MAX_DESCRIPTION)
    category = forms.CharField(required=False, max_length=64, help_text="What its messages are: billing, news, …")
    variables = forms.JSONField(
        required=False,
        initial=dict,
        widget=forms.Textarea(attrs={"rows": 6, **_CODE}),
        help_text='Each variable with a sample, as JSON: {"name": "Anna", "number": 4711}',
    )

    def clean_variables(self) -> dict[str, Any]:
        """Return the samples: an object, or nothing."""
        given = self.cleaned_data["variables"] or {}
        if not isinstance(given, dict):
            raise forms.ValidationError("Write an object: names in quotes, each with a sample.")
        return given


class Wording(Form):
    """What a template says on one channel in one language."""

    channel = forms.ChoiceField(choices=Channel.choices)
    locale = forms.CharField(
        required=False, max_length=35, label="Language", help_text="A tag such as de or de-AT. Empty: every language."
    )
    subject = forms.CharField(
        required=False, max_length=versions.MAX_SUBJECT, strip=False, widget=forms.TextInput(attrs=_CODE)
    )
    html = forms.CharField(
        required=False,
        strip=False,
        label="HTML",
        widget=forms.Textarea(attrs={"rows": 18, **_CODE}),
        help_text="What stands in the middle of the mail. The layout and the brand come by themselves.",
    )
    text = forms.CharField(
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, **_CODE}),
        help_text="For readers of plain text. Of a mail it may be left empty: it is then made from the HTML.",
    )
    context = forms.CharField(
        required=False,
        label="Sample data",
        widget=forms.Textarea(attrs={"rows": 8, **_CODE}),
        help_text="What the preview is filled with, as JSON. It is not kept.",
    )

    def sources(self) -> Sources:
        """Return the parts as they were written, with the line ends of a text."""
        parts = {name: self.cleaned_data[name].replace("\r\n", "\n") for name in ("subject", "text", "html")}
        return Sources(**parts)

    def clean_context(self) -> dict[str, Any] | None:
        """Return the sample data; None where nothing was written."""
        written = self.cleaned_data["context"].strip()
        try:
            given = json.loads(written) if written else None
        except (ValueError, RecursionError):
            given = []
        if given is not None and not isinstance(given, dict):
            raise forms.ValidationError("This is no object in JSON.")
        return given


class Look(Form):
    """The brand of all mails."""

    name = forms.CharField(required=False, max_length=100, help_text="Above every mail, and in the line below it.")
    colour = forms.CharField(
        required=False,
        max_length=7,
        widget=forms.TextInput(attrs={"type": "color"}),
        help_text="Of buttons and links. Where it could not be read it is made darker or lighter.",
    )
    logo_url = forms.CharField(
        required=False, max_length=500, label="Logo", help_text="The https address of an image, shown 32 pixels high."
    )
    footer = forms.CharField(
        required=False, max_length=500, help_text="One line below every mail: an address, an imprint."
    )

    @classmethod
    def of(cls, brand: Brand | None) -> dict[str, str]:
        """Return what the form begins with."""
        look = brands.of(brand)
        return {"name": look.name, "colour": look.colour, "logo_url": look.logo_url, "footer": look.footer}


def as_json(samples: Any) -> str:
    """Return samples as somebody can change them; moments as texts, which the filters read."""
    return json.dumps(samples, indent=2, ensure_ascii=False, default=_moment)


def _moment(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.datetime | dt.date | dt.time) else str(value)
