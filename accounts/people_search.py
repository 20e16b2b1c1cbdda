"""Finding people among a million: by the beginning of a name, by state, by when they came, in the order of an index.

A search takes at most a thousand of each kind of name that begin with the text, as their index has them: so it costs
the same for one letter as for a whole name, and whoever sees too many writes another letter.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q, QuerySet

from accounts.models import Handle, User
from kit import canonical
from kit.prefixes import begins

MOST_MATCHES = 1000

ORDERS = {
    "created_at": ("created_at", "id"),
    "email": ("email",),
    "last_name": ("last_name_key", "id"),
}


class State(models.TextChoices):
    """What became of an account; each is one condition, and every account is in one."""

    ACTIVE = "active", "may act"
    INACTIVE = "inactive", "stopped by staff"
    FROZEN = "frozen", "stopped by its owner, until she sets a new password"
    DELETED = "deleted", "stopped, and erased when its grace is over"


_STATES = {
    State.ACTIVE: Q(is_active=True, frozen_at=None, erase_at=None),
    State.INACTIVE: Q(is_active=False, erase_at=None),
    State.FROZEN: Q(is_active=True, frozen_at__isnull=False, erase_at=None),
    State.DELETED: Q(erase_at__isnull=False),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """Whom to find; None asks nothing. `created_before` itself is not in the range."""

    search: str = ""
    is_active: bool | None = None
    is_staff: bool | None = None
    state: State | None = None
    created_after: dt.datetime | None = None
    created_before: dt.datetime | None = None


def state_of(user: User) -> State:
    """Return the state of an account: deleted before stopped, stopped before frozen."""
    if user.erase_at is not None:
        return State.DELETED
    if not user.is_active:
        return State.INACTIVE
    return State.ACTIVE if user.frozen_at is None else State.FROZEN


def condition_of(state: State) -> Q:
    """Return the condition that is true of the accounts in this state."""
    return _STATES[state]


def find(question: Question) -> QuerySet[User]:
    """Return the people that a question asks for, without their passwords and in no order yet (see `ORDERS`).

    A search costs three short statements before the one that reads a page.
    """
    given: dict[str, Any] = {
        "is_active": question.is_active,
        "is_staff": question.is_staff,
        "created_at__gte": question.created_after,
        "created_at__lt": question.created_before,
    }
    asked = {name: value for name, value in given.items() if value is not None}
    people = User.objects.defer("password").filter(**asked)
    if question.state is not None:
        people = people.filter(condition_of(question.state))
    return people.filter(pk__in=find_ids(question.search)) if question.search else people


def order_of(name: str) -> tuple[str, ...]:
    """Return the columns of an order of `ORDERS`; `-` in front of its name turns it round."""
    columns = ORDERS[name.removeprefix("-")]
    return tuple(f"-{column}" for column in columns) if name.startswith("-") else columns


def find_ids(text: str) -> set[UUID]:
    """Return the ids of people of whom an address, user name, first or last name begins with this text.

    Of two words or more, also those whose first name is all but the last of them, and whose last name begins with that.
    An empty text finds nobody.
    """
    term = canonical.fold(text)
    if not term:
        return set()
    # In no order: PostgreSQL would sort all that match by its language first.
    names = Handle.objects.filter(begins("canonical", term), held_until=None)
    found = set(names.values_list("user_id", flat=True)[:MOST_MATCHES])
    for column in ("last_name_key", "first_name_key"):
        found |= _first(Q(begins(column, term)))
    first, _, last = term.rpartition(" ")
    return found | _first(Q(first_name_key=first.strip()) & begins("last_name_key", last)) if first else found


def _first(condition: Q) -> set[UUID]:
    return set(User.objects.filter(condition).values_list("pk", flat=True)[:MOST_MATCHES])
