"""`manage.py roles_revoke EMAIL ROLE [--resource R]`: take a role back from a person, as the operator."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kit.clock import utcnow
from roles import grants
from roles.management import people


class Command(BaseCommand):
    help = "Take a role back from a person. The last person who may do everything keeps it."

    def add_arguments(self, parser: CommandParser) -> None:
        people.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        role, resource = options["role"], options["resource"]
        with people.failures_in_one_line():
            user = people.find(options["email"])
            grants.take(holder=user, role=role, resource=resource, actor=None, now=utcnow())
        self.stdout.write(f"{user.get_username()} no longer has the role {role} on {resource or 'everything'}.")
