"""Writing wordings: a template and its versions, each checked before it is kept, published once and never changed.

The house's own messages can be reworded too: a template under a kind's name holds what is said instead of its files.
Every change is one transaction that holds the template's row, with its entry in the audit log.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from audit import recording
from audit.vocabulary import EventType
from kit.errors import Conflict, Invalid, NotFound
from kit.origin import Origin
from kit.tenants import HOUSE
from notifications import event_types, kinds
from notifications.channels import Channel
from notifications.kinds import Kind
from notifications.models import Template, TemplateVersion
from notifications.wording import engine, languages, plain
from notifications.wording.brands import Look
from notifications.wording.budgets import MAX_SECONDS_OF_WORDING, Time, TooMuch, WordingError
from notifications.wording.defaults import Sources
from notifications.wording.engine import Wording
from notifications.wording.layout import Rendered
from notifications.wording.leaks import Leak

MAX_TEMPLATES, MAX_VERSIONS, MAX_VARIABLES = 500, 1000, 60
BRANCHES = 6  # of each `if`, that are looked at before a wording of the house's is kept
MAX_NAME, MAX_DESCRIPTION, MAX_SUBJECT = 100, 255, 1000
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9_-]+)*\Z")
_VARIABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}\Z", re.ASCII)
_SHOWN_AS = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}\Z")
State = TemplateVersion.State


def make(
    *,
    name: str,
    actor: UUID,
    now: dt.datetime,
    origin: Origin,
    description: str = "",
    category: str = "",
    variables: Mapping[str, Any] | None = None,
    tenant: UUID = HOUSE,
) -> Template:
    """Make a template that callers can send by name, with its variables and a sample of each. Raises `Invalid`."""
    samples = _checked_variables(variables or {})
    _check_name(name)
    if category and not _SHOWN_AS.match(category):
        raise Invalid("category", "Use a-z, 0-9, dots, hyphens and underscores.", "invalid")
    if len(description) > MAX_DESCRIPTION:
        raise Invalid("description", f"Use at most {MAX_DESCRIPTION} characters.", "max_length")
    with transaction.atomic():
        if Template.objects.filter(tenant=tenant).count() >= MAX_TEMPLATES:
            raise Conflict(f"There are {MAX_TEMPLATES} templates; there can be no more.")
        template, fresh = Template.objects.get_or_create(
            tenant=tenant,
            name=name,
            defaults={"description": description, "category": category, "variables": samples, "created_at": now},
        )
        if not fresh:
            raise Conflict("There is a template of this name.")
        _record(event_types.TEMPLATE_MADE, template, actor, now, origin, category=category, variables=len(samples))
    return template


def draft(
    *,
    name: str,
    channel: str,
    sources: Sources,
    actor: UUID,
    now: dt.datetime,
    origin: Origin,
    locale: str = "",
    tenant: UUID = HOUSE,
) -> TemplateVersion:
    """Keep a wording as a draft, under the template's next number. Raises `Invalid`, naming the line, and NotFound.

    A wording is kept only if it uses declared variables alone and can be filled in with their samples.
    """
    locale = languages.canonical(locale)
    with transaction.atomic():
        template = _locked(name, tenant, now)
        try_out(template, channel=channel, sources=sources, locale=locale)
        version = _next(template, channel=channel, locale=locale, sources=sources, actor=actor, now=now)
        version.save(force_insert=True)
        _record(event_types.TEMPLATE_DRAFTED, template, actor, now, origin, **_place(version))
    return version


def publish(
    *, name: str, number: int, actor: UUID, now: dt.datetime, origin: Origin, tenant: UUID = HOUSE
) -> TemplateVersion:
    """Have a wording said from now on, instead of the one before it. Raises NotFound, `Conflict`, `Invalid`.

    One that was published before is published anew, under a number of its own: that is how one goes back.
    """
    with transaction.atomic():
        template = _locked(name, tenant, now)
        version = _numbered(template, number)
        if version.state == State.PUBLISHED:
            raise Conflict("This wording is published already.")
        sources = Sources(version.subject, version.text, version.html)
        try_out(template, channel=version.channel, sources=sources, locale=version.locale)
        copied = version.number if version.state == State.RETIRED else None
        if copied is not None:
            version = _next(
                template, channel=version.channel, locale=version.locale, sources=sources, actor=actor, now=now
            )
        before = template.versions.filter(channel=version.channel, locale=version.locale, state=State.PUBLISHED).first()
        if before is not None:
            TemplateVersion.objects.filter(pk=before.pk).update(state=State.RETIRED)
        version.state, version.published_by, version.published_at = State.PUBLISHED, actor, now
        version.save()
        more = {"instead_of": before.number if before else None, "copy_of": copied}
        _record(event_types.TEMPLATE_PUBLISHED, template, actor, now, origin, **_place(version), **more)
    return version


def retire(
    *, name: str, number: int, actor: UUID, now: dt.datetime, origin: Origin, tenant: UUID = HOUSE
) -> TemplateVersion:
    """Take a published wording back with none in its place: a message of the house says what its files say again."""
    with transaction.atomic():
        template = _locked(name, tenant, now)
        version = _numbered(template, number)
        if version.state != State.PUBLISHED:
            raise Conflict("This wording is not published.")
        version.state = State.RETIRED
        version.save(update_fields=["state"])
        _record(event_types.TEMPLATE_RETIRED, template, actor, now, origin, **_place(version))
    return version


def find(name: str, tenant: UUID = HOUSE) -> Template:
    """Return a template, one of the house's own messages too (not written yet, if nobody has reworded it)."""
    template = Template.objects.filter(tenant=tenant, name=name).first() if _NAME.match(name) else None
    if template is None and (kind := kinds.find(name)) is not None:
        return Template(tenant=tenant, name=name, category=kind.category)
    if template is None:
        raise NotFound
    return template


