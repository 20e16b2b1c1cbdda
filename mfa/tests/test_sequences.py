"""Random sequences of calls never come to a session without the factors that policy asks for.

`GATEHOUSE_SEQUENCES=10000` walks so many; without it, one hundred.
"""

import os
import random
from collections import Counter
from typing import Any

import pytest

from accounts.models import User
from mfa.tests.walker import Walker

pytestmark = pytest.mark.django_db

AT_ONCE = 100
CHUNKS = max(1, int(os.environ.get("GATEHOUSE_SEQUENCES", "100")) // AT_ONCE)
SEED = int(os.environ.get("GATEHOUSE_SEED", "1"))
OFTEN = {"without a factor", "totp", "recovery"}  # ways into a session that a hundred walks always find


def is_anna(user: User) -> bool:
    return user.first_name == "Anna"


@pytest.fixture(autouse=True)
def _house(settings: Any) -> None:
    """Somebody called Anna must have a factor; hashes cost nothing, for there are many."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MFA_POLICY = "required"
    settings.MFA_REQUIRED_FOR = f"{__name__}.is_anna"
    settings.RATE_LIMIT_SCALE = 1_000_000
    settings.ACCOUNTS_SIGN_IN_BY_MAIL = True


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_sequence_of_calls_gets_round_the_second_factor(chunk: int) -> None:
    seen: Counter[str] = Counter()
    for turn in range(AT_ONCE):
        rng = random.Random(f"{SEED}:{chunk}:{turn}")
        Walker(rng, seen).walk(rng.randint(10, 40))
    assert OFTEN <= set(seen) <= OFTEN | {"trusted", "email"}, seen
