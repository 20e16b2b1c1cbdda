"""Which root keys people still need."""

import datetime as dt
from typing import Any

import pytest

from accounts import key_uses
from accounts.models import Registration
from accounts.testing import make_person, register, sign_in
from vault.testing import OTHER_KEY, root_keys

NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


def test_key_is_needed_by_links_that_are_good_and_by_known_devices(settings: Any) -> None:
    with root_keys(f"{OTHER_KEY},{settings.VAULT_KEYS}"):
        register(now=NOW)
        sign_in(make_person(), now=NOW)
    mailed, devices = key_uses.of("t2", now=NOW)
    assert mailed.startswith("1 links and codes")
    assert devices.startswith("1 known devices")


def test_key_is_not_needed_by_links_that_are_over() -> None:
    register(now=NOW)
    over = Registration.objects.get().expires_at
    assert list(key_uses.of("t1", now=over)) == []
