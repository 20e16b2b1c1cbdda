"""Clients for the tests of this floor."""

import pytest
from rest_framework.test import APIClient


@pytest.fixture
def client() -> APIClient:
    """A client that sees a server error as its callers do, as an answer."""
    return APIClient(raise_request_exception=False)
