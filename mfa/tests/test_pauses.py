"""The owner of a factor that somebody guesses at."""

import datetime as dt

import pytest

from accounts import guessing
from accounts.models import Link, User
from accounts.testing import ORIGIN, make_person
from audit.testing import entries
from limits.guesses import FREE_TRIES, Locked
from mfa import factors, pauses
from mfa.message_kinds.pauses import FACTOR_GUESSED
from mfa.testing import make_totp
from notifications.models import Message

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


def guess(user: User, now: dt.datetime, times: int = FREE_TRIES) -> None:
    knock = guessing.Knock(door="api", name=user.email, device=None, now=now, origin=ORIGIN)
    answer = factors.Answer(method="totp", code="11111111")
    for _ in range(times):
        try:
            factors.prove(user=user, answer=answer, knock=knock, now=now)
        except Locked:
            return


def test_she_is_told_once_a_day_that_her_password_is_known(now: dt.datetime) -> None:
    user = make_person(now=now)
    make_totp(user, now=now)
    guess(user, now)
    guess(user, now + HOUR, times=1)
    assert Message.objects.get(kind="mfa.factor_guessed").to == [user.email]
    assert len(entries("mfa.factor.guessed")) == 1
    guess(user, now + 25 * HOUR)
    assert Message.objects.filter(kind="mfa.factor_guessed").count() == 2


def test_no_link_lets_anybody_past_the_wait(now: dt.datetime) -> None:
    user = make_person(now=now)
    make_totp(user, now=now)
    guess(user, now)
    assert not Link.objects.filter(purpose=Link.Purpose.UNLOCK).exists()
    assert not Message.objects.filter(kind="accounts.locked").exists()


def test_nine_wrong_answers_are_nobodys_business(now: dt.datetime) -> None:
    user = make_person(now=now)
    make_totp(user, now=now)
    guess(user, now, times=FREE_TRIES - 1)
    assert not Message.objects.filter(kind="mfa.factor_guessed").exists()


def test_nobody_is_told_of_an_account_that_is_none(now: dt.datetime) -> None:
    pauses.announce(user=None, name="nobody@example.com", now=now, origin=ORIGIN)
    assert not Message.objects.exists()


def test_the_mail_is_not_sent_for_an_account_that_was_stopped(now: dt.datetime) -> None:
    user = make_person(now=now)
    content = FACTOR_GUESSED.content(user.pk, now)
    assert content is not None
    assert content.context["site"] == "http://testserver"
    User.objects.update(is_active=False)
    assert FACTOR_GUESSED.content(user.pk, now) is None
