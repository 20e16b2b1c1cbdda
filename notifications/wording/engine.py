"""From a template's name to the words of a message: which wording holds for a channel and a language, and filling it.

    found = wording.resolve(name="invoice", channel="email", locale="de-AT")
    words = wording.render(found, {"number": 4711})          # Rendered(subject=…, text=…, html=…)

A language falls back: `de-AT`, then `de`, then the wording for every language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils import translation

from kit.errors import Invalid
from kit.tenants import HOUSE
from notifications import kinds
from notifications.channels import Channel
from notifications.models import TemplateVersion
from notifications.wording import brands, languages, layout, leaks, markup, plain, sandbox
from notifications.wording.brands import Look
from notifications.wording.budgets import MAX_SECONDS_OF_WORDING, MissingVariable, Time, WordingError
from notifications.wording.defaults import Sources
from notifications.wording.layout import Rendered

ALWAYS = frozenset({"public_url", "brand_name"})
"""The names that every wording may use, whatever it is given."""

compiled = lru_cache(maxsize=256)(sandbox.compiled)


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording of a template for a channel and a language. `version` is what a message pins."""

    version: UUID
    name: str
    channel: str
    locale: str
    number: int
    category: str = ""
    tenant: UUID = HOUSE
    subject: str = ""
    text: str = ""
    html: str = ""
    samples: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_house(self) -> bool:
        """Whether it is said instead of the files of a message of the house's own."""
        return kinds.find(self.name) is not None

    @property
    def names(self) -> frozenset[str]:
        """The names that must be given."""
        used = (compiled(source).names for source in (self.subject, self.text, self.html) if source)
        return frozenset().union(*used) - ALWAYS


def of(version: TemplateVersion) -> Wording:
    """Return the wording of a row, whose template is loaded with it."""
    template = version.template
    return Wording(
        version=version.pk,
        name=template.name,
        channel=version.channel,
        locale=version.locale,
        number=version.number,
        category=template.category,
        tenant=template.tenant,
        subject=version.subject,
        text=version.text,
        html=version.html,
        samples=template.variables,
    )


def published(name: str, tenant: UUID = HOUSE) -> QuerySet[TemplateVersion]:
    """Return what is published of a template."""
    state = TemplateVersion.State.PUBLISHED
    return TemplateVersion.objects.filter(template__tenant=tenant, template__name=name, state=state)


class Shelf:
    """The wordings of one tenant, each template read once, for a call that names several."""

    def __init__(self, tenant: UUID = HOUSE) -> None:
        self.tenant = tenant
        self._read: dict[str, list[Wording]] = {}

    def find(self, *, name: str, channel: str, locale: str = "") -> Wording | None:
        """Return the wording that a caller may send under this name. The house's own messages are not among them."""
        return languages.best(self._of(name), locale, among=lambda wording: wording.channel == channel)

    def channels(self, name: str) -> list[str]:
        """Return the channels that a template has a wording for, in the order of `Channel`."""
        found = {wording.channel for wording in self._of(name)}
        return [channel for channel in Channel.values if channel in found]

    def _of(self, name: str) -> list[Wording]:
        if name not in self._read:
            rows = () if kinds.find(name) else published(name, self.tenant).select_related("template")
            self._read[name] = [of(row) for row in rows]
        return self._read[name]


def resolve(*, name: str, channel: str, locale: str = "", tenant: UUID = HOUSE) -> Wording | None:
    """Return the published wording that a caller may send under this name; None where there is none."""
    return Shelf(tenant).find(name=name, channel=channel, locale=locale)


def check_context(wording: Wording, context: Mapping[str, Any]) -> None:
    """Raise `Invalid`, naming `context.<name>`, unless a context has all that a wording needs, as plain data."""
    given = plain.copy(context)
    for name in sorted(wording.names):
        if name not in given:
            raise Invalid(f"context.{name}", f"The template needs {name}.", "required")


def render(
    wording: Wording,
    context: Mapping[str, Any],
    *,
    locale: str = "",
    look: Look | None = None,
    seconds: float = MAX_SECONDS_OF_WORDING,
) -> Rendered:
    """Return the words. Raises `Invalid`, naming the place in `context`, for what is missing or does not fit."""
    check_context(wording, context)
    try:
        return filled(wording, context, locale=locale, look=look, seconds=seconds)
    except MissingVariable as missing:
        raise Invalid(f"context.{missing.word}", f"The template needs {missing.word}.", "required") from None
    except WordingError as error:
        raise Invalid("context", f"The template cannot be filled in with this. {error}", "template") from None


def filled(
    wording: Wording,
    context: Mapping[str, Any],
    *,
    locale: str = "",
    look: Look | None = None,
    seconds: float = MAX_SECONDS_OF_WORDING,
    branch: int | None = None,
) -> Rendered:
    """Return the words. Raises `WordingError` and, for a context that is no plain data, `Invalid`.

    `seconds` are for all of it; `branch`, of a message of the house, is as `expressions.Scope` has it.
    """
    time = Time(min(seconds, MAX_SECONDS_OF_WORDING))
    look = look or brands.look_of(wording.tenant)
    home = settings.PUBLIC_URL.rstrip("/")
    values = {**context, "public_url": home, "brand_name": look.name}

    def fill(source: str, **how: Any) -> str:
        return compiled(source).render(values, seconds=time.left, **how) if source else ""

    with translation.override(_known(locale or wording.locale)):
        sources = Sources(wording.subject, wording.text, wording.html)
        if wording.is_house:
            said = leaks.watched(sources, fill, known=(home, look.name), home=home, branch=branch)
        else:
            said = _said(sources, fill)
        words = _laid_out(wording, said, look)
    time.left  # noqa: B018 - which raises where there is none
    return words


def _said(sources: Sources, fill: leaks.Fill) -> Sources:
    """Return the filled parts, the HTML clean."""
    body, _ = markup.clean(fill(sources.html, html=True))
    return Sources(fill(sources.subject), fill(sources.text), body)


def _laid_out(wording: Wording, said: Sources, look: Look) -> Rendered:
    """Return what is said, a mail within its layout."""
    subject = layout.one_line(said.subject)
    if wording.channel != Channel.EMAIL:
        return Rendered(subject=subject, text=said.text.strip())
    if not wording.html:
        return Rendered(subject=subject, text=layout.text_mail(body=said.text, look=look))
    return Rendered(
        subject=subject,
        text=layout.text_mail(body=said.text if wording.text.strip() else markup.as_text(said.html), look=look),
        html=layout.html_mail(title=subject, body=said.html, look=look),
    )


def _known(locale: str) -> str:
    """Return a language that Django writes dates and numbers in, nearest to the one named."""
    for tag in languages.fallbacks(locale):
        if tag and translation.check_for_language(tag.lower()):
            return tag.lower()
    return settings.LANGUAGE_CODE


@lru_cache(maxsize=256)
def pinned(version: UUID) -> Wording:
    """Return the wording that a message was accepted with: published once, so never written again.

    Raises TemplateVersion.DoesNotExist, which is not remembered.
    """
    states = (TemplateVersion.State.PUBLISHED, TemplateVersion.State.RETIRED)
    return of(TemplateVersion.objects.select_related("template").get(pk=version, state__in=states))
