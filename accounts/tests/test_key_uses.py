"""Which root keys people still need."""

import datetime as dt
from typing import Any

import pytest

from accounts import key_uses, refresh
from accounts.models import Device, Registration
from accounts.testing import make_person, register, sign_in
from kit.origin import NOWHERE
from vault.testing import OTHER_KEY, root_keys

NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


def test_key_is_needed_by_links_that_are_good_and_by_known_devices(settings: Any) -> None:
    with root_keys(f"{OTHER_KEY},{settings.VAULT_KEYS}"):
        register(now=NOW)
        sign_in(make_person(), now=NOW)
    mailed, devices, refreshes = key_uses.of("t2", now=NOW)
    assert mailed.startswith("1 links and codes")
    assert devices.startswith("1 known devices")
    assert refreshes.startswith("up to 1 refresh tokens")


def test_key_is_needed_by_refresh_tokens_until_each_is_spent_or_over(settings: Any) -> None:
    signed_in = sign_in(now=NOW)
    later = NOW + dt.timedelta(hours=1)
    with root_keys(f"{OTHER_KEY},{settings.VAULT_KEYS}"):
        Device.objects.update(key_id="t2")
        assert [told[:7] for told in key_uses.of("t1", now=later)] == ["up to 1"]
        refresh.renew(token=signed_in.refresh, now=later, origin=NOWHERE)
        assert list(key_uses.of("t1", now=later)) == []
        told = list(key_uses.of("t2", now=later))
        assert told[-1].startswith("up to 1 refresh tokens")
        assert len(list(key_uses.of("t2", now=later + dt.timedelta(days=400)))) == len(told) - 1


def test_key_is_not_needed_by_links_that_are_over() -> None:
    register(now=NOW)
    over = Registration.objects.get().expires_at
    assert list(key_uses.of("t1", now=over)) == []
