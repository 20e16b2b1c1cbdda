"""Sealing: entries are taken in batches into a hash chain, each batch under a signed checkpoint.

Position is the order of sealing, not of events. The horizon lets concurrent writers commit first, so that the two
orders agree as a rule; a writer that commits later still is sealed all the same, further down, because what waits
is found by a mark beside the entry and not by a cursor. Two sealers at once compute the same next position, and the
database lets one of them have it.
"""

import datetime as dt
import logging

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

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


def _pending(now: dt.datetime) -> QuerySet[Entry]:
    return Entry.objects.filter(personal__sealed=False, seal__isnull=True, at__lte=now - HORIZON)


def _seal_batch(now: dt.datetime) -> int:
    if not _pending(now).exists():
        return 0  # on SQLite the transaction alone would make writers wait
    last = Seal.objects.order_by("-position").first()
    position, chain = (last.position, last.chain) if last else (0, evidence.GENESIS)
    try:
        with transaction.atomic():
            return _extend(position, chain, now)
    except IntegrityError:
        if not Seal.objects.filter(position=position + 1).exists():
            raise
        _log.info("another sealer was first")
        return 0


def _extend(position: int, chain: str, now: dt.datetime) -> int:
    seals: list[Seal] = []
    batch = _pending(now).order_by("personal__entry_id")[:BATCH]
    for entry in sorted(batch, key=lambda entry: (entry.at, entry.id)):
        position += 1
        digest = evidence.digest_of(entry)
        chain = evidence.link(previous=chain, position=position, entry_id=entry.id, digest=digest)
        seals.append(Seal(position=position, entry_id=entry.id, digest=digest, chain=chain))
    if not seals:
        return 0
    Seal.objects.bulk_create(seals)
    signature = evidence.signature_of(position=position, chain=chain, at=now)
    Checkpoint.objects.create(position=position, chain=chain, at=now, signature=signature)
    Personal.objects.filter(entry_id__in=[seal.entry_id for seal in seals]).update(sealed=True)
    return len(seals)
