"""Fifty at once, again and again: whatever is good once is good once, and a client that races with itself stays in.

`GATEHOUSE_ROUNDS=200` repeats each race so many times; without it, twice.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest

from accounts import invitations, password_changes, refresh, registration
from accounts.message_kinds.invitations import INVITATION_PURPOSE
from accounts.models import Handle, Invitation, Link, RefreshToken, User
from accounts.testing import ORIGIN, make_person, newest_link, register, sign_in
from kit.clock import utcnow
from kit.errors import Invalid
from kit.testing import races
from vault import derived

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = int(os.environ.get("GATEHOUSE_ROUNDS", "2"))
MANY = 50
NEW = "another horse battery staple"


@pytest.fixture(autouse=True)
def cheap_hashes(settings: Any) -> None:
    """The races are for rows: a hash that costs nothing lets more of them meet."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ACCOUNTS_HASHES_AT_ONCE = MANY


def won(call: Callable[[], object]) -> int:
    """Let fifty make a call at once; return how many got what they wanted. The others were refused, and not failed."""
    outcomes = races.run(MANY, call)
    failures = [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, Invalid)]
    assert failures == []
    return sum(not isinstance(one, Exception) for one in outcomes)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_refresh_token_has_one_live_successor(_round: int) -> None:
    signed_in = sign_in()
    outcomes = races.run(MANY, lambda: refresh.renew(token=signed_in.refresh, now=utcnow(), origin=ORIGIN))
    assert {getattr(one, "text", one) for one in outcomes} == {getattr(outcomes[0], "text", None)}
    assert RefreshToken.objects.filter(session=signed_in.session, spent_at=None).count() == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_reset_link_sets_one_password(_round: int) -> None:
    user = make_person()
    password_changes.request_reset(email=user.email, now=utcnow(), origin=ORIGIN)
    token = newest_link(user, Link.Purpose.RESET)
    assert won(lambda: password_changes.reset(token=token, new_password=NEW, now=utcnow(), origin=ORIGIN)) == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_confirmation_makes_one_person(_round: int) -> None:
    row, token = register()
    assert won(lambda: registration.confirm(token=token, now=utcnow(), origin=ORIGIN)) == 1
    assert Handle.objects.filter(canonical=row.address).count() == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_invitation_makes_one_person(_round: int) -> None:
    inviter = make_person(is_superuser=True)
    guest = invitations.Guest(email=f"guest-of-{inviter.email}")
    row = invitations.invite(guest=guest, inviter=inviter, now=utcnow(), origin=ORIGIN)
    token = token_of(row)
    assert won(lambda: invitations.accept(token=token, password=NEW, now=utcnow(), origin=ORIGIN)) == 1
    assert User.objects.filter(email=row.address).count() == 1


def token_of(invitation: Invitation) -> str:
    """Return the token of an invitation's mail."""
    return derived.again(INVITATION_PURPOSE, invitation.pk, invitation.key_id)
