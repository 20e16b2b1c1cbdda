"""What all mails look like: the name, the colour and the logo, beside a mail that shows them."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern

from kit.errors import Refusal
from kit.tenants import HOUSE
from notifications.admin import template_forms as forms
from notifications.admin.previews import shown
from notifications.admin.wording_pages import WordingPages, by, tried
from notifications.channels import Channel
from notifications.models import Brand, Template
from notifications.wording import brands, versions
from notifications.wording.brands import Look
from notifications.wording.defaults import Sources

SAMPLE = Sources(
    "Welcome",
    "",
    '<p>Hello Anna,</p><p>this is how your mails look.</p><p class="action"><a class="button" '
    'href="https://example.com/">A button</a></p><p class="fact">Something worth seeing at once</p>'
    '<p>And <a href="https://example.com/">a link</a> within a sentence.</p>',
)


@admin.register(Brand)
class BrandAdmin(WordingPages):
    """One page: the form, and what it makes of a mail."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        """Return the page and its preview."""
        return [self.at("", self.changelist_view, "changelist"), self.at("preview/", self.preview, "preview")]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show what all mails look like, or change it."""
        self.guard(request)
        form = forms.Look(request.POST or None, initial=forms.Look.of(Brand.objects.filter(tenant=HOUSE).first()))
        if request.method == "POST" and form.is_valid():
            try:
                brands.change(**form.cleaned_data, **by(request))
            except Refusal as refusal:
                form.show(refusal)
            else:
                messages.success(request, "Mails look like this from now on; within a minute everywhere.")
                return self.go("changelist")
        return self.page(request, "template_brand", {"title": "What mails look like", "form": form})

    def preview(self, request: HttpRequest) -> HttpResponse:
        """Answer with a mail in the look that the form describes, as the document of its frame."""
        self.guard(request)
        form = forms.Look(request.POST)
        # nosemgrep: unchecked-serializer - each field is checked by itself below: a preview shows what is right so far
        form.is_valid()
        try:
            for field, value in form.cleaned_data.items():
                brands.check(field, value)
        except Refusal as refusal:
            return shown(errors=[refusal.detail])
        look = Look(**{field: value for field, value in form.cleaned_data.items() if value})
        sample = Template(name="brand")
        return tried(request, lambda: versions.try_out(sample, channel=Channel.EMAIL, sources=SAMPLE, look=look))
