"""What every test of accounts has at hand."""

import datetime as dt

import pytest

from kit.clock import utcnow


@pytest.fixture
def now() -> dt.datetime:
    return utcnow()
