"""The person or group that a command names, and its failures as one line each."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import CommandError, CommandParser
from django.db import Error as DatabaseError

from kit.errors import Refusal
from roles import groups
from roles.grants import Holder
from roles.models import Group
from roles.resources import EVERYWHERE


def add_arguments(parser: CommandParser) -> None:
    """Add what both commands take."""
    parser.add_argument("holder", metavar="WHO", help="the person's e-mail address; with --group, a group's name")
    parser.add_argument("role", metavar="ROLE", help="the name of the role, such as administrator")
    parser.add_argument("--group", action="store_true", help="WHO is a group, and not a person")
    parser.add_argument("--resource", default=EVERYWHERE, help="type:id, to limit the role to one thing")
    parser.add_argument("--deny", action="store_true", help="it is about denying what the role holds, not giving it")


def grant_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the grant that the options name, as `grants` takes it. Raises CommandError, `GroupNotFound`."""
    name = options["holder"]
    return {
        "holder": groups.find(name) if options["group"] else find(name),
        "role": options["role"],
        "resource": options["resource"],
        "denies": options["deny"],
    }


def name_of(holder: Holder) -> str:
    """Return how a command calls a person or a group."""
    return f"The group {holder.name}" if isinstance(holder, Group) else holder.get_username()


def find(email: str) -> AbstractBaseUser:
    """Return the person who has this address; raises CommandError."""
    try:
        user: AbstractBaseUser = get_user_model()._default_manager.get_by_natural_key(email)
    except ObjectDoesNotExist:
        raise CommandError(f"There is no person with the address {email!r}.") from None
    return user


@contextmanager
def failures_in_one_line() -> Iterator[None]:
    """Turn a refusal, and a database that cannot be used, into a CommandError: one line, exit status 1."""
    try:
        yield
    except Refusal as refusal:
        raise CommandError(refusal.detail) from None
    except DatabaseError as error:
        first_line = str(error).strip().partition("\n")[0]
        raise CommandError(f"The database could not be used: {first_line}") from None
