"""Wrapping weak hashes of other systems in ours, at once and without anybody's password.

Whoever reads the table afterwards has to break Argon2id for each guess. Each row changes by one conditional statement,
so that a sign-in which makes the hash ours meanwhile wins. What is wrapped already is passed over, so a run that was
stopped is simply run again.
"""

import datetime as dt
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts import arrivals, decoys, event_types
from accounts.foreign_hashes import stored
from accounts.hashers import Argon2
from accounts.models import User
from audit import recording
from audit.vocabulary import ActorKind

BATCH = 200  # people at a time: a few seconds of work


@dataclass(slots=True)
class Outcome:
    """What became of the hashes that were looked at."""

    wrapped: int = 0
    too_long: int = 0


def count() -> int:
    """Return how many people have a hash that has to be looked at."""
    return _foreign().count()


def run(*, clock: Callable[[], dt.datetime], tell: Callable[[int], None], workers: int = 0) -> Outcome:
    """Wrap every weak hash, on `workers` threads (0: one for each core; Argon2 leaves Python alone while it works).

    Takes as long as that many sign-ins, and 19 MiB for each thread. `tell` is called with the people of each batch.
    """
    outcome = Outcome()
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        for batch in _batches():
            weak = [(pk, encoded, found) for pk, encoded in batch if (found := stored.find(encoded)) and found.is_weak]
            texts = pool.map(lambda each: str(each[2].wrapped()), weak)
            made = [(pk, encoded, text) for (pk, encoded, _), text in zip(weak, texts, strict=True)]
            fitting = [each for each in made if len(each[2]) <= arrivals.ROOM]
            outcome.too_long += len(made) - len(fitting)
            outcome.wrapped += _store(fitting, clock())
            tell(len(batch))
    decoys.count()
    return outcome


def _foreign() -> QuerySet[User]:
    """Return the people whose hash is neither of our own kind nor wrapped in it."""
    ours = Q()
    for beginning in (Argon2.beginning(), "wrapped$", UNUSABLE_PASSWORD_PREFIX):
        ours |= Q(password__startswith=beginning)
    return User.objects.exclude(ours).order_by("pk")


def _batches() -> Iterator[list[tuple[UUID, str]]]:
    people = _foreign().values_list("pk", "password")
    batch = list(people[:BATCH])
    while batch:
        yield batch
        batch = list(people.filter(pk__gt=batch[-1][0])[:BATCH])


def _store(made: list[tuple[UUID, str, str]], now: dt.datetime) -> int:
    if not made:
        return 0
    with transaction.atomic():
        changed = [
            pk for pk, encoded, text in made if User.objects.filter(pk=pk, password=encoded).update(password=text)
        ]
        if changed:
            recording.record(
                event_types.HASHES_WRAPPED,
                now=now,
                actor_kind=ActorKind.COMMAND,
                details={"count": len(changed), "first": changed[0], "last": changed[-1]},
            )
    return len(changed)
