"""`manage.py roles_export > roles.yaml`: write the roles that there are as a file that `roles_apply` reads."""

from typing import Any

from django.core.management.base import BaseCommand

from roles import as_code, notation
from roles.management import people


class Command(BaseCommand):
    help = "Write the permissions of clients and the roles as YAML: all but what is built in."

    def handle(self, *args: Any, **options: Any) -> None:
        with people.failures_in_one_line():
            text = notation.dump(as_code.current())
        self.stdout.write(text, ending="")