def version_of(template: Template, number: int) -> TemplateVersion:
    """Return one version of a template. Raises NotFound."""
    return _numbered(template, number)


def samples_of(template: Template) -> Mapping[str, Any]:
    """Return the variables of a template, each with its sample."""
    kind = kinds.find(template.name)
    return kind.sample if kind else template.variables


def try_out(
    template: Template,
    *,
    channel: str,
    sources: Sources,
    locale: str = "",
    context: Mapping[str, Any] | None = None,
    look: Look | None = None,
) -> Rendered:
    """Return what a wording says with the samples, or with a context. Raises `Invalid` at the part that is wrong."""
    _check_parts(channel, sources, kind=kinds.find(template.name))
    samples = samples_of(template)
    for part, source in asdict(sources).items():
        _check_source(part, source, samples)
    wording = Wording(
        version=template.pk,
        name=template.name,
        channel=channel,
        locale=locale,
        number=0,
        tenant=template.tenant,
        **asdict(sources),
    )
    if context is not None:
        return engine.render(wording, context, locale=locale, look=look)
    try:
        _check_branches(wording, samples, look)
        return engine.filled(wording, samples, locale=locale, look=look)
    except WordingError as error:
        raise Invalid(_part_with(sources, error), str(error), "template") from None


def _check_branches(wording: Wording, samples: Mapping[str, Any], look: Look | None) -> None:
    """Raise `Leak` for what a message of the house would give away where other branches hold than with the samples.

    What only some of them together would do is refused when the message is built.
    """
    time = Time(MAX_SECONDS_OF_WORDING)
    for branch in range(BRANCHES if wording.is_house else 0):
        try:
            engine.filled(wording, samples, look=look, seconds=time.left, branch=branch)
        except WordingError as error:
            if isinstance(error, Leak | TooMuch):
                raise


def _check_source(part: str, source: str, samples: Mapping[str, Any]) -> None:
    if "\x00" in source or any("\ud800" <= char <= "\udfff" for char in source):
        raise Invalid(part, "This text holds a character that cannot be stored.", "invalid_text")
    try:
        lines = engine.compiled(source).lines if source else {}
    except WordingError as error:
        raise Invalid(part, str(error), "template") from None
    for name, line in lines.items():
        if name not in samples and name not in engine.ALWAYS:
            raise Invalid(part, f"Line {line}: `{name}` is no variable of this template.", "undeclared_variable")


