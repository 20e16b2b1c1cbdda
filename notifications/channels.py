"""The ways by which a message reaches somebody, and which of them lead out of this house as it is set up."""

from django.db import models

from kit.errors import Unavailable
from notifications import conf

RETRY_AFTER = 3600  # seconds: an operator has to do something first


class Channel(models.TextChoices):
    """How a message reaches somebody."""

    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    TELEGRAM = "telegram"
    PUSH = "push"
    INBOX = "inbox"


class ChannelUnavailable(Unavailable):
    """No provider carries this channel."""

    default_detail = "Messages of this kind cannot be sent here."


def require_carried(channel: Channel) -> None:
    """Raise `ChannelUnavailable` where no provider of this channel is configured: asked before a row is written."""
    if not conf.providers_of(channel):
        raise ChannelUnavailable(RETRY_AFTER)
