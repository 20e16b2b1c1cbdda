"""A person sees which factors she has, never a secret of them; and nothing of them is left when she goes."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts import erasure, personal_data
from accounts.models import User
from accounts.testing import make_person, sign_in
from kit.ids import uuid7
from kit.personal_data import Subject
from mfa import trust
from mfa.models import Ceremony, MessageFactor, Passkey, RecoveryCode, Totp, TrustedDevice
from mfa.personal_data import ERASER, EXPORTER
from mfa.testing import make_contact, make_recovery_codes, make_totp

pytestmark = pytest.mark.django_db

MODELS = (Totp, MessageFactor, Passkey, RecoveryCode, Ceremony, TrustedDevice)
NUMBER = "+4915112345678"


@pytest.fixture
def anna(now: dt.datetime) -> User:
    """Somebody of whom something is in every table."""
    signed_in = sign_in(now=now)
    user = signed_in.user
    make_totp(user, name="telephone")
    make_contact(user, "sms", to=NUMBER)
    flags = {"confirmed": True, "backup_eligible": False, "backed_up": False, "verifies_user": True}
    Passkey.objects.create(
        user=user, credential_id="abc", public_key=b"key", aaguid=uuid7(), created_at=now, name="key", **flags
    )
    make_recovery_codes(user)
    Ceremony.objects.create(user=user, purpose="enrol", challenge=b"c", created_at=now, expires_at=now)
    assert trust.grant(session=signed_in.session, now=now)
    return user


def counts() -> set[int]:
    return {model.objects.count() for model in MODELS}


def shown(user: User) -> dict[str, Any]:
    return EXPORTER.collect(erasure.subject_of(user))


def test_an_export_shows_each_of_her_factors(anna: User, now: dt.datetime) -> None:
    found = personal_data.export(user=anna, now=now)["second_factors"]
    assert {kind: len(rows) for kind, rows in found.items()} == {
        "authenticators": 1,
        "contacts": 1,
        "passkeys": 1,
        "recovery_codes": 10,
        "ceremonies": 1,
        "trusted_devices": 1,
    }
    assert (found["contacts"][0]["to"], found["passkeys"][0]["name"]) == (NUMBER, "key")


def test_an_export_shows_no_secret(anna: User) -> None:
    text = str(shown(anna))
    digests = RecoveryCode.objects.values_list("digest", flat=True)
    assert not any(secret in text for secret in (Totp.objects.get().key, *digests))
    assert not any(name in text for name in ("'key':", "digest", "public_key", "challenge"))


@pytest.mark.usefixtures("anna")
def test_an_export_shows_nothing_of_another() -> None:
    assert not any(shown(make_person()).values())


def test_nothing_is_left_of_somebody_who_goes(anna: User, now: dt.datetime) -> None:
    other = make_totp(make_person())
    ERASER.erase(erasure.subject_of(anna), now)
    assert list(Totp.objects.all()) == [other]
    other.delete()
    assert counts() == {0}


def test_erasing_again_finds_nothing_to_do(anna: User) -> None:
    erasure.erase(user=anna, now=timezone.now())
    assert counts() == {0}
    ERASER.erase(Subject(id=uuid7(), names=frozenset()), timezone.now())


def test_models_are_named_as_they_are() -> None:
    labels = {model._meta.label for model in MODELS}
    assert labels == EXPORTER.models == ERASER.models
