"""Build the list of breached passwords that ACCOUNTS_BREACHED_LIST names."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import breached_building
from kit.errors import Refusal
from kit.progress import Progress


class Command(BaseCommand):
    help = (
        "Make a compact list of breached passwords of a file of plain words, of SHA-1 hashes, or of `HASH:count` lines "
        "as Have I Been Pwned gives them out. Any length, in little memory; quickest in the order of the hashes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("source", type=Path, help="The file, one password or hash on a line.")
        parser.add_argument("target", type=Path, help="The list to make; an older one is replaced at the end.")
        forms = ("auto", "words", "hashes")
        parser.add_argument("--form", choices=forms, default="auto", help="What is in it; told by its first line.")
        parser.add_argument(
            "--at-least", type=int, default=1, metavar="N", help="Leave out hashes that were seen less often."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Build it, and say how many are in it."""
        source, target = options["source"], options["target"]
        try:
            with source.open("rb") as file:
                are_hashes = options["form"] == "hashes"
                if options["form"] == "auto":
                    are_hashes = breached_building.looks_like_hashes(file.readline())
                    file.seek(0)
                progress = Progress("bytes", source.stat().st_size, sys.stderr)
                count = breached_building.build(
                    source=file,
                    target=target,
                    are_hashes=are_hashes,
                    at_least=options["at_least"],
                    tell=progress.advance,
                )
                progress.close()
        except OSError as error:
            raise CommandError(str(error)) from error
        except Refusal as refusal:
            raise CommandError(f"{source}: {refusal.detail}") from refusal
        self.stdout.write(f"{count:,} passwords in {target}. Set ACCOUNTS_BREACHED_LIST={target.resolve()}")
