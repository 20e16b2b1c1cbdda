"""Guesses at an account: each try is counted, by account and factor, before it is checked.

The policy, which the safety of every account rests on, so that none of it is a setting:

- Ten tries are free; after the tenth and each further one no try passes for 30 s, 60 s, 120 s … at most an hour.
  A run is forgotten by a success in its lane, or after a day without a try.
- A day (from its first try) allows at most 100 tries at one account by all strangers together, whatever the factor.
- A device that has signed in before has a lane of its own, with the same ten tries, pauses and 100 a day, and no
  stranger's try touches it: nobody can lock the owner out. The caller proves that this account knows the device.
- A refused try counts nothing, so nobody keeps an account locked by knocking. Names that do not exist count alike.
"""

import datetime as dt
import math
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.db import connection, transaction

from kit.errors import Delayed
from limits import instants, metrics
from limits.models import Guess

FREE_TRIES = 10
FIRST_PAUSE_SECONDS = 30
LONGEST_PAUSE_SECONDS = 3_600
TRIES_A_DAY = 100
DAY_SECONDS = 86_400

STRANGERS = "strangers"
_DEVICE = "device:"
_ANY_FACTOR = ""
COUNTERS = 2  # of a try: the run in its lane and with its factor, and the day of its subject


class Locked(Delayed):
    """No further try at this account for now; the same for an account that does not exist."""

    code: ClassVar[str] = "account_locked"
    default_detail: ClassVar[str] = "Too many tries. Wait a little and try again."


@dataclass(frozen=True, slots=True)
class Reservation:
    """One try that has been counted, the `tries`th of its run. `day_end` tells whose day it was counted in."""

    subject: str
    factor: str
    lane: str
    day_end: int
    tries: int

    @property
    def begins_a_pause(self) -> bool:
        """Tell whether no stranger may try again at once if this try was wrong: worth telling the owner of."""
        return self.lane == STRANGERS and self.tries >= FREE_TRIES


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands in one lane: with one factor, or (`factor` empty) over the day with all of them."""

    factor: str
    lane: str
    tries: int
    blocked_until: dt.datetime | None


def device_lane(device_id: UUID | str) -> str:
    """Return the lane of a device that has proved to be known for the account."""
    return f"{_DEVICE}{device_id}"


def reserve(*, subject: str, factor: str, now: dt.datetime, lane: str = STRANGERS) -> Reservation:
    """Count a try at an account before it is checked, or raise `Locked` and count nothing.

    `subject` is a keyed digest of the canonical name (at most 64 characters), `factor` what is tried (`password`, …).
    However many tries are made in parallel, only as many pass as the policy allows. One statement, committed when
    this returns: calling it in a transaction that could undo it is an error.
    """
    if not factor:
        raise ValueError("A try is made with some factor.")
    at = instants.milliseconds(now)
    with transaction.atomic(durable=True):
        rows = _execute(_RESERVE, _values(subject, factor, lane, at=at, day_end=at + DAY_SECONDS * 1000))
        raised = {name: (tries, forgotten_at) for name, tries, forgotten_at in rows}
        passed = len(raised) == COUNTERS
        # Where only one of run and day was open, the one that was raised is taken back.
        transaction.set_rollback(not passed)
    if not passed:
        metrics.LOCKED.count(lane=STRANGERS if lane == STRANGERS else "device")
        raise Locked(_pause(subject, factor, lane, at))
    (tries, _), (_, day_end) = raised[factor], raised[_ANY_FACTOR]
    return Reservation(subject=subject, factor=factor, lane=lane, day_end=day_end, tries=tries)


def succeeded(reservation: Reservation, now: dt.datetime) -> None:
    """Give a try back that turned out right, and forget the run of failures in its lane and with its factor alone.

    The rest of the day's budget stays spent: a success never clears what others have tried.
    One statement, which may be part of the caller's transaction.
    """
    at = instants.milliseconds(now)
    subject, factor, lane = reservation.subject, reservation.factor, reservation.lane
    _execute(_SUCCEED, _values(subject, factor, lane, at=at, day_end=reservation.day_end))


def state(subject: str, now: dt.datetime) -> list[Standing]:
    """Return how an account stands in every lane that has been tried, for staff."""
    at = instants.milliseconds(now)
    rows = Guess.objects.filter(subject=subject, forgotten_at__gt=at).order_by("lane", "factor")
    return [
        Standing(
            factor=row.factor,
            lane=row.lane,
            tries=row.tries,
            blocked_until=instants.moment(row.blocked_until) if row.blocked_until > at else None,
        )
        for row in rows
    ]


def count_locked(now: dt.datetime, *, most: int = 1_000) -> int:
    """Return how many accounts and unknown names take no try now in some lane, for staff; at most `most` are read."""
    blocked = Guess.objects.filter(blocked_until__gt=0).filter(blocked_until__gt=instants.milliseconds(now))
    return len(set(blocked.values_list("subject", flat=True)[:most]))


def unlock(subject: str) -> int:
    """End every wait at an account, in all lanes; return how many runs were forgotten.

    What is spent of the days stays spent: not even staff, asked again and again, make a hundred guesses into more.
    """
    deleted, _ = Guess.objects.filter(subject=subject).exclude(factor=_ANY_FACTOR).delete()
    return deleted


def is_day_spent(subject: str, now: dt.datetime) -> bool:
    """Tell whether strangers have used up the day at an account, which no unlocking gives back."""
    at = instants.milliseconds(now)
    return Guess.objects.filter(pk=(subject, _ANY_FACTOR, STRANGERS), blocked_until__gt=at).exists()


def welcome(*, subject: str, device_id: UUID | str, now: dt.datetime) -> None:
    """Leave a device that has become known otherwise than by a sign-in a day of ten tries and no more."""
    Guess.objects.create(
        subject=subject,
        factor=_ANY_FACTOR,
        lane=device_lane(device_id),
        tries=TRIES_A_DAY - FREE_TRIES,
        blocked_until=0,
        forgotten_at=instants.milliseconds(now) + DAY_SECONDS * 1000,
    )


def purge(now: dt.datetime) -> int:
    """Delete what is forgotten anyway; return how many rows."""
    deleted, _ = Guess.objects.filter(forgotten_at__lte=instants.milliseconds(now)).delete()
    return deleted


def _bucket(lane: str) -> str:
    """Return whose budget of the day a lane spends."""
    return lane if lane.startswith(_DEVICE) else STRANGERS


def _values(subject: str, factor: str, lane: str, *, at: int, day_end: int) -> dict[str, str | int]:
    """Return what both statements are given. The policy's numbers go in as values, so that it is written once."""
    return {
        "subject": subject,
        "factor": factor,
        "lane": lane,
        "bucket": _bucket(lane),
        "at": at,
        "day_end": day_end,
        "free": FREE_TRIES,
        "a_day": TRIES_A_DAY,
        "first": FIRST_PAUSE_SECONDS * 1000,
        "longest": LONGEST_PAUSE_SECONDS * 1000,
        "doublings": _DOUBLINGS,
    }


