"""The signing keys' life, and how little of it a warm process asks the database for."""

import datetime as dt

import jwt
import pytest
from django.db import IntegrityError, connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from kit.testing import races
from vault import apps, sealing, signing_keys
from vault.models import KeyState, SigningKey
from vault.testing import OTHER_KEY, age_keys, forget_keys, make_signing_key, root_keys

NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_process() -> None:
    forget_keys()
    signing_keys.ensure(now=NOW)


def _states() -> list[str]:
    return sorted(SigningKey.objects.values_list("state", flat=True))


def test_migrating_makes_an_active_and_a_next_key() -> None:
    SigningKey.objects.all().delete()
    apps.ensure_signing_keys()
    assert _states() == ["active", "next"]


def test_migrating_another_database_makes_no_key() -> None:
    SigningKey.objects.all().delete()
    apps.ensure_signing_keys(using="archive")
    assert _states() == []


def test_ensuring_twice_changes_nothing() -> None:
    before = set(SigningKey.objects.values_list("kid", flat=True))
    signing_keys.ensure(now=NOW)
    assert set(SigningKey.objects.values_list("kid", flat=True)) == before


def test_missing_next_key_alone_is_made() -> None:
    SigningKey.objects.filter(state=KeyState.NEXT).delete()
    active = SigningKey.objects.get().kid
    signing_keys.ensure(now=NOW)
    assert _states() == ["active", "next"]
    assert SigningKey.objects.get(state=KeyState.ACTIVE).kid == active


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
def test_what_the_active_key_signs_its_published_half_verifies(algorithm: str) -> None:
    SigningKey.objects.all().delete()
    with override_settings(VAULT_SIGNING_ALGORITHM=algorithm):
        signing_keys.ensure(now=NOW)
    key = signing_keys.active()
    found = signing_keys.find(key.kid)
    assert found is not None
    token = jwt.encode({"sub": "x"}, key.private_key, algorithm=key.algorithm)
    assert jwt.decode(token, found.public_key, algorithms=[found.algorithm]) == {"sub": "x"}


def test_private_key_is_not_in_the_table_in_clear() -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    private = signing_keys.active().private_key
    pkcs8 = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    assert pkcs8 not in SigningKey.objects.values_list("pkcs8", flat=True).get(state=KeyState.ACTIVE).box
    assert "private" not in repr(signing_keys.active())


def test_published_set_holds_public_members_of_every_key() -> None:
    make_signing_key(now=NOW, algorithm="EdDSA", retired_at=NOW)
    forget_keys()
    keys = {entry["kid"]: entry for entry in signing_keys.jwks()["keys"]}
    assert set(keys) == set(SigningKey.objects.values_list("kid", flat=True))
    assert {entry["use"] for entry in keys.values()} == {"sig"}
    assert {frozenset(entry) for entry in keys.values()} == {
        frozenset({"kty", "crv", "x", "y", "kid", "alg", "use"}),
        frozenset({"kty", "crv", "x", "kid", "alg", "use"}),
    }


def test_published_set_reads_as_a_key_set_elsewhere() -> None:
    assert len(jwt.PyJWKSet.from_dict(signing_keys.jwks()).keys) == 2


def test_warm_process_asks_the_database_nothing() -> None:
    kid = signing_keys.active().kid
    with CaptureQueriesContext(connection) as queries:
        for _ in range(10):
            signing_keys.active()
            signing_keys.find(kid)
            signing_keys.jwks()
    assert len(queries) == 0


def test_set_is_read_again_after_half_a_minute_and_keys_are_not_parsed_again() -> None:
    before = signing_keys.active()
    age_keys(31)
    with CaptureQueriesContext(connection) as queries:
        assert signing_keys.active() is before
    assert len(queries) == 1


def test_key_made_by_another_process_is_found_after_a_second() -> None:
    signing_keys.active()
    key = make_signing_key(now=NOW)
    assert signing_keys.find(key.kid) is None
    age_keys(2)
    found = signing_keys.find(key.kid)
    assert found is not None
    assert found.kid == key.kid


