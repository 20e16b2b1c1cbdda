"""People for the tests, and a client that calls as one of them."""

from typing import Any

from rest_framework.test import APIClient

from roles.tests.people.models import Person


def make_person(name: str = "anna", **flags: Any) -> Person:
    return Person.objects.create(email=f"{name}@example.com", **flags)


def make_administrator(name: str = "root") -> Person:
    return make_person(name, is_superuser=True)


def client_of(person: Person) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=str(person.pk))
    return client
