"""Wrap the weak hashes that came from other systems in Argon2id."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts import wrapping
from kit.clock import utcnow
from kit.progress import Progress


class Command(BaseCommand):
    help = (
        "Wrap every hash that is cheaper to break than ours (SHA, MD5, crypt, quick PBKDF2) in Argon2id. People "
        "sign in as before; run it again after it was stopped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--threads", type=int, default=0, help="How many at a time; one for each core without this."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Wrap them, and say how many."""
        progress = Progress("hashes", wrapping.count(), sys.stderr)
        outcome = wrapping.run(clock=utcnow, tell=progress.advance, workers=max(0, options["threads"]))
        progress.close()
        self.stdout.write(f"{outcome.wrapped:,} hashes wrapped.")
        if outcome.too_long:
            self.stdout.write(f"{outcome.too_long:,} have too long a salt to be wrapped; they become ours at sign-in.")
