"""Which templates there are: staff's own, and the house's messages, which staff may reword."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Prefetch

from kit.errors import Invalid
from kit.tenants import HOUSE
from notifications import kinds
from notifications.channels import Channel
from notifications.models import Template, TemplateVersion
from notifications.wording import defaults, languages, versions
from notifications.wording.defaults import Sources
from notifications.wording.layout import Rendered

NEWEST = 100
_State = TemplateVersion.State


@dataclass(frozen=True, slots=True)
class Item:
    """A template: `channels` are those it can be sent by now, `locales` the languages it has wordings for."""

    name: str
    description: str
    category: str
    house: bool
    channels: list[str]
    locales: list[str]
    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a template says, with the wording that was taken: `version` is None for the house's own files."""

    channel: str
    locale: str
    version: int | None
    words: Rendered


def items(tenant: UUID = HOUSE) -> list[Item]:
    """Return all templates by name: two statements, however many there are."""
    published = TemplateVersion.objects.filter(state=_State.PUBLISHED).defer("subject", "text", "html")
    rows = Template.objects.filter(tenant=tenant).prefetch_related(Prefetch("versions", published, "in_use"))
    found = {row.name: _item(row, row.in_use) for row in rows}
    for kind in kinds.list_declared():
        found.setdefault(kind.name, _item(Template(name=kind.name, category=kind.category), ()))
    return [found[name] for name in sorted(found)]


def item(template: Template) -> Item:
    """Return one template as it is listed."""
    return _item(template, [] if template._state.adding else template.versions.filter(state=_State.PUBLISHED))  # noqa: SLF001 - Django's word for "not written yet"


def newest(template: Template) -> list[TemplateVersion]:
    """Return the newest versions of a template, without their texts."""
    if template._state.adding:  # noqa: SLF001 - as above
        return []
    return list(template.versions.order_by("-number").defer("subject", "text", "html")[:NEWEST])


def _item(template: Template, published: Iterable[TemplateVersion]) -> Item:
    kind = kinds.find(template.name)
    used = [(version.channel, version.locale) for version in published]
    channels = {channel for channel, _ in used} | ({str(kind.channel)} if kind else set())
    return Item(
        name=template.name,
        description=template.description,
        category=kind.category if kind else template.category,
        house=kind is not None,
        channels=[channel for channel in Channel.values if channel in channels],
        locales=sorted({locale for _, locale in used}),
        variables=versions.samples_of(template),
    )


def sources_of(template: Template, *, channel: str, locale: str, number: int | None) -> tuple[Sources, int | None]:
    """Return the parts of one version; or of what is published; or of the house's files. Raises NotFound, `Invalid`."""
    kind = kinds.find(template.name)
    version = None
    if number is not None:
        version = versions.version_of(template, number)
    elif not template._state.adding:  # noqa: SLF001 - as above
        published = template.versions.filter(state=_State.PUBLISHED, channel=channel)
        version = languages.best(published, locale, among=bool)
    if version is not None:
        return Sources(version.subject, version.text, version.html), version.number
    if kind is None:
        raise Invalid("channel", "This template has no published wording for this channel.", "no_wording")
    return defaults.sources_of(kind), None


def preview(
    *,
    name: str,
    channel: str = "",
    locale: str = "",
    number: int | None = None,
    context: Mapping[str, Any] | None = None,
    tenant: UUID = HOUSE,
) -> Preview:
    """Return what a template says, with a context or with its samples. Nothing is sent. Raises `Invalid`, NotFound."""
    template = versions.find(name, tenant)
    locale = languages.canonical(locale)
    if number is not None:
        version = versions.version_of(template, number)
        channel, locale = version.channel, locale or version.locale
    channel = channel or next(iter(item(template).channels), Channel.EMAIL.value)
    sources, found = sources_of(template, channel=channel, locale=locale, number=number)
    words = versions.try_out(template, channel=channel, sources=sources, locale=locale, context=context)
    return Preview(channel, locale, found, words)
