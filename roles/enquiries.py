"""The question "may she do X on this?", about oneself or, with permission, about another person."""

import datetime as dt
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser

from kit.errors import PermissionRefused
from roles import effective, people, permissions


class NotYours(PermissionRefused):
    """Asked about another person without the permission to see what others may do."""

    default_detail = "You may ask about yourself alone."
    permission: ClassVar[str] = permissions.VIEW_GRANT


def answer(*, caller: Any, permission: str, resource: str, now: dt.datetime, user: UUID | None = None) -> bool:
    """Tell whether the caller, or the person with the id `user`, holds a permission on a resource (or everywhere).

    An inactive person may do nothing. Raises as `about` does.
    """
    person = about(caller=caller, user=user, now=now)
    return effective.allows(person, permission, resource=resource, now=now)


def about(*, caller: Any, user: UUID | None, now: dt.datetime) -> AbstractBaseUser:
    """Return whom a caller asks about: herself, or with `roles.view_grant` everywhere the person with the id `user`.

    Without it `NotYours` is raised, the same for an id that nobody has; with it, an unknown id is `Invalid`.
    """
    if user is None or user == caller.pk:
        found: AbstractBaseUser = caller
        return found
    if not effective.allows(caller, permissions.VIEW_GRANT, now=now):
        raise NotYours
    return people.find(user)