def _execute(statement: str, values: dict[str, str | int]) -> list[tuple[str, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[str, int, int]] = cursor.fetchall()
    return rows


def _pause(subject: str, factor: str, lane: str, at: int) -> int:
    """Return the whole seconds until neither the run nor the day blocks a try."""
    both = Guess.objects.filter(pk__in=[(subject, factor, lane), (subject, _ANY_FACTOR, _bucket(lane))])
    return instants.seconds_between(at, max(both.values_list("blocked_until", flat=True), default=at))


# How often the first pause doubles before it passes the longest.
_DOUBLINGS = math.ceil(math.log2(LONGEST_PAUSE_SECONDS / FIRST_PAUSE_SECONDS))

# Run first, day second: every statement locks the two rows in this order, so no two of them can wait for each other.
_RESERVE = """
INSERT INTO limits_guess (subject, factor, lane, tries, blocked_until, forgotten_at) VALUES
    (%(subject)s, %(factor)s, %(lane)s, 1, 0, %(day_end)s),
    (%(subject)s, '', %(bucket)s, 1, 0, %(day_end)s)
ON CONFLICT (subject, factor, lane) DO UPDATE SET
    tries = CASE WHEN limits_guess.forgotten_at <= %(at)s THEN 1 ELSE limits_guess.tries + 1 END,
    forgotten_at = CASE
        WHEN limits_guess.factor = '' AND limits_guess.forgotten_at > %(at)s THEN limits_guess.forgotten_at
        ELSE excluded.forgotten_at END,
    blocked_until = CASE
        WHEN limits_guess.forgotten_at <= %(at)s THEN 0
        WHEN limits_guess.factor = '' AND limits_guess.tries + 1 >= %(a_day)s THEN limits_guess.forgotten_at
        WHEN limits_guess.factor = '' OR limits_guess.tries + 1 < %(free)s THEN 0
        WHEN limits_guess.tries + 1 - %(free)s >= %(doublings)s THEN %(at)s + %(longest)s
        ELSE %(at)s + (CAST(%(first)s AS bigint) << (limits_guess.tries + 1 - %(free)s)) END
WHERE limits_guess.blocked_until <= %(at)s
RETURNING factor, tries, forgotten_at
"""

# An upsert too, for the order of its locks; rows that were purged meanwhile come back empty and forgotten.
_SUCCEED = """
INSERT INTO limits_guess (subject, factor, lane, tries, blocked_until, forgotten_at) VALUES
    (%(subject)s, %(factor)s, %(lane)s, 0, 0, %(at)s),
    (%(subject)s, '', %(bucket)s, 0, 0, %(at)s)
ON CONFLICT (subject, factor, lane) DO UPDATE SET
    tries = CASE WHEN limits_guess.factor = '' THEN limits_guess.tries - 1 ELSE 0 END,
    blocked_until = 0
WHERE limits_guess.factor <> '' OR (limits_guess.forgotten_at = %(day_end)s AND limits_guess.tries > 0)
RETURNING factor, tries, forgotten_at
"""
