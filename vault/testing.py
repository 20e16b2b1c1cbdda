"""What the tests of every app above may use of the vault."""

import dataclasses
import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.test import override_settings

from vault import signing_keys
from vault.models import KeyState, SigningKey

OTHER_KEY = "t2:YW5vdGhlci10ZXN0LWtleS1vZi1sZW5ndGgtMzItLS0="


def forget_keys() -> None:
    """Make this process read the signing keys anew at their next use, as a new process would."""
    signing_keys.held_set.forget()
    signing_keys._material.cache_clear()  # noqa: SLF001 - what a new process does not have


@pytest.fixture(autouse=True)
def young_keys() -> None:
    """Let no test be the one in which this process reads its keys anew, which is a statement more than it counts."""
    if (held := signing_keys.held_set._set) is not None:  # noqa: SLF001 - its clock alone
        signing_keys.held_set._set = dataclasses.replace(held, read_at=time.monotonic())  # noqa: SLF001 - as above


def age_keys(seconds: float) -> None:
    """Make the signing keys that this process holds seem read `seconds` earlier than they were."""
    held = signing_keys.held_set.at_most(float("inf"))
    signing_keys.held_set._set = dataclasses.replace(held, read_at=held.read_at - seconds)  # noqa: SLF001 - its clock alone


def make_signing_key(
    *,
    now: dt.datetime,
    state: KeyState = KeyState.RETIRED,
    algorithm: str = "ES256",
    retired_at: dt.datetime | None = None,
) -> SigningKey:
    """Return a saved signing key; this process does not know it until it reads the set anew."""
    key = signing_keys.build(algorithm=algorithm, state=state, now=now)
    key.retired_at = retired_at
    key.save()
    return key


@contextmanager
def root_keys(text: str) -> Iterator[None]:
    """Run a block with other root keys, as VAULT_KEYS would hold them."""
    with override_settings(VAULT_KEYS=text):
        yield
