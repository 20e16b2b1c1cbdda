"""`manage.py mfa_reset NAME --reason R`: take somebody's second factors away, as the operator.

The way back for the last person who may reset others', when she has lost her own.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import stewardship
from accounts.models import User
from kit.clock import utcnow
from kit.errors import Refusal


class Command(BaseCommand):
    help = "Take a person's second factors away, with recovery codes, trusted devices and sessions. A mail tells her."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("name", help="Her e-mail address or user name.")
        parser.add_argument("--reason", required=True, help="Why, in one line: for the log, and for her.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Reset them, and say so in one line."""
        user = User.objects.find_by_name(options["name"])
        if user is None:
            raise CommandError(f"There is no person called {options['name']!r}.")
        try:
            stewardship.reset_factors(user=user, actor=None, reason=options["reason"], now=utcnow())
        except Refusal as refusal:
            raise CommandError(f"{options['name']}: {refusal.detail}") from refusal
        self.stdout.write(f"{user.email} has no second factor any more; a mail says so.")
