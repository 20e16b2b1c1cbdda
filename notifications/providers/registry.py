"""Which providers carry a channel, in order of preference. Made once in each process, from the settings."""

from functools import cache

from kit import seams
from notifications import conf, provider_accounts
from notifications.providers.base import Provider

KNOWN = {
    "smtp": "notifications.providers.smtp.SmtpProvider",
    "file": "notifications.providers.file.FileProvider",
    "inbox": "notifications.providers.inbox.InboxProvider",
    "novu": "notifications.providers.novu.NovuProvider",
    "twilio": "notifications.providers.twilio.TwilioProvider",
    "resend": "notifications.providers.resend.ResendProvider",
    "anymail": "notifications.providers.anymail.AnymailProvider",
    "apprise": "notifications.providers.apprise.AppriseProvider",
    "devices": "notifications.providers.devices.DevicesProvider",
    "faulty": "notifications.providers.faulty.FaultyProvider",
}
CHANNELS = ("email", "sms", "whatsapp", "telegram", "push", "inbox")


def providers_of(channel: str) -> tuple[Provider, ...]:
    """Return the channel's providers, the preferred one first. Raises ImportError for a name that is none."""
    return tuple(_named(name) for name in conf.providers_of(channel))


def list_used() -> list[Provider]:
    """Return each provider that some channel uses, once."""
    names = dict.fromkeys(name for channel in CHANNELS for name in conf.providers_of(channel))
    return [_named(name) for name in names]


def find(name: str) -> Provider | None:
    """Return the provider in use that goes by a name, None where none does."""
    return next((provider for provider in list_used() if provider.name == name), None)


def _named(name: str) -> Provider:
    return provider_accounts.provider(name) if name.startswith(provider_accounts.PREFIX) else _made(name)


@cache
def _made(name: str) -> Provider:
    made: Provider = seams.load(KNOWN.get(name, name))()
    return made
