"""Invite somebody from the command line: a mail has the link by which she chooses a password."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import invitations
from kit.clock import utcnow
from kit.errors import Refusal


class Command(BaseCommand):
    help = "Invite a person. She chooses her password by the link of a mail, and the account comes to be then."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("email", help="Her e-mail address.")
        parser.add_argument("--first-name", default="", help="Her first name, if it is known.")
        parser.add_argument("--last-name", default="", help="Her last name, if it is known.")
        parser.add_argument("--staff", action="store_true", help="She may open the admin.")
        parser.add_argument("--role", action="append", default=[], help="A role that she gets; may be given again.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Send the invitation, and say so in one line."""
        guest = invitations.Guest(
            email=options["email"],
            first_name=options["first_name"],
            last_name=options["last_name"],
            is_staff=options["staff"],
            grants=tuple({"role": role} for role in options["role"]),
        )
        try:
            row = invitations.invite(guest=guest, inviter=None, now=utcnow())
        except Refusal as refusal:
            raise CommandError(f"{options['email']}: {refusal.detail}") from refusal
        self.stdout.write(f"Invited {row.address}, until {row.expires_at:%Y-%m-%d %H:%M} UTC.")
