"""Sealing: entries are taken in batches into a hash chain, each batch under a signed checkpoint.

Position is the order of sealing, not of events. The horizon lets concurrent writers commit first, so that the two
orders agree as a rule; a writer that commits later still is sealed all the same, further down, because what waits
is found by a mark beside the entry and not by a cursor. Two sealers at once compute the same next position, and the
database lets one of them have it.
"""

import datetime as dt
import logging

from django.db import IntegrityError, transaction

from audit import evidence
from audit.models import Checkpoint, Entry, Personal, Seal

HORIZON = dt.timedelta(seconds=30)
BATCH = 500
MOST_BATCHES = 20  # in one call, so that a task stays short

_log = logging.getLogger(__name__)


def seal_due(*, now: dt.datetime) -> int:
    """Seal what is older than the horizon; return how many entries were sealed, 0 when another sealer was first."""
    sealed = 0
    for _ in range(MOST_BATCHES):
        batch = _seal_batch(now)
        sealed += batch
        if batch < BATCH:
            break
    return sealed


def _seal_batch(now: dt.datetime) -> int:
    last = Seal.objects.order_by("-position").first()
    due = _due(now)
    if not due:
        return 0  # before any transaction: on SQLite that alone would make writers wait
    position, chain = (last.position, last.chain) if last else (0, evidence.GENESIS)
    try:
        with transaction.atomic():
            _extend(position, chain, due, now)
    except IntegrityError:
        if not Seal.objects.filter(position=position + 1).exists():
            raise
        _log.info("another sealer was first")
        return 0
    return len(due)


def _due(now: dt.datetime) -> list[Entry]:
    """Return the oldest entries that wait, in the order of events: three look-ups by key, whatever the log's size."""
    waiting = Personal.objects.filter(sealed=False).order_by("entry_id")
    ids = list(waiting.values_list("entry_id", flat=True)[:BATCH])
    if not ids:
        return []
    sealed = set(Seal.objects.filter(entry_id__in=ids).values_list("entry_id", flat=True))
    if sealed:
        Personal.objects.filter(entry_id__in=sealed).update(sealed=True)  # a mark that was lost
    entries = Entry.objects.filter(id__in=set(ids) - sealed, at__lte=now - HORIZON)
    return list(entries.order_by("at", "id"))


def _extend(position: int, chain: str, due: list[Entry], now: dt.datetime) -> None:
    seals: list[Seal] = []
    for entry in due:
        position += 1
        digest = evidence.digest_of(entry)
        chain = evidence.link(previous=chain, position=position, entry_id=entry.id, digest=digest)
        seals.append(Seal(position=position, entry_id=entry.id, digest=digest, chain=chain))
    signature = evidence.signature_of(position=position, chain=chain, at=now)
    Seal.objects.bulk_create(seals)
    Checkpoint.objects.create(position=position, chain=chain, at=now, signature=signature)
    Personal.objects.filter(entry_id__in=[entry.id for entry in due]).update(sealed=True)
