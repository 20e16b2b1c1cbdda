"""System checks of the providers: a chain that could not send is told at the start, not at the first message."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import import_string

from notifications import conf, provider_accounts
from notifications.providers import apprise_urls, registry, web_push
from notifications.providers.base import Provider

FOR_DEVELOPMENT = frozenset({"file", "faulty"})
_READY = frozenset({"ok", "not_writable"})  # a directory is made when it is first written to


@register
def check_chains(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Look at each provider that a chain names; one that does not import is told by `notifications.E003`.

    notifications.E030: it does not carry the channel. E031: it is not set up. E032: it sends nothing, in production.
    """
    return [
        problem
        for channel in registry.CHANNELS
        for name in conf.providers_of(channel)
        if (made := _made(name)) is not None
        for problem in _problems_of(made, name, channel)
    ]


@register
def check_addresses(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """notifications.E033: an address of Apprise may not be used. E034: the key of web push is none.

    E035: a push service would be called in plain text. E036: `FCM_URL` is no address of Firebase.
    """
    problems: list[CheckMessage] = [
        Error(f"Address {position} of APPRISE_URLS for {channel} {fault}.", id="notifications.E033")
        for channel in registry.CHANNELS
        for position, url in enumerate(conf.apprise_urls(channel), 1)
        if (fault := _fault_of(url, channel))
    ]
    return [*problems, *_problems_of_push()]


def _problems_of_push() -> Iterator[CheckMessage]:
    if conf.web_push_key() and not web_push.public_key():
        yield Error("WEB_PUSH_PRIVATE_KEY is no key.", hint="32 random bytes in base64url.", id="notifications.E034")
    if conf.in_production() and any(host.startswith("http://") for host in conf.web_push_hosts()):
        yield Error("WEB_PUSH_HOSTS names a service without TLS.", id="notifications.E035")
    if conf.fcm_url() and (_fault_of(conf.fcm_url(), "fcm") or not conf.fcm_url().lower().startswith("fcm://")):
        hint = "fcm://project/{to}?keyfile=/path/of/key.json"
        yield Error("FCM_URL is no address of Firebase.", hint=hint, id="notifications.E036")


def _made(name: str) -> Provider | None:
    """Return the provider of a name, made of the settings as they are; None for an account or one that is none."""
    if name.startswith(provider_accounts.PREFIX):
        return None
    try:
        made: Provider = import_string(registry.KNOWN.get(name, name))()
    except ImportError:
        return None
    return made


def _problems_of(made: Provider, name: str, channel: str) -> Iterator[CheckMessage]:
    if channel not in made.channels:
        yield Error(f"{name} does not carry {channel}.", id="notifications.E030")
    health = made.health()
    if health not in _READY:
        yield Error(f"{name} cannot send {channel}: {health}.", id="notifications.E031")
    faults_allowed = name == "faulty" and conf.faults_allowed()
    if conf.in_production() and made.name in FOR_DEVELOPMENT and not faults_allowed:
        hint = "NOTIFICATIONS_FAULTS_ALLOWED lets a staging system use `faulty`." if name == "faulty" else None
        yield Error(f"{name} sends nothing, and {channel} names it.", hint=hint, id="notifications.E032")


def _fault_of(url: str, channel: str) -> str:
    """Return what is wrong with an address, and nothing of it."""
    try:
        apprise_urls.check(url, channel)
    except apprise_urls.NoAddress as error:
        return str(error)
    return ""
