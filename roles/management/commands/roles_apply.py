"""`manage.py roles_apply FILE [--dry-run] [--prune]`: make permissions and roles what a file says, as the operator."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kit.clock import utcnow
from roles import as_code
from roles.management import files, people


class Command(BaseCommand):
    help = (
        "Make the permissions of clients and the roles what a file says, all of it or nothing, and show what that "
        "changes. The same file once more changes nothing. The guards of the API do not hold for the operator."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        files.add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="show what it would change, or refuse, and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        code = files.read(options["file"])
        with people.failures_in_one_line():
            changed = as_code.apply(code, prune=options["prune"], dry_run=options["dry_run"], now=utcnow())
        for line in changed.lines():
            self.stdout.write(line)
        if not changed:
            self.stdout.write("Nothing to change.")
        elif options["dry_run"]:
            self.stdout.write("Nothing has been changed: this was a dry run.")