def _part_with(sources: Sources, error: WordingError) -> str:
    """Return the part that an error while filling in is most likely in: the one that has its word on its line."""
    if isinstance(error, Leak):
        return error.part
    for part, source in asdict(sources).items():
        lines = source.split("\n")
        if source and 0 < error.line <= len(lines) and error.word in lines[error.line - 1]:
            return part
    return "html" if sources.html else "text"


def _check_parts(channel: str, sources: Sources, *, kind: Kind | None) -> None:
    if channel not in Channel.values or (kind is not None and channel != kind.channel):
        raise Invalid("channel", "This template is not sent by this channel.", "invalid")
    _check_subject(channel, sources.subject)
    if sources.html.strip() and channel != Channel.EMAIL:
        raise Invalid("html", "Only mail has HTML.", "unexpected")
    if not (sources.text.strip() or sources.html.strip()):
        raise Invalid("text", "Write a text.", "required")


def _check_subject(channel: str, subject: str) -> None:
    if len(subject) > MAX_SUBJECT:
        raise Invalid("subject", f"Use at most {MAX_SUBJECT} characters.", "max_length")
    titled = channel in {Channel.EMAIL, Channel.PUSH, Channel.INBOX}
    if titled != bool(subject.strip()):
        detail = "This needs a subject." if titled else "A message of this channel has no subject."
        raise Invalid("subject", detail, "required" if titled else "unexpected")


def _check_name(name: str) -> None:
    if len(name) > MAX_NAME or not _NAME.match(name):
        raise Invalid("name", "Use a-z, 0-9, dots, hyphens and underscores.", "invalid")
    # A message of the house that is still to come would be said in the words of a stranger's template.
    if name.split(".", 1)[0] in {kind.name.split(".", 1)[0] for kind in kinds.list_declared()}:
        raise Invalid("name", "Names that begin like this are the house's own.", "reserved")


def _checked_variables(variables: Mapping[str, Any]) -> dict[str, Any]:
    if len(variables) > MAX_VARIABLES:
        raise Invalid("variables", f"Use at most {MAX_VARIABLES}.", "max_length")
    for name in variables:
        if not _VARIABLE.match(name) or name in engine.ALWAYS:
            raise Invalid("variables", f"`{name[:64]}` cannot be a variable's name.", "invalid")
    return plain.copy(variables, field="variables")


def _locked(name: str, tenant: UUID, now: dt.datetime) -> Template:
    """Return a template that nobody else writes until this transaction ends."""
    if kinds.find(name) is not None:
        Template.objects.get_or_create(tenant=tenant, name=name, defaults={"created_at": now})
    found = Template.objects.select_for_update().filter(tenant=tenant, name=name)
    template = found.first() if _NAME.match(name) else None
    if template is None:
        raise NotFound
    return template


def _numbered(template: Template, number: int) -> TemplateVersion:
    written = not template._state.adding and number <= MAX_VERSIONS  # noqa: SLF001 - Django's word for it
    version = template.versions.filter(number=number).first() if written else None
    if version is None:
        raise NotFound
    return version


def _next(
    template: Template, *, channel: str, locale: str, sources: Sources, actor: UUID, now: dt.datetime
) -> TemplateVersion:
    last = template.versions.aggregate(last=Max("number"))["last"] or 0
    if last >= MAX_VERSIONS:
        raise Conflict(f"There are {MAX_VERSIONS} wordings of this template; there can be no more.")
    return TemplateVersion(
        template=template,
        channel=channel,
        locale=locale,
        number=last + 1,
        created_by=actor,
        created_at=now,
        **asdict(sources),
    )


def _place(version: TemplateVersion) -> dict[str, Any]:
    return {"channel": version.channel, "locale": version.locale, "number": version.number}


def _record(
    event: EventType, template: Template, actor: UUID, now: dt.datetime, origin: Origin, **details: Any
) -> None:
    recording.record(
        event,
        now=now,
        actor=actor,
        target_kind="template",
        target=template.pk,
        details={"name": template.name, **details},
        origin=origin,
        tenant=template.tenant,
    )