def test_garbage_key_ids_cost_at_most_one_query() -> None:
    signing_keys.active()
    age_keys(2)
    with CaptureQueriesContext(connection) as queries:
        for number in range(100):
            assert signing_keys.find(f"{number:043}") is None
    assert len(queries) == 1


@pytest.mark.parametrize("kid", ["", "../../dev/null", "' OR 1=1--", "x" * 10_000, "\0" * 43, None, 7, ["x"], {}])
def test_key_id_of_another_form_costs_no_query(kid: object) -> None:
    signing_keys.active()
    age_keys(3600)
    with CaptureQueriesContext(connection) as queries:
        assert signing_keys.find(kid) is None
    assert len(queries) == 0


def test_without_an_active_key_nothing_is_signed() -> None:
    SigningKey.objects.all().delete()
    forget_keys()
    with pytest.raises(signing_keys.NoActiveKey):
        signing_keys.active()


def test_without_its_root_key_tokens_are_verified_and_none_is_signed() -> None:
    kid = signing_keys.active().kid
    forget_keys()
    with root_keys(OTHER_KEY):
        assert signing_keys.find(kid) is not None
        assert len(signing_keys.jwks()["keys"]) == 2
        with pytest.raises(sealing.CannotUnseal):
            signing_keys.active()
    assert signing_keys.active().kid == kid  # as soon as it is there again


def test_rotation_moves_every_key_one_state_on() -> None:
    old, coming = signing_keys.active().kid, SigningKey.objects.get(state=KeyState.NEXT).kid
    new = signing_keys.rotate(now=NOW)
    assert new is not None
    assert new.kid == coming == signing_keys.active().kid
    assert _states() == ["active", "next", "retired"]
    assert SigningKey.objects.get(kid=old).retired_at == NOW
    assert SigningKey.objects.get(kid=coming).activated_at == NOW


def test_token_of_the_retired_key_still_verifies_until_the_key_is_removed() -> None:
    old = signing_keys.active().kid
    signing_keys.rotate(now=NOW)
    assert signing_keys.find(old) is not None
    assert signing_keys.remove_retired(now=NOW + dt.timedelta(hours=23)) == 0
    assert signing_keys.remove_retired(now=NOW + dt.timedelta(hours=24)) == 1
    assert signing_keys.find(old) is None


def test_rotation_can_change_the_algorithm() -> None:
    with override_settings(VAULT_SIGNING_ALGORITHM="EdDSA"):
        signing_keys.rotate(now=NOW)
        signing_keys.rotate(now=NOW)
    assert signing_keys.active().algorithm == "EdDSA"


@pytest.mark.parametrize("state", [KeyState.ACTIVE, KeyState.NEXT])
def test_database_refuses_a_second_live_key_of_a_kind(state: KeyState) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_signing_key(now=NOW, state=state)


def test_key_tells_its_state() -> None:
    key = SigningKey.objects.get(state=KeyState.NEXT)
    assert str(key) == f"ES256 {key.kid} (next)"


@pytest.mark.django_db(transaction=True)
def test_many_processes_starting_at_once_make_one_pair_of_keys() -> None:
    SigningKey.objects.all().delete()
    outcomes = races.run(24, lambda: signing_keys.ensure(now=NOW))
    assert outcomes == [None] * 24
    assert _states() == ["active", "next"]


@pytest.mark.django_db(transaction=True)
def test_of_parallel_rotations_of_one_key_one_wins() -> None:
    kid = signing_keys.active().kid
    outcomes = races.run(12, lambda: signing_keys.rotate(now=NOW, retiring=kid))
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [SigningKey]
    assert _states() == ["active", "next", "retired"]


@pytest.mark.django_db(transaction=True)
def test_many_threads_read_a_stale_set_once() -> None:
    signing_keys.active()
    age_keys(31)
    material = races.run(24, signing_keys.active)
    assert {id(key) for key in material} == {id(signing_keys.active())}
