"""Which wording a message of a kind is sent with: decided within the INSERT of the message, and filled by the worker.

Message(…, template_version=wording.pin(name=kind.name, channel=kind.channel, locale=locale))
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog
from django.db.models import Subquery
from django.db.models.functions import Length

from kit.errors import Invalid
from kit.tenants import HOUSE
from notifications.kinds import Kind
from notifications.models import Message, TemplateVersion
from notifications.wording import engine, languages
from notifications.wording.budgets import WordingError
from notifications.wording.layout import Rendered

log = structlog.get_logger(__name__)


class Pin(Subquery):
    """The id of the published wording, read by the statement that writes the message; NULL where there is none."""

    contains_column_references = False  # none of the row that is written, which is what an INSERT asks


def pin(*, name: str, channel: str, locale: str = "", tenant: UUID = HOUSE) -> Any:
    """Return what goes into `Message.template_version` for a message that is about to be written."""
    rows = engine.published(name, tenant).filter(channel=channel, locale__in=languages.fallbacks(locale))
    return Pin(rows.order_by(Length("locale").desc()).values("pk")[:1])


def unread(message: Message) -> None:
    """Have a message that was just written forget its pin: whoever asks for it reads it from the row."""
    message.__dict__.pop("template_version", None)


def render_kind(kind: Kind, context: Mapping[str, Any], *, version: UUID, locale: str = "") -> Rendered | None:
    """Return a kind's message in the wording that it was pinned to; None where that cannot be: its files will do.

    A code must arrive, whatever staff have made of its wording: what is wrong with one is logged, not waited for.
    """
    try:
        wording = engine.pinned(version)
        return engine.filled(wording, {**dict.fromkeys(kind.sample), **context}, locale=locale)
    except (TemplateVersion.DoesNotExist, WordingError, Invalid) as error:
        log.warning("wording_failed", kind=kind.name, version=str(version), error=type(error).__name__)
        return None
