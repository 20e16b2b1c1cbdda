"""A wording, sent to whoever is writing it, to see it where it will be read."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from audit import recording
from kit import canonical
from kit.errors import Conflict
from kit.origin import Origin
from kit.tenants import HOUSE
from notifications import bell
from notifications.channels import Channel, require_carried
from notifications.event_types import TEMPLATE_TRIED
from notifications.lanes import PATIENCE, Lane
from notifications.models import Message
from notifications.wording import catalogue, versions

CATEGORY = "trial"


def send(*, name: str, number: int, to: str, actor: UUID, now: dt.datetime, origin: Origin) -> Message:
    """Send one version of a mail, filled in with the samples, to the address of whoever asks for it.

    Raises NotFound, `Invalid`, and `Conflict` for what is no mail.
    """
    template = versions.find(name)
    version = versions.version_of(template, number)
    if version.channel != Channel.EMAIL:
        raise Conflict("Only mail can be tried out like this.")
    require_carried(Channel.EMAIL)
    words = catalogue.preview(name=name, number=number).words
    with transaction.atomic():
        message = Message.objects.create(
            tenant=HOUSE,
            lane=Lane.NORMAL,
            to=[to],
            recipient=canonical.fold(to),
            subject=words.subject,
            text=words.text,
            html=words.html,
            template=name,
            template_version=version.pk,
            category=CATEGORY,
            person=actor,
            caller=actor,
            created_at=now,
            due_at=now,
            expires_at=now + PATIENCE[Lane.NORMAL].horizon,
        )
        recording.record(
            TEMPLATE_TRIED,
            now=now,
            actor=actor,
            target_kind="template",
            target=template.pk,
            details={"name": name, "channel": version.channel, "locale": version.locale, "number": number},
            origin=origin,
        )
        bell.ring_after_commit()
    return message
