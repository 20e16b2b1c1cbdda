"""`manage.py roles_revoke WHO ROLE`: take a role, or a denial, back from a person or a group, as the operator."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kit.clock import utcnow
from roles import grants
from roles.management import people


class Command(BaseCommand):
    help = (
        "Take a role back from a person or a group, or with --deny lift a denial of it. "
        "The last person who may do everything keeps it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        people.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        with people.failures_in_one_line():
            named = people.grant_of(options)
            grants.take(**named, actor=None, now=utcnow())
        verb = "is no longer denied" if named["denies"] else "no longer has"
        where = f"the role {named['role']} on {named['resource'] or 'everything'}"
        self.stdout.write(f"{people.name_of(named['holder'])} {verb} {where}.")
