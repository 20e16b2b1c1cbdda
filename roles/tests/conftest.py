"""People and a role for the tests of requests."""

import pytest

from roles.models import Role
from roles.testing import allow, make_role
from roles.tests.asking import SEND
from roles.tests.people.making import make_person
from roles.tests.people.models import Person


@pytest.fixture
def anna() -> Person:
    return make_person("anna")


@pytest.fixture
def bert() -> Person:
    """Somebody who may give what the role `courier` holds."""
    bert = make_person("bert")
    allow(bert, "roles.add_grant", SEND)
    return bert


@pytest.fixture
def courier() -> Role:
    """The role that the tests of requests ask for."""
    role = make_role("courier", SEND)
    Role.objects.filter(name="courier").update(requestable=True)
    return role
