"""System checks: what would only show when the first message fails is shown at the start instead."""

from collections.abc import Iterator, Sequence
from email.utils import parseaddr
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.module_loading import import_string

from kit import canonical
from kit.errors import Invalid
from notifications import conf, kinds, provider_accounts
from notifications.providers import registry

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@register
def check_kinds(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """notifications.E001: a kind of message cannot be loaded. E002: a kind lacks a template or its builder."""
    try:
        declared = kinds.list_declared()
    except (ImportError, AttributeError, ValueError) as error:
        return [Error(f"NOTIFICATIONS_KINDS cannot be loaded: {error}", id="notifications.E001")]
    return [Error(problem, id="notifications.E002") for kind in declared for problem in _problems_of(kind)]


@register
def check_providers(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """notifications.E003: a provider cannot be loaded. E004: production without a provider that really sends."""
    errors: list[CheckMessage] = [
        Error(f"NOTIFICATIONS_{channel.upper()}_PROVIDERS names {name}, which is no provider.", id="notifications.E003")
        for channel in registry.CHANNELS
        for name in conf.providers_of(channel)
        if not (provider_accounts.is_name(name) or _imports(registry.KNOWN.get(name, name)))
    ]
    if _in_production() and not set(conf.providers_of("email")) - {"file", "faulty"}:
        hint = "Set EMAIL_HOST. The file provider keeps mail on this machine and is for development."
        errors.append(Error("There is no mail provider.", hint=hint, id="notifications.E004"))
    return errors


@register
def check_mail(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """notifications.E005: the sender is no address. E006: mail would leave this machine in plain text."""
    errors: list[CheckMessage] = []
    try:
        _check_sender()
    except (Invalid, ValueError):
        errors.append(Error("DEFAULT_FROM_EMAIL is not one address, `Name <address>`.", id="notifications.E005"))
    encrypted = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    used = "smtp" in conf.providers_of("email")
    if _in_production() and used and not encrypted and settings.EMAIL_HOST not in LOOPBACK:
        hint = "Set EMAIL_USE_TLS or EMAIL_USE_SSL."
        errors.append(Error("Mail would leave this machine in plain text.", hint=hint, id="notifications.E006"))
    return errors


def _check_sender() -> None:
    """Raise unless the sender is one address. An address on a bare host or IP number does for development."""
    sender = conf.sender()
    address = parseaddr(sender)[1]
    if "\n" in sender or "\r" in sender or address.count("@") != 1:
        raise ValueError(sender)
    if _in_production():
        canonical.address(address)


def _problems_of(kind: kinds.Kind) -> Iterator[str]:
    if isinstance(kind.build, str) and not _imports(kind.build):
        yield f"{kind.name} is built by {kind.build}, which cannot be imported."
    for ending in kind.endings:
        try:
            get_template(kind.template + ending)
        except TemplateDoesNotExist:
            yield f"{kind.name} has no template {kind.template}{ending}."


def _imports(path: str) -> bool:
    try:
        import_string(path)
    except ImportError:
        return False
    return True


def _in_production() -> bool:
    return bool(getattr(settings, "PRODUCTION", False))
