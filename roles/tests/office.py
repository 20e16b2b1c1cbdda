"""Members of staff for the tests of the admin, each signed in to it."""

from typing import Any, cast

from django.test import Client

from roles.testing import allow
from roles.tests.people.making import make_person
from roles.tests.people.models import Person


def staff(*permissions: str, name: str = "staff") -> tuple[Person, Client]:
    """Return a member of staff who holds these permissions, and her browser."""
    person = make_person(name, is_staff=True)
    if permissions:
        allow(person, *permissions)
    client = Client()
    client.force_login(cast("Any", person), backend="roles.tests.people.doors.SessionBackend")
    return person, client


def said(answer: Any) -> list[str]:
    """Return what a page tells of what was just done."""
    return [str(message) for message in answer.context["messages"]]
