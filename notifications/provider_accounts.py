"""Providers that staff set up: kept in the database, their credentials sealed. A chain names one `account:<name>`.

Whoever may change where an account leads must know its credentials: with a new address, or as another's account, the
old ones are never used (Keycloak, CVE-2026-15943, is what happens otherwise).
"""

import datetime as dt
import json
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from django.db import DatabaseError, transaction

from audit import recording
from kit import seams
from kit.errors import Conflict, Invalid, NotFound
from kit.origin import NOWHERE, Origin
from notifications import conf, event_types
from notifications.channels import Channel
from notifications.models import ProviderAccount
from notifications.providers import http
from notifications.providers.base import Deferred, Email, Provider, Push, Receipt, Text, Unsupported
from vault import sealing

log = structlog.get_logger(__name__)

PREFIX = "account:"
REREAD = 5.0  # seconds until a process sees what another changed
MAX_VALUE = 1000
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")


@dataclass(frozen=True, slots=True)
class Driver:
    """A kind of provider: what it is told, what of that is secret, and what says where and as whom it goes."""

    title: str
    path: str
    settings: tuple[str, ...]
    secrets: tuple[str, ...]
    leading: frozenset[str] = frozenset({"url"})
    required: frozenset[str] = frozenset()


DRIVERS: Mapping[str, Driver] = {
    "novu": Driver(
        "Novu", "notifications.providers.novu.NovuProvider", ("url", "workflows"), ("api_key", "webhook_secret")
    ),
    "twilio": Driver(
        "Twilio",
        "notifications.providers.twilio.TwilioProvider",
        (
            *("account_sid", "from", "messaging_service_sid", "whatsapp_from", "content_sid", "content_variable"),
            "url",
        ),
        ("auth_token",),
        leading=frozenset({"url", "account_sid"}),
        required=frozenset({"account_sid"}),
    ),
    "resend": Driver(
        "Resend", "notifications.providers.resend.ResendProvider", ("url",), ("api_key", "webhook_secret")
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What staff want an account to be. Without `credentials` those that it has stay."""

    driver: str
    settings: Mapping[str, str]
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)


def is_name(name: str) -> bool:
    """Tell whether a chain names an account by this; whether it is there, the database knows."""
    return name.startswith(PREFIX) and _NAME.fullmatch(name.removeprefix(PREFIX)) is not None


def find(name: str) -> ProviderAccount:
    """Return an account. Raises NotFound."""
    row = ProviderAccount.objects.filter(name=name).first()
    if row is None:
        raise NotFound
    return row


def save(*, name: str, wish: Wish, actor: UUID, now: dt.datetime, origin: Origin = NOWHERE) -> ProviderAccount:
    """Set an account up, or change it. Raises Invalid, also where its credentials must be given anew."""
    driver = _driver(wish.driver)
    settings, credentials = _filled_in(wish.settings), _filled_in(wish.credentials)
    _check(name, driver, settings, credentials)
    with transaction.atomic():
        row = ProviderAccount.objects.select_for_update().filter(name=name).first()
        changed = _changed(row, wish.driver, settings)
        if not credentials and (row is None or row.credentials is None or changed & driver.leading):
            raise Invalid("credentials", "Give the credentials anew: this changes where they are sent.", "required")
        row = row or ProviderAccount(name=name, driver=wish.driver)
        row.settings, row.updated_at, row.updated_by = settings, now, actor
        if credentials:
            row.credentials = json.dumps(credentials)
        row.save()
        recording.record(
            event_types.PROVIDER_ACCOUNT_SAVED,
            now=now,
            actor=actor,
            target_kind="provider",
            target=PREFIX + name,
            details={
                "driver": wish.driver,
                "settings": ", ".join(sorted(changed)),
                "credentials": bool(credentials),
            },
            origin=origin,
        )
    _kept.forget()
    return row


def remove(*, name: str, actor: UUID, now: dt.datetime, origin: Origin = NOWHERE) -> None:
    """Remove an account. Raises NotFound, and Conflict while a chain names it."""
    if any(PREFIX + name in conf.providers_of(channel) for channel in Channel.values):
        raise Conflict("A channel is still sent by it.")
    with transaction.atomic():
        deleted, _ = ProviderAccount.objects.filter(name=name).delete()
        if not deleted:
            raise NotFound
        recording.record(
            event_types.PROVIDER_ACCOUNT_REMOVED,
            now=now,
            actor=actor,
            target_kind="provider",
            target=PREFIX + name,
            origin=origin,
        )
    _kept.forget()


def configuration_of(row: ProviderAccount) -> dict[str, Any]:
    """Return what a provider is made of: settings and credentials together. Raises `sealing.CannotUnseal`."""
    given: dict[str, Any] = {**row.settings, **json.loads(row.credentials or "{}")}
    if "workflows" in given:
        given["workflows"] = _pairs(given["workflows"])
    return given


def provider(name: str) -> Provider:
    """Return the provider of `account:<name>`, as it is in the database now or was a few seconds ago."""
    return _kept.provider(name.removeprefix(PREFIX))


def _driver(name: str) -> Driver:
    if name not in DRIVERS:
        raise Invalid("driver", "There is no such kind of provider.", "unknown")
    return DRIVERS[name]


def _filled_in(given: Mapping[str, str]) -> dict[str, str]:
    """Return what is more than spaces, without the spaces around it."""
    return {key: value.strip() for key, value in given.items() if value.strip()}


def _check(name: str, driver: Driver, settings: Mapping[str, str], credentials: Mapping[str, str]) -> None:
    """Raise Invalid for what is no account of this kind."""
    if not _NAME.fullmatch(name):
        raise Invalid("name", "Small letters, digits and dashes, at most 48.")
    _check_values("settings", settings, driver.settings)
    _check_values("credentials", credentials, driver.secrets)
    if missing := driver.required - settings.keys():
        raise Invalid(f"settings.{min(missing)}", "This is needed.", "required")
    if credentials and driver.secrets[0] not in credentials:
        raise Invalid(f"credentials.{driver.secrets[0]}", "This is needed.", "required")
    if "url" in settings:
        _check_url(settings["url"])
    if "workflows" in settings and not _pairs(settings["workflows"]):
        raise Invalid("settings.workflows", "A list of `channel=workflow`.")


def _check_values(where: str, given: Mapping[str, str], known: tuple[str, ...]) -> None:
    """Raise Invalid for a value that is not asked for, or that cannot be one."""
    for key, value in given.items():
        if key not in known:
            raise Invalid(f"{where}.{key}", "This is not asked of it.", "unknown")
        if len(value) > MAX_VALUE or not value.isprintable():
            raise Invalid(f"{where}.{key}", "Printable characters, at most 1,000.")


def _check_url(url: str) -> None:
    """Raise Invalid unless an address is that of a service that may be called."""
    if "\\" in url or http.Client(url=url).fault:
        raise Invalid("settings.url", "An address that begins with https://, without a name, a query or a fragment.")
    parts = urlsplit(url)
    if parts.fragment or "@" in parts.netloc or (conf.in_production() and parts.hostname in http.LOOPBACK):
        raise Invalid("settings.url", "This is no address of a service that may be called.")


def _changed(row: ProviderAccount | None, driver: str, settings: Mapping[str, str]) -> set[str]:
    """Return which settings are others than before; a driver stays what it is."""
    if row is None:
        return set(settings)
    if row.driver != driver:
        raise Invalid("driver", "Set up another account: this one stays of its kind.", "immutable")
    before: dict[str, str] = row.settings
    return {key for key in before.keys() | settings.keys() if before.get(key) != settings.get(key)}


def _pairs(text: str) -> dict[str, str]:
    """Return the pairs of `channel=workflow,…`; nothing for what is no such list."""
    pairs = [part.strip().partition("=") for part in text.split(",")]
    found = {key.strip(): value.strip() for key, _, value in pairs if key.strip() and value.strip()}
    return found if len(found) == len(pairs) and found.keys() <= set(Channel.values) else {}


class _Absent(Unsupported):
    """The provider of an account that is not there: nothing can be sent by it yet.

    That says nothing of the provider, whose account another process may have made a moment ago.
    """

    channels = frozenset(Channel.values)

    def __init__(self, name: str) -> None:
        self.name = name

    def send_email(self, message: Email) -> Receipt:
        """Put it off."""
        raise Deferred("no_such_account")

    def send_sms(self, message: Text) -> Receipt:
        """Put it off."""
        raise Deferred("no_such_account")

    def send_push(self, message: Push) -> Receipt:
        """Put it off."""
        raise Deferred("no_such_account")

    def health(self) -> str:
        """Say so."""
        return "no_such_account"


class _Kept:
    """The accounts as this process read them last, and the providers made of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read_at = -REREAD
        self._made: dict[str, tuple[dt.datetime, Provider]] = {}

    def forget(self) -> None:
        """Read at the next turn."""
        self._read_at = -REREAD

    def provider(self, name: str) -> Provider:
        """Return the provider of an account; one that fails where there is no such account."""
        with self._lock:
            if time.monotonic() - self._read_at >= REREAD:
                self._read()
            made = self._made.get(name)
        return made[1] if made is not None else _Absent(PREFIX + name)

    def _read(self) -> None:
        """Read all accounts by one statement, and make those providers anew whose account was changed."""
        try:
            rows = list(ProviderAccount.objects.all())
        except DatabaseError:
            return  # those of before go on
        before, self._made = self._made, {}
        for row in rows:
            known = before.get(row.name)
            if known is not None and known[0] == row.updated_at:
                self._made[row.name] = known
            elif (made := _make(row)) is not None:
                self._made[row.name] = (row.updated_at, made)
        self._read_at = time.monotonic()


def _make(row: ProviderAccount) -> Provider | None:
    """Return the provider of an account; None for one that cannot be opened or is of a kind that is no more."""
    try:
        given = configuration_of(row)
        made: Provider = seams.load(DRIVERS[row.driver].path)(given, name=PREFIX + row.name)
    except (sealing.CannotUnseal, KeyError):
        log.error("provider_account_unusable", account=row.name)  # noqa: TRY400 - the trace says no more
        return None
    return made


_kept = _Kept()
