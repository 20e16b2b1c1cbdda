"""The question "may she do X on this?", about oneself or, with permission, about another person."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser

from kit.errors import PermissionRefused
from roles import effective, people, permissions
from roles.resources import EVERYWHERE

MOST = 100  # questions in one call


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """Whether a person, or the caller, holds a permission on a resource or everywhere."""

    permission: str
    resource: str = EVERYWHERE
    user: UUID | None = None


def answers(*, caller: Any, questions: Sequence[Question], now: dt.datetime) -> list[bool]:
    """Answer several questions in order, by a few statements whatever their number: all of them, or none.

    Raises as `about` does; an unknown person is told by the place of the question, `checks.3.user`.
    """
    others = {question.user for question in questions} - {None, caller.pk}
    if others and not effective.allows(caller, permissions.VIEW_GRANT, now=now):
        raise NotYours
    known = {**people.find_all(each for each in others if each), caller.pk: caller, None: caller}
    for index, question in enumerate(questions):
        if question.user not in known:
            raise people.UnknownPerson(f"checks.{index}.user")
    asked = [(known[question.user], question.permission, question.resource) for question in questions]
    return effective.answers(asked, now=now)


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
