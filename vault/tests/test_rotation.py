"""Signing keys take turns, and never before everybody can know the one that comes."""

import datetime as dt
from typing import Any

import pytest

from kit.testing import races
from vault import rotation, signing_keys
from vault.models import KeyState, SigningKey
from vault.rotation import PUBLISHED_FIRST
from vault.testing import OTHER_KEY, forget_keys, make_signing_key, root_keys

NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
MONTH = dt.timedelta(days=30)
SECOND = dt.timedelta(seconds=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_process() -> None:
    SigningKey.objects.all().delete()
    forget_keys()
    signing_keys.ensure(now=NOW)


def kid_of(state: KeyState) -> str:
    return SigningKey.objects.get(state=state).kid


def test_the_next_key_takes_over_once_everybody_can_know_it() -> None:
    coming = kid_of(KeyState.NEXT)
    with pytest.raises(rotation.TooSoon) as refused:
        rotation.rotate(now=NOW + PUBLISHED_FIRST - SECOND)
    assert (refused.value.wait, kid_of(KeyState.NEXT)) == (SECOND, coming)
    assert rotation.rotate(now=NOW + PUBLISHED_FIRST) is not None
    assert signing_keys.active().kid == coming


def test_a_key_that_has_signed_for_its_time_is_followed_by_the_next() -> None:
    assert rotation.rotate_if_due(now=NOW + MONTH - SECOND) is None
    new = rotation.rotate_if_due(now=NOW + MONTH)
    assert new is not None
    assert new.kid == kid_of(KeyState.ACTIVE)
    assert rotation.rotate_if_due(now=NOW + MONTH + SECOND) is None


def test_a_key_that_is_due_waits_for_a_next_one_that_is_new() -> None:
    SigningKey.objects.filter(state=KeyState.NEXT).update(created_at=NOW + MONTH)
    assert rotation.rotate_if_due(now=NOW + MONTH) is None
    assert rotation.rotate_if_due(now=NOW + MONTH + PUBLISHED_FIRST) is not None


def test_next_key_that_does_not_open_never_signs_and_is_made_anew(settings: Any) -> None:
    with root_keys(f"{OTHER_KEY},{settings.VAULT_KEYS}"):
        SigningKey.objects.filter(state=KeyState.NEXT).delete()
        signing_keys.ensure(now=NOW)
    active, shut = kid_of(KeyState.ACTIVE), kid_of(KeyState.NEXT)
    assert rotation.rotate_if_due(now=NOW + MONTH) is None
    assert (kid_of(KeyState.ACTIVE), signing_keys.active().kid) == (active, active)
    assert not SigningKey.objects.filter(kid=shut).exists()
    coming = kid_of(KeyState.NEXT)
    assert rotation.rotate_if_due(now=NOW + MONTH + PUBLISHED_FIRST) is not None
    assert signing_keys.active().kid == coming


def test_without_a_lifetime_only_a_command_rotates(settings: Any) -> None:
    settings.VAULT_SIGNING_KEY_LIFETIME = 0
    assert rotation.rotate_if_due(now=NOW + 100 * MONTH) is None


@pytest.mark.django_db(transaction=True)
def test_parallel_ticks_rotate_once() -> None:
    outcomes = races.run(12, lambda: rotation.rotate_if_due(now=NOW + MONTH))
    assert [type(one) for one in outcomes if one is not None] == [SigningKey]
    assert SigningKey.objects.filter(state=KeyState.RETIRED).count() == 1


def test_in_an_emergency_every_key_is_replaced_at_once() -> None:
    make_signing_key(now=NOW, retired_at=NOW)
    before = set(SigningKey.objects.values_list("kid", flat=True))
    new, gone = signing_keys.replace_all(now=NOW)
    after = set(SigningKey.objects.values_list("kid", flat=True))
    assert (set(gone), before & after, new.kid) == (before, set(), kid_of(KeyState.ACTIVE))
    assert [signing_keys.find(kid) for kid in before] == [None] * 3
    assert signing_keys.active().kid == new.kid


@pytest.mark.django_db(transaction=True)
def test_parallel_ticks_make_one_key_anew(settings: Any) -> None:
    with root_keys(f"{OTHER_KEY},{settings.VAULT_KEYS}"):
        SigningKey.objects.filter(state=KeyState.NEXT).delete()
        signing_keys.ensure(now=NOW)
    assert races.run(12, lambda: rotation.rotate_if_due(now=NOW + MONTH)) == [None] * 12
    assert sorted(SigningKey.objects.values_list("state", flat=True)) == ["active", "next"]
    assert SigningKey.objects.get(state=KeyState.NEXT).pkcs8


@pytest.mark.django_db(transaction=True)
def test_parallel_emergencies_leave_one_pair_of_keys() -> None:
    outcomes = races.run(6, lambda: signing_keys.replace_all(now=NOW))
    assert not [one for one in outcomes if isinstance(one, Exception)]
    assert sorted(SigningKey.objects.values_list("state", flat=True)) == ["active", "next"]
