"""Take people out, in the form in which accounts_import takes them."""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError

from accounts import exporting, people_files
from accounts.models import User
from kit.clock import utcnow
from kit.errors import Refusal
from kit.progress import Progress

OWNER_ONLY = 0o600
WARNING = (
    "The file holds the hashes of passwords: whoever reads it can try passwords against them for as long as she likes. "
    "Keep it from everybody, and delete it when it has served."
)


class Command(BaseCommand):
    help = "Write everybody to JSON lines or CSV, without the hashes of their passwords unless that is asked for."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path, help="The file to make; one that is there is never written over.")
        parser.add_argument("--format", choices=people_files.FORMATS, default="", help="Told by its name without this.")
        parser.add_argument("--with-password-hashes", action="store_true", help="Write the hashes too. Keep it safe.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file, and say how many are in it."""
        path, with_hashes = options["file"], options["with_password_hashes"]
        if with_hashes:
            self.stderr.write(WARNING)
        try:
            format_ = people_files.format_of(path, options["format"])
            with _made(path) as stream:
                progress = Progress("people", User.objects.count(), sys.stderr)
                count = exporting.run(
                    writer=people_files.Writer(stream, format_, exporting.columns(with_hashes=with_hashes)),
                    with_hashes=with_hashes,
                    clock=utcnow,
                    tell=progress.advance,
                )
                progress.close()
        except OSError as error:
            raise CommandError(str(error)) from error
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        self.stdout.write(f"{count:,} people in {path}.")


def _made(path: Path) -> TextIO:
    """Open a new file that only its owner may read."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    return os.fdopen(number, "w", encoding="utf-8", newline="")
