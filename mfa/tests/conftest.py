"""Staff and their browsers, for the tests of the pages of second factors."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.testing import make_person
from kit.clock import utcnow
from mfa.testing import code_of, make_recovery_codes, make_totp
from mfa.tests.browsing import EMAIL, STEP, enter


@pytest.fixture
def anna() -> User:
    """A member of staff without a factor, who may do nothing in particular."""
    return make_person(EMAIL, is_staff=True)


@pytest.fixture
def must(settings: Any, anna: User) -> User:
    """Her, where everybody must have a second factor."""
    settings.MFA_POLICY = "required"
    return anna


@pytest.fixture
def inside(client: Client, anna: User) -> Client:
    """A browser in which she has signed in with her password alone."""
    assert enter(client)["Location"] == "/admin/"
    return client


@pytest.fixture
def proved(client: Client, anna: User) -> Client:
    """A browser in which she has signed in with an app; her recovery codes are there."""
    device = make_totp(anna, name="Telephone")
    make_recovery_codes(anna)
    enter(client)
    client.post(STEP, {"method": "totp", "code": code_of(device, utcnow())})
    return client
