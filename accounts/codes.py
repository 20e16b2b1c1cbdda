"""Codes of six digits that go out in a message: how often, how many tries, and which one is good.

Six digits are found by trying, so everything around them is counted: on the person (or on the name that nobody holds),
not on the code, or each new code would bring new tries. The digits are derived from the row's id in the worker that
renders the message; the row keeps a keyed digest. Comparing and spending is one conditional update.
"""

import datetime as dt
import hashlib

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import SentCode, User
from kit.errors import Invalid, Throttled
from kit.ids import uuid7
from limits import counters
from notifications import costs, pumping
from notifications.channels import Channel
from vault import derived, digests, keyring

DIGITS = 6
LIFETIME = dt.timedelta(minutes=10)
TRIES = 5  # by one person with one purpose, in `TRIES_WINDOW` seconds
TRIES_WINDOW = 600
# So many codes in so many seconds, for a person and for a number or address alike.
PACES = ((1, 60), (5, 600), (10, 86_400))


def pace(*, subject: str, to: str, now: dt.datetime) -> None:
    """Count a code that is about to be sent. Raises `Throttled` with the seconds to wait.

    `subject` is who asks (`people.guess_subject`: alike for names that nobody holds), `to` where it goes: nobody has
    another's telephone ring all day by many accounts. Before the transaction that issues the code, so that a refusal
    stays counted; what is refused by a shorter window does not use up a longer one.
    """
    with transaction.atomic(durable=True):
        wait = _wait(subject, now) or _wait(digests.keyed("accounts.codes.to", to), now)
    if wait:
        raise Throttled(wait, "A code was sent a moment ago. Wait a little, then ask again.")


def issue(
    *, purpose: SentCode.Purpose, user: User | None, channel: Channel, to: str, now: dt.datetime, network: str = ""
) -> SentCode:
    """Write a new code in the caller's transaction, good for ten minutes; her older ones of this purpose are not.

    `user` is None for somebody who does not exist: the row costs the same and opens nothing. `network` is where it was
    asked for from, if its message is to tell.
    """
    row = SentCode(
        id=uuid7(),
        purpose=purpose,
        user=user,
        channel=channel,
        to=to,
        network=network,
        key_id=keyring.active_id(),
        created_at=now,
        expires_at=now + LIFETIME,
    )
    row.digest = _digest(purpose, user, text_of(row))
    row.save(force_insert=True)
    return row


def text_of(row: SentCode) -> str:
    """Return the digits of a code, for its message alone: each as likely as another, since 256 bits decide."""
    secret = derived.again(_derivation(SentCode.Purpose(row.purpose)), row.pk, row.key_id)
    number = int.from_bytes(hashlib.sha256(secret.encode()).digest())
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def is_good(row: SentCode, *, now: dt.datetime) -> bool:
    """Say whether a code could be used now, for the worker that is about to send it."""
    return _good(now).filter(pk=row.pk).exists()


def count_try(*, purpose: SentCode.Purpose, subject: str, now: dt.datetime) -> None:
    """Count a try before the code is looked at. Raises `Throttled` after five in ten minutes, with any code.

    Not to be called in a transaction that could undo it.
    """
    with transaction.atomic(durable=True):
        verdict = counters.hit(key=_tries(purpose, subject), limit=TRIES, window=TRIES_WINDOW, now=now)
    if not verdict.allowed:
        raise Throttled(verdict.retry_after, "Too many tries. Wait, then ask for a new code.")


def use(*, purpose: SentCode.Purpose, user: User | None, subject: str, code: str, now: dt.datetime) -> SentCode:
    """Spend the newest code of a person, in the caller's transaction, and return its row.

    To be called after `count_try`; the try of a right code is given back. Raises `Invalid` on `code` for one that is
    wrong, spent, too old or not the newest; which of these is never told.
    """
    digest = _digest(purpose, user, code)
    if not _good(now).filter(user=user, purpose=purpose, digest=digest).update(used_at=now):
        raise Invalid("code", "This code is wrong or has expired. Try again, or ask for a new one.", "wrong")
    counters.hit(key=_tries(purpose, subject), limit=TRIES, window=TRIES_WINDOW, now=now, cost=-1)
    row = SentCode.objects.filter(user=user, purpose=purpose, digest=digest).latest("pk")
    if row.channel in costs.SHORT:
        pumping.entered(number=row.to, now=now)
    return row


def void(*, user: User, purpose: SentCode.Purpose, now: dt.datetime) -> int:
    """Make a person's codes of a purpose good no more, in the caller's transaction; return how many."""
    return _good(now).filter(user=user, purpose=purpose).update(void_at=now)


def purge(*, now: dt.datetime) -> int:
    """Delete the codes that ended a day ago; return how many."""
    deleted, _ = SentCode.objects.filter(expires_at__lte=now - dt.timedelta(days=1)).delete()
    return deleted


def _good(now: dt.datetime) -> QuerySet[SentCode]:
    """Return the codes that are unused, not voided, not over, and the newest of their person and purpose."""
    newer = SentCode.objects.filter(user=OuterRef("user"), purpose=OuterRef("purpose"), pk__gt=OuterRef("pk"))
    good = SentCode.objects.filter(user__isnull=False, used_at=None, void_at=None, expires_at__gt=now)
    return good.filter(~Exists(newer))


def _digest(purpose: SentCode.Purpose, user: User | None, code: str) -> str:
    return digests.keyed("accounts.codes", f"{purpose.value}:{user.pk if user else ''}:{code}")


def _tries(purpose: SentCode.Purpose, subject: str) -> str:
    return f"code-tries:{purpose.value}:{subject}"


def _derivation(purpose: SentCode.Purpose) -> str:
    return f"accounts.code.{purpose.value}"


def _wait(counted: str, now: dt.datetime) -> int:
    """Count a code for whom it is for, and return the seconds to wait; 0 where it may be sent."""
    for limit, window in PACES:
        verdict = counters.hit(key=f"codes:{window}:{counted}", limit=limit, window=window, now=now)
        if not verdict.allowed:
            return verdict.retry_after
    return 0
