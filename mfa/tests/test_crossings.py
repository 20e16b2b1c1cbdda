"""Factors that are used while they are taken away, or replaced: whoever comes second is refused, and nobody fails.

`GATEHOUSE_ROUNDS=200` repeats each crossing so many times; without it, twice.
"""

import os
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from accounts import sessions
from accounts.models import LoginAttempt, Session, User
from accounts.testing import ORIGIN, make_person
from accounts.testing import sign_in as start_session
from kit.clock import utcnow
from kit.errors import Refusal
from kit.testing import races
from mfa import challenges, message_factors, passkey_sign_ins, recovery, removal
from mfa.factors import Answer
from mfa.models import MessageFactor, Passkey, RecoveryCode
from mfa.testing import challenge_of, make_contact, make_recovery_codes, make_totp, newest_code
from mfa.tests.soft_key import give

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = int(os.environ.get("GATEHOUSE_ROUNDS", "2"))


@pytest.fixture(autouse=True)
def cheap_hashes(settings: Any) -> None:
    """These are for rows: a hash that costs nothing lets more of them meet."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def at_once(*calls: Any) -> list[Any]:
    """Make these calls at once; return what came of each that was not refused. None of them may fail."""
    turns = iter(calls)

    def next_one() -> Any:
        return next(turns)()

    outcomes = [one for one in races.run(len(calls), next_one) if not isinstance(one, Refusal)]
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    return outcomes


def proven_session(user: User) -> Session:
    """Return a session in which a factor was proved a moment ago."""
    session = start_session(user).session
    Session.objects.filter(pk=session.pk).update(factor_at=utcnow())
    return Session.objects.select_related("user").get(pk=session.pk)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_recovery_codes_are_used_while_new_ones_are_made(_round: int) -> None:
    now, user = utcnow(), make_person()
    session, codes = proven_session(user), make_recovery_codes(user)
    make_totp(user)

    def renew() -> list[str]:
        return removal.renew_recovery_codes(session=session, answer=Answer(), now=now, origin=ORIGIN)

    uses = [lambda code=code: recovery.is_right(user=user, code=code, now=now) for code in codes]
    at_once(*(call for use in uses for call in (use, renew)))
    assert RecoveryCode.objects.filter(user=user, used_at=None).count() == recovery.COUNT


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_code_by_message_is_used_while_its_contact_is_taken_away(_round: int) -> None:
    now, user = utcnow(), make_person()
    make_contact(user)
    message_factors.send(user=user, method="email", now=now)
    code = newest_code(user)

    def use() -> bool:
        return message_factors.is_right(user=user, channel="email", code=code, now=now)

    def take_away() -> int:
        with transaction.atomic():
            User.objects.lock(user.pk)
            return removal.take_away(user=user, now=now)

    at_once(*[use, take_away] * 4)
    assert not MessageFactor.objects.exists()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_challenge_is_answered_while_all_of_hers_end(_round: int) -> None:
    now, user = utcnow(), make_person()
    codes = make_recovery_codes(user)[:6]
    make_totp(user)

    def end() -> int:
        return sessions.end_all(user=user, reason=Session.EndReason.RESET, actor=user.pk, now=now)

    def answer(challenge: str, code: str) -> object:
        given = Answer(method="recovery", code=code)
        return challenges.answer(challenge=challenge, given=given, now=now, origin=ORIGIN)

    answers = [partial(answer, challenge_of(user, now=now), code) for code in codes]
    at_once(*(call for one in answers for call in (one, end)))
    assert not LoginAttempt.objects.filter(spent_at=None).exists()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_passkey_is_used_while_it_is_taken_away(_round: int) -> None:
    now, user = utcnow(), make_person()
    key = give(user, now)
    answers = [key.answer(passkey_sign_ins.begin(email=user.email, now=now)) for _ in range(4)]

    def sign_in(credential: Any) -> object:
        client = passkey_sign_ins.Client()
        return passkey_sign_ins.complete(credential=credential, client=client, now=now, origin=ORIGIN)

    def take_away() -> int:
        with transaction.atomic():
            User.objects.lock(user.pk)
            return removal.take_away(user=user, now=now)

    at_once(*(call for one in answers for call in (partial(sign_in, one), take_away)))
    assert not Passkey.objects.exists()
