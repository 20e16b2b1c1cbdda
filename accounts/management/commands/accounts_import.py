"""Bring people over from another system, with the hashes of their passwords."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import importing, people_files
from kit.clock import utcnow
from kit.errors import Refusal
from kit.progress import Progress


class Command(BaseCommand):
    help = (
        "Import people from JSON lines or CSV. Every address counts as confirmed. A run that was stopped goes on where "
        "it was; lines that are refused are written to a report with their reasons. The form of the file and of the "
        "hashes: docs/operations.md, Bringing people over."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path, help="The people, one on a line.")
        parser.add_argument("--format", choices=people_files.FORMATS, default="", help="Told by its name without this.")
        parser.add_argument("--dry-run", action="store_true", help="Check everything and change nothing.")
        parser.add_argument("--report", type=Path, help="Where refused lines go; FILE.refused.csv without this.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the file, and say what came of it."""
        path, is_dry = options["file"], options["dry_run"]
        report_path = options["report"] or path.with_name(f"{path.name}.refused.csv")
        try:
            format_ = people_files.format_of(path, options["format"])
            identity = people_files.identify(path)
            before = importing.state_of(identity)
            if before.is_finished:
                self.stdout.write(f"This very file has been imported: {_told(before)}.")
                return
            if before.line:
                self.stdout.write(f"Going on behind line {before.line:,}: {_told(before)} until then.")
            after = self._run(path, format_, identity, report_path, before, is_dry=is_dry)
        except OSError as error:
            raise CommandError(str(error)) from error
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        self.stdout.write(f"{'Nothing is changed. Would be: ' if is_dry else ''}{_told(after)}.")
        if after.refused:
            self.stdout.write(f"Each refused line and its reason: {report_path}")

    def _run(
        self,
        path: Path,
        format_: str,
        identity: people_files.Identity,
        report_path: Path,
        before: importing.State,
        *,
        is_dry: bool,
    ) -> importing.State:
        progress = Progress("lines", identity.lines, sys.stderr)
        progress.start_at(before.line)
        with importing.Report(report_path, keep_to=before.line) as report:
            after = importing.run(
                rows=people_files.rows(path, format_),
                identity=identity,
                report=report,
                clock=utcnow,
                tell=lambda line: progress.advance(line - progress.done),
                is_dry=is_dry,
            )
        progress.close()
        return after


def _told(state: importing.State) -> str:
    return f"{state.imported:,} imported, {state.refused:,} refused"
