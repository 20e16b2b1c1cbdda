"""People of these tests, as an app above would know them."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection
from django.test.utils import CaptureQueriesContext

from kit.ids import uuid7
from notifications.recipients import Contact

contacts: dict[UUID, Contact] = {}
asked: list[int] = []

RESOLVER = f"{__name__}.resolve"


def resolve(people: Collection[UUID]) -> dict[UUID, Contact]:
    """Return those that are known, and note how many were asked for."""
    asked.append(len(people))
    return {person: contacts[person] for person in people if person in contacts}


def new_person(**fields: Any) -> UUID:
    """Return somebody who is known."""
    person = uuid7()
    contacts[person] = Contact(**{"email": "anna@example.com", **fields})
    return person


@contextmanager
def counted(most: list[int]) -> Iterator[None]:
    """Append how many statements a block makes, without those that begin and end transactions."""
    ignored = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    with CaptureQueriesContext(connection) as queries:
        yield
    most.append(sum(not query["sql"].startswith(ignored) for query in queries))
