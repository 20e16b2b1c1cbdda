"""What is done by the clock."""

import datetime as dt

import pytest

from accounts import refresh, tasks
from accounts.models import LoginAttempt, RefreshToken, Registration
from accounts.testing import ORIGIN, register, sign_in

pytestmark = pytest.mark.django_db


def test_what_has_ended_is_deleted_and_what_lives_is_kept(now: dt.datetime) -> None:
    register(now=now - dt.timedelta(days=3))
    register(now=now)
    user = sign_in(now=now - dt.timedelta(days=9)).user
    sign_in(user, now=now)
    for digest, expires_at in (("a", now), ("b", now + dt.timedelta(minutes=5))):
        LoginAttempt.objects.create(user=user, digest=digest, proofs={}, created_at=now, expires_at=expires_at)
    assert tasks.purge() == 3
    assert [model.objects.count() for model in (Registration, RefreshToken, LoginAttempt)] == [1, 1, 1]


def test_successors_are_erased_after_the_grace(now: dt.datetime) -> None:
    past = now - dt.timedelta(minutes=1)
    refresh.renew(token=sign_in(now=past).refresh, now=past, origin=ORIGIN)
    assert (tasks.erase_successors(), tasks.erase_successors()) == (1, 0)
