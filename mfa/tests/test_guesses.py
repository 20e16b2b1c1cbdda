"""Guesses at the factor of an account whose password is known, by many threads through many challenges, for a day.

`GATEHOUSE_GUESSES=10000` makes so many, through five hundred challenges; without it, a few hundred. Time is moved.
"""

import datetime as dt
import itertools
import math
import os
from collections import Counter

import pytest

from accounts import login, tokens
from accounts.models import LoginAttempt, User
from accounts.testing import ORIGIN, make_person, sign_in
from kit import otp
from kit.clock import utcnow
from kit.testing import races
from limits import guesses
from mfa import challenges, totp
from mfa.factors import FACTOR, Answer
from mfa.models import Totp
from mfa.testing import code_of, make_totp

pytestmark = pytest.mark.django_db(transaction=True)

GUESSES = int(os.environ.get("GATEHOUSE_GUESSES", "150"))
HOUR, DAY = 3_600, 86_400
IN_AN_HOUR, IN_A_DAY = 16, 39


def openings() -> list[int]:
    """Return the seconds of a day at which the policy lets another guess pass: ten at once, then later and later."""
    moments, pause = [0], guesses.FIRST_PAUSE_SECONDS
    while moments[-1] + pause < DAY:
        moments.append(moments[-1] + pause)
        pause = min(2 * pause, guesses.LONGEST_PAUSE_SECONDS)
    return moments


def moments() -> list[int]:
    """Return the seconds of a day at which guesses are made: when one may pass, a second before, and in between."""
    near = {second for opening in openings() for second in (opening, max(0, opening - 1))}
    between = {*range(0, HOUR, 60), *range(0, DAY, 15 * 60)} if GUESSES >= 10_000 else set[int]()
    return sorted(near | between)


def open_challenges(user: User, number: int, now: dt.datetime) -> list[str]:
    """Return challenges as so many sign-ins with the right password would leave behind."""
    pairs = [tokens.mint(tokens.Kind.CHALLENGE) for _ in range(number)]
    common = {"user": user, "door": "api", "step": FACTOR, "proofs": {"methods": ["pwd"], "steps": []}}
    times = {"created_at": now, "expires_at": now + dt.timedelta(minutes=5)}
    LoginAttempt.objects.bulk_create(LoginAttempt(digest=digest, **common, **times) for _, digest in pairs)
    return [text for text, _ in pairs]


def wrong_codes(device: Totp, now: dt.datetime) -> "itertools.cycle[str]":
    """Return codes that the application shows at no moment of the day."""
    first = otp.step_at(now)
    right = {totp.code_of(device, step=step) for step in range(first - 2, first + DAY // otp.PERIOD + 2)}
    return itertools.cycle(sorted({f"{number:06d}" for number in range(10_000)} - right))


def guess(user: User, codes: "itertools.cycle[str]", number: int, through: int, now: dt.datetime) -> Counter[str]:
    """Make so many guesses at once, through so many challenges; count what became of them."""
    tries = itertools.cycle(open_challenges(user, through, now))
    queue = [(next(tries), next(codes)) for _ in range(number)]

    def one() -> object:
        challenge, code = queue.pop()
        return challenges.answer(challenge=challenge, given=Answer(method="totp", code=code), now=now, origin=ORIGIN)

    return Counter(type(outcome).__name__ for outcome in races.run(number, one))


def test_a_day_of_guesses_compares_thirty_nine() -> None:
    user, start = make_person(), utcnow()
    device = make_totp(user, now=start)
    codes, when = wrong_codes(device, start), moments()
    each, through = math.ceil(GUESSES / len(when)), max(2, math.ceil(500 / len(when)))
    made, compared = 0, Counter[int]()
    for second in when:
        number = max(each, 3 if second else 12)
        outcome = guess(user, codes, number, through, start + dt.timedelta(seconds=second))
        assert set(outcome) <= {"WrongAnswer", "Locked", "InvalidToken"}, outcome
        made += outcome.total()
        compared[second] = outcome["WrongAnswer"]
    assert made >= GUESSES
    hour = sum(count for second, count in compared.items() if second < HOUR)
    assert (hour, compared.total()) == (IN_AN_HOUR, IN_A_DAY)


def test_meanwhile_its_owner_comes_in_from_where_she_proved_it_before() -> None:
    user, now = make_person(), utcnow()
    known = sign_in(user, now=now).session
    type(known).objects.filter(pk=known.pk).update(factor_at=now)
    device = make_totp(user, now=now)
    assert guess(user, wrong_codes(device, now), 50, 10, now)["WrongAnswer"] == guesses.FREE_TRIES
    (challenge,) = open_challenges(user, 1, now)
    LoginAttempt.objects.filter(digest=tokens.verify(challenge, tokens.Kind.CHALLENGE)).update(
        device_id=known.device_id
    )
    given = Answer(method="totp", code=code_of(device, now))
    result = challenges.answer(challenge=challenge, given=given, now=now, origin=ORIGIN)
    assert isinstance(result, login.StartedSession)
