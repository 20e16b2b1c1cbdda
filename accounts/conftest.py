"""What every test of accounts has at hand."""

import datetime as dt

import pytest

from accounts import decoys
from kit.clock import utcnow


@pytest.fixture(autouse=True)
def _fresh_decoys() -> None:
    decoys.held.forget()


@pytest.fixture
def now() -> dt.datetime:
    return utcnow()
