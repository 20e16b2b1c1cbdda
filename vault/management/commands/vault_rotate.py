"""Bring everything encrypted under the active root key, and say which keys are still needed."""

import sys
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kit.clock import utcnow
from kit.progress import Progress
from vault import keyring, resealing, uses

SHOWN = 20  # of the values that do not open


class Command(BaseCommand):
    help = (
        "Encrypt everything anew that is not under the active key (the first of VAULT_KEYS), while the service runs. "
        "Stop it whenever you like and run it again. At the end it says what is under which key, and which key may go."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--check", action="store_true", help="Change nothing, only say how things stand.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Renew, report, and fail when something is left under another key."""
        outcome = resealing.Outcome() if options["check"] else self._renew()
        counts = resealing.remaining()
        for label, by_key in counts.items():
            self.stdout.write(f"{label}: {_counted(by_key)}")
        for key_id in keyring.retired_ids():
            self.stdout.write(_judged(key_id, sum(by_key[key_id] for by_key in counts.values())))
        for value in outcome.shut[:SHOWN]:
            self.stderr.write(f"Does not open: {value}")
        left = sum(by_key.total() - by_key[keyring.active_id()] for by_key in counts.values())
        if left:
            raise CommandError(f"{left:,} values are not under {keyring.active_id()}.")

    def _renew(self) -> resealing.Outcome:
        progress = Progress("values", resealing.waiting(), sys.stderr)
        outcome = resealing.run(tell=progress.advance)
        progress.close()
        self.stdout.write(
            f"{outcome.renewed:,} values encrypted anew under {keyring.active_id()}, "
            f"{outcome.overtaken:,} written by others meanwhile, {len(outcome.shut):,} that do not open."
        )
        if outcome.renewed:
            details = {"values": str(outcome.renewed)}
            uses.report("vault.root_key.applied", now=utcnow(), target=keyring.active_id(), details=details)
        return outcome


def _counted(by_key: Counter[str]) -> str:
    """Return how many values are under which key."""
    return ", ".join(f"{number:,} under {key_id or 'no key we have'}" for key_id, number in by_key.items()) or "none"


def _judged(key_id: str, left: int) -> str:
    """Return what there is to say of a key that is not the active one."""
    reasons = [
        *([f"{left:,} encrypted values are left under it"] if left else []),
        *resealing.holders(key_id, now=utcnow()),
    ]
    if reasons:
        return f"{key_id} must stay: {'; '.join(reasons)}."
    return f"{key_id} may be removed, unless callers keep what /api/v1/encrypt gave them under it."
