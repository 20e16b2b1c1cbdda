"""Policies of the house that need to know more than one app does: who must have a second factor."""

from django.conf import settings

from accounts.models import User
from kit.clock import utcnow
from roles import effective
from roles.builtin import ADMINISTRATOR

EVERYBODY, STAFF = "all", "staff"


def named_roles() -> set[str]:
    """Return the roles that SECOND_FACTOR_FOR names."""
    return set(settings.SECOND_FACTOR_FOR) - {EVERYBODY, STAFF}


def needs_second_factor(user: User) -> bool:
    """Say whether SECOND_FACTOR_FOR names this person: as one of all, as staff, or by a role, wherever it was given.

    Whoever may do everything counts as an administrator, with or without the role.
    """
    named = set(settings.SECOND_FACTOR_FOR)
    if EVERYBODY in named or (STAFF in named and user.is_staff):
        return True
    roles = named_roles()
    if user.is_superuser and ADMINISTRATOR in roles:
        return True
    return bool(roles) and not roles.isdisjoint(effective.of(user, now=utcnow()).roles_anywhere)
