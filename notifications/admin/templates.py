"""Templates in the admin: what every message says, an editor that shows it meanwhile, and its versions.

The preview is a document of its own in a frame: sandboxed, without scripts, and by a content policy that lets it have
the styles of a mail, which the admin's own pages may not.
"""

import difflib
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern

from kit.errors import NotFound, Refusal
from notifications import kinds
from notifications.admin import template_forms as forms
from notifications.admin.previews import shown
from notifications.admin.wording_pages import WordingPages, by, tried
from notifications.models import Template, TemplateVersion
from notifications.wording import catalogue, defaults, trials, versions
from notifications.wording.defaults import Sources


@admin.register(Template)
class TemplateAdmin(WordingPages):
    """All templates by name, those of the house's own messages among them."""

    def get_urls(self) -> list[URLPattern]:
        """Return pages of our own; none of the stock ones fits."""
        return [
            self.at("", self.changelist_view, "changelist"),
            self.at("add/", self.add_view, "add"),
            self.at("<str:name>/", self.template, "change"),
            self.at("<str:name>/edit/", self.edit, "edit"),
            self.at("<str:name>/preview/", self.preview, "preview"),
            self.at("<str:name>/<int:number>/", self.version, "version"),
            self.at("<str:name>/<int:number>/preview/", self.version_preview, "version_preview"),
            self.at("<str:name>/<int:number>/<slug:deed>/", self.do, "do"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        self.guard(request)
        found = catalogue.items()
        groups = {"Yours": [item for item in found if not item.house], "The house’s": [i for i in found if i.house]}
        return self.page(request, "templates", {"title": "Templates", "groups": groups})

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        self.guard(request)
        form = forms.NewTemplate(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                template = versions.make(**form.cleaned_data, **by(request))
            except Refusal as refusal:
                form.show(refusal)
            else:
                return self.go("edit", template.name)
        return self.page(request, "template_form", {"title": "A new template", "form": form, "word": "Make it"})

    def template(self, request: HttpRequest, name: str) -> HttpResponse:
        """Show a template: what it can say, and its versions."""
        template = self._find(request, name)
        context = {
            "title": name,
            "item": catalogue.item(template),
            "versions": catalogue.newest(template),
            "samples": forms.as_json(versions.samples_of(template)),
        }
        return self.page(request, "template", context)

    def edit(self, request: HttpRequest, name: str) -> HttpResponse:
        """Write a wording: an empty one, one like a version (`?like=3`), or one like the house's files."""
        template = self._find(request, name)
        form = forms.Wording(request.POST or None, initial=_beginning(template, request.GET.get("like", "")))
        if request.method == "POST" and form.is_valid():
            place = {"channel": form.cleaned_data["channel"], "locale": form.cleaned_data["locale"]}
            try:
                version = versions.draft(name=name, sources=form.sources(), **place, **by(request))
            except Refusal as refusal:
                form.show(refusal)
            else:
                messages.success(request, f"Kept as draft {version.number}. Nobody is sent it before it is published.")
                return self.go("version", name, version.number)
        names, house = sorted(versions.samples_of(template)), kinds.find(name) is not None
        context = {"title": name, "name": name, "form": form, "names": names, "house": house}
        return self.page(request, "template_editor", context)

    def preview(self, request: HttpRequest, name: str) -> HttpResponse:
        """Answer with what the editor's wording says, as the document of its frame."""
        template = self._find(request, name)
        form = forms.Wording(request.POST)
        if request.method != "POST":
            raise Http404
        if not form.is_valid():
            return shown(errors=[str(error) for errors in form.errors.values() for error in errors])
        given = form.cleaned_data
        return tried(
            request,
            lambda: versions.try_out(
                template,
                channel=given["channel"],
                sources=form.sources(),
                locale=given["locale"],
                context=given["context"],
            ),
        )

    def version(self, request: HttpRequest, name: str, number: int) -> HttpResponse:
        """Show one version, what it says, and what is different from the one that is said now."""
        template = self._find(request, name)
        version = self._version(template, number)
        before, compared = _compared_with(template, version)
        context = {
            "title": f"{name}, {number}",
            "name": name,
            "version": version,
            "diff": _diff(before, version),
            "compared": compared,
        }
        return self.page(request, "template_version", context)

    def version_preview(self, request: HttpRequest, name: str, number: int) -> HttpResponse:
        """Answer with what a version says, as the document of its frame."""
        template = self._find(request, name)
        self._version(template, number)
        return tried(request, lambda: catalogue.preview(name=name, number=number).words)

    def do(self, request: HttpRequest, name: str, number: int, deed: str) -> HttpResponse:
        """Do what a button of a version's page says, and tell how it went."""
        self._find(request, name)
        if request.method != "POST" or deed not in _DEEDS:
            raise Http404
        try:
            messages.success(request, _DEEDS[deed](request, name=name, number=number, **by(request)))
        except Refusal as refusal:
            messages.error(request, refusal.detail)
        return self.go("change", name)

    def _find(self, request: HttpRequest, name: str) -> Template:
        self.guard(request)
        try:
            return versions.find(name)
        except NotFound:
            raise Http404 from None

    def _version(self, template: Template, number: int) -> TemplateVersion:
        try:
            return versions.version_of(template, number)
        except NotFound:
            raise Http404 from None


def _beginning(template: Template, like: str) -> dict[str, str]:
    """Return what the editor begins with."""
    samples = {"context": forms.as_json(versions.samples_of(template))}
    kind = kinds.find(template.name)
    if like.isascii() and like.isdecimal() and len(like) < 5:  # noqa: PLR2004 - no number has more digits
        try:
            version = versions.version_of(template, int(like))
        except NotFound:
            return samples
        parts = {name: getattr(version, name) for name in ("channel", "locale", "subject", "text", "html")}
        return {**samples, **parts}
    if kind is None:
        return samples
    channel = str(kind.channel)
    sources, _ = catalogue.sources_of(template, channel=channel, locale="", number=None)
    return {**samples, "channel": channel, "subject": sources.subject, "text": sources.text, "html": sources.html}


def _compared_with(template: Template, version: TemplateVersion) -> tuple[Sources, str]:
    """Return what a version is held against, and what that is called."""
    same = template.versions.filter(channel=version.channel, locale=version.locale).exclude(pk=version.pk)
    other = same.filter(state=TemplateVersion.State.PUBLISHED).first() or same.filter(number__lt=version.number).first()
    if other is not None:
        return Sources(other.subject, other.text, other.html), f"version {other.number}, {other.state}"
    kind = kinds.find(template.name)
    if kind is None:
        return Sources(), ""
    return defaults.sources_of(kind), "the house’s own words"


def _diff(before: Sources, version: TemplateVersion) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return for each part its lines, each with `+`, `-` or a space before it; parts without any are left out."""
    parts = []
    for name, label in (("subject", "Subject"), ("html", "HTML"), ("text", "Text")):
        old, new = getattr(before, name).splitlines(), getattr(version, name).splitlines()
        lines = [(line[0], line[2:]) for line in difflib.ndiff(old[:2000], new[:2000]) if line[0] != "?"]
        if lines:
            parts.append((label, lines))
    return parts


def _publish(_request: HttpRequest, **of: Any) -> str:
    version = versions.publish(**of)
    return f"Version {version.number} is what is said from now on."


def _retire(_request: HttpRequest, **of: Any) -> str:
    versions.retire(**of)
    return "It is said no more."


def _try(request: HttpRequest, **of: Any) -> str:
    user: Any = request.user
    address = str(getattr(user, user.get_email_field_name(), ""))
    trials.send(to=address, **of)
    return f"On its way to {address}, with the sample data."


_DEEDS: dict[str, Callable[..., str]] = {"publish": _publish, "retire": _retire, "try": _try}
