"""The file of roles that a command is given, and what is wrong with it as one line."""

import sys
from pathlib import Path

from django.core.management.base import CommandError, CommandParser

from kit.errors import Invalid
from roles import notation

STANDARD_INPUT = "-"


def add_arguments(parser: CommandParser) -> None:
    """Add what every command takes that reads such a file."""
    parser.add_argument("file", help="the file, as roles_export writes it; - for standard input")
    parser.add_argument(
        "--prune", action="store_true", help="delete the roles and withdraw the permissions that the file does not name"
    )


def read(path: str) -> notation.Code:
    """Return what a file says. Raises CommandError, with the place of the mistake."""
    try:
        text = sys.stdin.read() if path == STANDARD_INPUT else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The file could not be read: {error}") from None
    try:
        return notation.parse(text)
    except Invalid as mistake:
        raise CommandError(f"{mistake.field}: {mistake.detail}") from None
