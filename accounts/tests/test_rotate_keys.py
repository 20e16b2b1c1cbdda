"""Signing keys take turns without a token being refused for it (SECURITY C36): the command, the clock, an emergency."""

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts import tasks, tokens
from accounts.testing import sign_in
from audit.testing import entries
from kit.clock import utcnow
from kit.errors import InvalidToken
from kit.ids import uuid7
from vault import signing_keys
from vault.models import KeyState, SigningKey
from vault.rotation import PUBLISHED_FIRST
from vault.testing import forget_keys

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _fresh_process() -> Iterator[None]:
    forget_keys()
    yield
    forget_keys()


@pytest.fixture
def known_keys() -> None:
    """Keys that were published long enough for the next one to take over."""
    SigningKey.objects.update(created_at=utcnow() - PUBLISHED_FIRST)


def rotate(*arguments: str) -> list[str]:
    out = io.StringIO()
    call_command("accounts_rotate_keys", *arguments, stdout=out)
    return out.getvalue().splitlines()


def issue(now: dt.datetime) -> str:
    return tokens.issue_access(subject=uuid7(), session=uuid7(), amr=["pwd"], auth_time=now, now=now)


def is_good(token: str, now: dt.datetime) -> bool:
    try:
        tokens.verify_access(token, now=now)
    except InvalidToken:
        return False
    return True


@pytest.mark.usefixtures("known_keys")
def test_tokens_of_the_old_key_and_of_the_new_one_are_good_side_by_side(now: dt.datetime) -> None:
    old = issue(now)
    said = rotate()
    new = issue(now)
    assert is_good(old, now)
    assert is_good(new, now)
    keys = {key.state: key.kid for key in SigningKey.objects.all()}
    states = (KeyState.ACTIVE, KeyState.RETIRED, KeyState.NEXT)
    assert [line.split()[0] for line in said] == [keys[state] for state in states]


@pytest.mark.usefixtures("known_keys")
def test_a_key_removed_after_its_time_verifies_nothing_any_more(now: dt.datetime) -> None:
    old = issue(now)
    rotate()
    SigningKey.objects.filter(state=KeyState.RETIRED).update(retired_at=now - DAY)
    assert tasks.rotate_keys() == 1
    assert not is_good(old, now)


@pytest.mark.usefixtures("known_keys")
def test_the_clock_rotates_what_has_signed_for_its_time(now: dt.datetime) -> None:
    assert tasks.rotate_keys() == 0
    SigningKey.objects.filter(state=KeyState.ACTIVE).update(activated_at=now - 31 * DAY)
    assert (tasks.rotate_keys(), tasks.rotate_keys()) == (1, 0)


def test_a_next_key_that_nobody_can_know_yet_does_not_take_over() -> None:
    SigningKey.objects.update(created_at=utcnow())
    before = SigningKey.objects.get(state=KeyState.ACTIVE).kid
    with pytest.raises(CommandError, match="Try again in 3"):
        rotate()
    assert SigningKey.objects.get(state=KeyState.ACTIVE).kid == before


@pytest.mark.usefixtures("known_keys")
def test_of_two_rotations_at_once_the_second_changes_nothing_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    rotate_really = signing_keys.rotate

    def raced(*, now: dt.datetime, retiring: str) -> SigningKey | None:
        assert rotate_really(now=now, retiring=retiring)
        return rotate_really(now=now, retiring=retiring)

    monkeypatch.setattr(signing_keys, "rotate", raced)
    with pytest.raises(CommandError, match="Somebody else has just rotated"):
        rotate()
    states = sorted(SigningKey.objects.values_list("state", flat=True))
    assert states == sorted([KeyState.ACTIVE, KeyState.NEXT, KeyState.RETIRED])


def test_in_an_emergency_every_token_from_before_is_refused_at_once(now: dt.datetime, settings: Any) -> None:
    settings.VAULT_RECORDER = "audit.recording.record_use"
    signed_in = sign_in(now=now)
    said = rotate("--emergency")
    assert not is_good(signed_in.access, now)
    assert is_good(issue(now), now)
    assert sum("is removed." in line for line in said) == len(entries("vault.signing_key.removed")) == 2


def test_the_algorithm_changes_with_the_second_rotation(now: dt.datetime, settings: Any) -> None:
    settings.VAULT_SIGNING_ALGORITHM = "EdDSA"
    for _ in range(2):
        SigningKey.objects.update(created_at=utcnow() - PUBLISHED_FIRST)
        rotate()
    assert SigningKey.objects.get(state=KeyState.ACTIVE).algorithm == "EdDSA"
    assert is_good(issue(now), now)
