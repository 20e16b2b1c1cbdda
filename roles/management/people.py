"""The person that a command names by address, and its failures as one line each."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import CommandError, CommandParser
from django.db import Error as DatabaseError

from kit.errors import Refusal
from roles.resources import EVERYWHERE


def add_arguments(parser: CommandParser) -> None:
    """Add what both commands take."""
    parser.add_argument("email", help="the person's e-mail address")
    parser.add_argument("role", help="the name of the role, such as administrator")
    parser.add_argument("--resource", default=EVERYWHERE, help="type:id, to limit the role to one thing")


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
