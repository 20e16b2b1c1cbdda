"""Periodic work of accounts. Each is safe to run twice at once, late, or never for a while."""

from celery import shared_task
from django.db.models import Q

from accounts import (
    codes,
    decoys,
    devices,
    erasure,
    handles,
    invitations,
    links,
    lockouts,
    records,
    refresh,
    registration,
    robots,
    sessions,
)
from accounts.models import LoginAttempt
from kit.clock import utcnow
from vault import rotation, signing_keys


@shared_task(name="accounts.erase_successors")
def erase_successors() -> int:
    """Erase the sealed successors of refresh tokens whose grace is over; return how many."""
    return refresh.erase_successors(now=utcnow())


@shared_task(name="accounts.erase")
def erase() -> int:
    """Erase the deleted accounts whose grace is over; return how many."""
    return erasure.erase_due(now=utcnow())


@shared_task(name="accounts.purge")
def purge() -> int:
    """Delete what has ended and is kept no more: what was mailed, names that were held, tokens, sign-ins, sessions."""
    now = utcnow()
    attempts, _ = LoginAttempt.objects.filter(Q(spent_at__isnull=False) | Q(expires_at__lte=now)).delete()
    old = sessions.purge(now=now) + devices.purge(now=now) + lockouts.purge(now=now) + records.purge(now=now)
    mailed = codes.purge(now=now) + invitations.purge(now=now) + handles.purge(now=now) + robots.purge(now=now)
    return attempts + old + mailed + links.purge(now=now) + registration.purge(now=now) + refresh.purge(now=now)


@shared_task(name="accounts.count_hash_forms")
def count_hash_forms() -> int:
    """Count which forms of hashes people carry, for the names that must take as long as theirs; return how many."""
    return decoys.count()


@shared_task(name="accounts.rotate_keys")
def rotate_keys() -> int:
    """Let the next signing key take over when it is time, and remove those retired long ago; say how many changed."""
    now = utcnow()
    rotated = rotation.rotate_if_due(now=now)
    return signing_keys.remove_retired(now=now) + (rotated is not None)
