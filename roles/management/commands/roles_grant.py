"""`manage.py roles_grant EMAIL ROLE [--resource R] [--reason TEXT]`: give a person a role, as the operator."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kit.clock import utcnow
from roles import grants
from roles.management import people


class Command(BaseCommand):
    help = "Give a person a role, everywhere or on one resource. The guards of the API do not hold for the operator."

    def add_arguments(self, parser: CommandParser) -> None:
        people.add_arguments(parser)
        parser.add_argument("--reason", default="", help="why, kept with the grant")

    def handle(self, *args: Any, **options: Any) -> None:
        with people.failures_in_one_line():
            user = people.find(options["email"])
            given = grants.give(
                holder=user,
                role=options["role"],
                resource=options["resource"],
                reason=options["reason"],
                actor=None,
                now=utcnow(),
            )
        verb = "now has" if given.created else "already had"
        self.stdout.write(f"{user.get_username()} {verb} the role {given.grant}.")
