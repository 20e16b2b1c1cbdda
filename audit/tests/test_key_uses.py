"""Which root keys the log needs."""

import datetime as dt

import pytest

from audit import key_uses
from audit.event_types import SIGNING_KEY_CREATED
from audit.recording import record
from vault.testing import OTHER_KEY, root_keys

NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


def test_key_that_proved_an_entry_is_needed_and_another_is_not() -> None:
    with root_keys(OTHER_KEY):
        record(SIGNING_KEY_CREATED, now=NOW)
    assert list(key_uses.of("t2", now=NOW)) == ["entries of the audit log from its time could not be verified"]
    assert list(key_uses.of("t", now=NOW)) == []
