"""Let the signing keys take turns: in order, or all at once when one has leaked."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kit.clock import utcnow
from vault import conf, rotation, signing_keys
from vault.models import KeyState, SigningKey


class Command(BaseCommand):
    help = "Let the next signing key take over; the one before it is published until what it signed has ended."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--emergency",
            action="store_true",
            help="A key has leaked: make new ones and remove all others at once. Every access token is refused, and "
            "clients renew theirs with their refresh tokens.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = utcnow()
        for line in _replace(now) if options["emergency"] else _rotate(now):
            self.stdout.write(line)


def _rotate(now: dt.datetime) -> list[str]:
    """Rotate in order, and return what there is to say of it."""
    try:
        new = rotation.rotate(now=now)
    except rotation.TooSoon as error:
        wait = int(error.wait.total_seconds()) + 1
        raise CommandError(
            f"The next key has not been published long enough for everybody to know it. Try again in {wait} seconds, "
            "or with --emergency if a key has leaked."
        ) from error
    if new is None:
        raise CommandError("Somebody else has just rotated the keys. Nothing was done.")
    old = SigningKey.objects.filter(state=KeyState.RETIRED).latest("retired_at")
    until = now + conf.retired_keys_kept()
    return [
        f"{new.kid} ({new.algorithm}) signs from now on; every process knows within {_seconds()} seconds.",
        f"{old.kid} ({old.algorithm}) verifies until {until:%Y-%m-%d %H:%M} UTC and is removed then.",
        _next(),
    ]


def _replace(now: dt.datetime) -> list[str]:
    """Replace all keys at once, and return what there is to say of it."""
    new, gone = signing_keys.replace_all(now=now)
    return [
        f"{new.kid} ({new.algorithm}) signs from now on; every process knows within {_seconds()} seconds.",
        *(f"{kid} is removed." for kid in gone),
        _next(),
        "Every access token from before is refused. Clients renew theirs with their refresh tokens, which stay good.",
        f"Services that verify by themselves may take old tokens for up to {signing_keys.CACHEABLE_SECONDS} seconds.",
    ]


def _next() -> str:
    key = SigningKey.objects.get(state=KeyState.NEXT)
    return f"{key.kid} ({key.algorithm}) is published and signs next."


def _seconds() -> int:
    return int(signing_keys.REREAD_SECONDS)
