"""Which providers carry a channel, in order of preference. Made once in each process, from the settings."""

from functools import cache

from kit import seams
from notifications import conf
from notifications.providers.base import Provider

KNOWN = {
    "smtp": "notifications.providers.smtp.SmtpProvider",
    "file": "notifications.providers.file.FileProvider",
    "inbox": "notifications.providers.inbox.InboxProvider",
}
CHANNELS = ("email", "sms", "whatsapp", "telegram", "push", "inbox")


class NoProvider(Exception):
    """No provider of the e-mail channel can be used."""


def providers_of(channel: str) -> tuple[Provider, ...]:
    """Return the channel's providers, the preferred one first. Raises ImportError for a name that is none."""
    return tuple(_made(name) for name in conf.providers_of(channel))


def list_used() -> list[Provider]:
    """Return each provider that some channel uses, once."""
    names = dict.fromkeys(name for channel in CHANNELS for name in conf.providers_of(channel))
    return [_made(name) for name in names]


def check_health() -> None:
    """Raise NoProvider unless some provider of the e-mail channel can be used. No call over the network."""
    if not any(provider.health() == "ok" for provider in providers_of("email")):
        raise NoProvider


@cache
def _made(name: str) -> Provider:
    made: Provider = seams.load(KNOWN.get(name, name))()
    return made
