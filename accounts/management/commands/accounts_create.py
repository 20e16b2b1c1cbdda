"""Make a confirmed person from the command line: the way in for the first member of staff."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import people
from kit.clock import utcnow
from kit.errors import Refusal


class Command(BaseCommand):
    help = "Make a person whose address is confirmed. The password is asked for, or read from standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("email", help="Her e-mail address.")
        parser.add_argument("--password-stdin", action="store_true", help="Read the password from standard input.")
        parser.add_argument("--staff", action="store_true", help="She may open the admin.")
        parser.add_argument("--superuser", action="store_true", help="She holds every permission.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the person, and say so in one line."""
        password = sys.stdin.readline().rstrip("\r\n") if options["password_stdin"] else _asked()
        try:
            user = people.create_confirmed(
                address=options["email"],
                password=password,
                is_staff=options["staff"] or options["superuser"],
                is_superuser=options["superuser"],
                now=utcnow(),
            )
        except Refusal as refusal:
            raise CommandError(f"{options['email']}: {refusal.detail}") from refusal
        what = "superuser" if user.is_superuser else "staff" if user.is_staff else "person"
        self.stdout.write(f"Created {what} {user.email} ({user.pk}).")


def _asked() -> str:
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("The same again: "):
        raise CommandError("The two passwords differ.")
    return password
