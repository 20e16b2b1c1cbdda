"""From a message row to what goes out: the caller's own words, or a kind's, built afresh for each attempt."""

from datetime import datetime

from notifications import attachments, kinds, rendering, unsubscribing, wording
from notifications.channels import Channel
from notifications.models import Message
from notifications.providers.base import Email, Outgoing, Push, Text
from notifications.wording import Rendered


class UnknownKind(LookupError):
    """The message names a kind that no module in NOTIFICATIONS_KINDS declares."""


def outgoing_of(message: Message, now: datetime) -> Outgoing | None:
    """Return what to send now, or None when its kind has nothing to send any more. Raises what building raises."""
    rendered = _rendered(message, now)
    if rendered is None:
        return None
    key = f"{message.id}-{message.tries}"
    if message.channel in (Channel.PUSH, Channel.INBOX):
        return Push(
            id=message.id,
            key=key,
            to=" ".join(message.remaining or message.to),
            title=rendered.subject,
            body=rendered.text.strip(),
            data=message.data,
            at=now,
        )
    if message.channel != Channel.EMAIL:
        return Text(
            id=message.id, key=key, channel=message.channel, to=message.to[0], text=rendered.text.strip(), at=now
        )
    return Email(
        id=message.id,
        key=key,
        to=tuple(message.remaining or message.to),
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        reply_to=message.reply_to,
        headers=unsubscribing.headers_of(message),
        files=attachments.files_of(message),
        at=now,
        automatic=bool(message.kind),
    )


def _rendered(message: Message, now: datetime) -> Rendered | None:
    if not message.kind:
        return Rendered(subject=message.subject, text=message.text, html=message.html)
    kind = kinds.find(message.kind)
    if kind is None:
        raise UnknownKind(message.kind)
    content = kind.content(message.reference or message.id, now)
    if content is None:
        return None
    if message.template_version is not None and not content.template:
        reworded = wording.render_kind(kind, content.context, version=message.template_version, locale=message.locale)
        if reworded is not None:
            return reworded
    if message.channel != Channel.EMAIL:
        return rendering.render_text(content, template=kind.template, locale=message.locale)
    return rendering.render(content, template=kind.template, locale=message.locale, tenant=message.tenant)
