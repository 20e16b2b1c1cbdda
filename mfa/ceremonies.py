"""WebAuthn challenges that are out. Each is good once: one conditional update burns it before its answer is looked at.

It is found by the challenge itself, and by nothing that its answer says of who is there or what it is for.
"""

import datetime as dt
import secrets
import uuid

from django.db import transaction

from accounts.models import LoginAttempt, User
from mfa.models import Ceremony

Purpose = Ceremony.Purpose

LIFETIME = dt.timedelta(minutes=5)
BYTES = 32
PURGED_AT_ONCE = 5_000


def make(
    *, purpose: Ceremony.Purpose, user: User | None, attempt: LoginAttempt | None = None, now: dt.datetime
) -> Ceremony:
    """Return a new challenge for a person, or for whoever answers it where there is none; it is not saved yet."""
    return Ceremony(
        purpose=purpose,
        user=user,
        attempt=attempt.pk if attempt else None,
        challenge=secrets.token_bytes(BYTES),
        created_at=now,
        expires_at=now + LIFETIME,
    )


def begin(*, purpose: Ceremony.Purpose, user: User, attempt: LoginAttempt | None = None, now: dt.datetime) -> Ceremony:
    """Write a new challenge for a person who has shown who she is; an older one of the same purpose is gone."""
    ceremony = make(purpose=purpose, user=user, attempt=attempt, now=now)
    with transaction.atomic():
        Ceremony.objects.filter(user=user, purpose=purpose, attempt=ceremony.attempt).delete()
        ceremony.save(force_insert=True)
    return ceremony


def begin_open(*, user: User | None, is_void: bool = False, now: dt.datetime) -> Ceremony:
    """Write a new challenge for a stranger who would sign in, as this person where one is given.

    A void one is burnt from the start, and otherwise like any other: for an address that is nobody's.
    """
    ceremony = make(purpose=Purpose.SIGN_IN, user=user, now=now)
    ceremony.burnt_at = now if is_void else None
    ceremony.save(force_insert=True)
    return ceremony


def burn(
    *,
    purpose: Ceremony.Purpose,
    challenge: bytes,
    user: User | None,
    attempt: LoginAttempt | None = None,
    now: dt.datetime,
) -> bool:
    """Use a challenge up, and say whether it was out, unused, for this purpose, person and sign-in under way.

    Not to be called in a transaction that could undo it.
    """
    out = Ceremony.objects.filter(challenge=challenge, purpose=purpose, burnt_at=None, expires_at__gt=now)
    own = out.filter(user=user, attempt=attempt.pk if attempt else None)
    return bool(own.update(burnt_at=now))


def burn_open(*, challenge: bytes, ceremony: uuid.UUID | None, user: User | None, now: dt.datetime) -> bool:
    """Use up a challenge of somebody who would sign in, and say whether it was out, and for anybody or this person.

    `ceremony` is its id where the client sent it back; another's is none.
    """
    out = Ceremony.objects.filter(challenge=challenge, purpose=Purpose.SIGN_IN, burnt_at=None, expires_at__gt=now)
    if ceremony is not None:
        out = out.filter(pk=ceremony)
    if not out.update(burnt_at=now):
        return False
    named = Ceremony.objects.filter(challenge=challenge).values_list("user_id", flat=True)  # none: taken away meanwhile
    return any(owner in {None, user.pk if user else None} for owner in named)


def purge(*, now: dt.datetime) -> int:
    """Delete challenges that are over, at most 5,000 in one call; return how many."""
    ids = list(Ceremony.objects.filter(expires_at__lte=now).values_list("pk", flat=True)[:PURGED_AT_ONCE])
    deleted, _ = Ceremony.objects.filter(pk__in=ids).delete()
    return deleted
