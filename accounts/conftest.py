"""What every test of accounts has: a log that a flush may empty, and keys that no other test has cached."""

import datetime as dt

import pytest

from audit.testing import flushable_audit_log  # noqa: F401 - a fixture
from kit.clock import utcnow


@pytest.fixture
def now() -> dt.datetime:
    return utcnow()
