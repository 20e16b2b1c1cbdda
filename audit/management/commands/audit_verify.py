"""Verify the audit log; exit 1 with one line that names the first bad entry."""

import re
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from audit import verification

TOLD_EVERY = 2  # seconds
_ANCHOR = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})\Z")


class Command(BaseCommand):
    """`manage.py audit_verify [--anchor POSITION:CHAIN]`."""

    help = "Verify the audit log: every entry, the chain of seals, the signed checkpoints."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the head of the chain as an earlier run reported it."""
        parser.add_argument("--anchor", default="", metavar="POSITION:CHAIN", help="the head that an earlier run named")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was verified, or raise CommandError with the first fault."""
        self._told = time.monotonic()
        progress = self._progress if options["verbosity"] > 0 else lambda _done, _total: None
        try:
            found = verification.verify(anchor=_anchor(options["anchor"]), progress=progress)
        except verification.BrokenLog as broken:
            raise CommandError(f"The audit log does not verify: {broken}") from None
        except (DatabaseError, ValueError) as error:  # no tables, or a row that holds what its column cannot
            raise CommandError(f"The audit log cannot be read: {str(error).splitlines()[0]}") from None
        self.stdout.write(
            f"The audit log verifies: {found.sealed} sealed, {found.waiting} waiting for a seal; "
            f"head {found.sealed}:{found.chain}"
        )

    def _progress(self, done: int, total: int) -> None:
        if time.monotonic() - self._told >= TOLD_EVERY:
            self._told = time.monotonic()
            self.stderr.write(f"{done} of {total} entries verified")


def _anchor(text: str) -> verification.Anchor | None:
    if not text:
        return None
    parsed = _ANCHOR.match(text)
    if not parsed:
        raise CommandError("--anchor takes POSITION:CHAIN as an earlier run printed it")
    return verification.Anchor(position=int(parsed[1]), chain=parsed[2])
