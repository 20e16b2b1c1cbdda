"""Verifying the log: every entry against its seal, every link of the chain, every signature, and what waits for a seal.

What nobody can see from inside is a log cut off at its end, seals and checkpoints with it. Keep the position and
chain value that a verification reports somewhere else, and hand them in as the anchor of the next one.
"""

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import DataError
from django.db.models import Exists, Max, OuterRef

from audit import evidence
from audit.models import Checkpoint, Entry, Personal, Seal
from vault import keyring

CHUNK = 1000

_UNREADABLE = (ValueError, TypeError, DataError)

Progress = Callable[[int, int], None]


class BrokenLog(Exception):
    """The log is not what was written; the message names the first bad entry in one line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Anchor:
    """The head of the chain as somebody noted it earlier, elsewhere."""

    position: int
    chain: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """A log that holds: how many entries are sealed and how many wait, and the head of the chain."""

    sealed: int
    waiting: int
    chain: str


def verify(*, anchor: Anchor | None = None, progress: Progress = lambda _done, _total: None) -> Verified:
    """Verify the whole log, in constant memory, beside running writers and sealers. Raises `BrokenLog`.

    `progress` is called with the entries done and the number of sealed ones, once per thousand.
    """
    top = Seal.objects.aggregate(top=Max("position"))["top"] or 0  # before the checkpoint: a sealer writes both at once
    head = Checkpoint.objects.order_by("-position").first()
    covered = head.position if head else 0
    if top > covered:
        seal = Seal.objects.get(position=covered + 1)
        raise BrokenLog(f"entry {seal.entry_id} at position {seal.position}: sealed under no checkpoint")
    if anchor and anchor.position > covered:
        raise BrokenLog(f"position {covered + 1}: the log ends before the anchor at {anchor.position}")
    chain = _verify_chain(covered, anchor, progress)
    return Verified(sealed=covered, waiting=_verify_waiting(covered, progress), chain=chain)


def _verify_chain(covered: int, anchor: Anchor | None, progress: Progress) -> str:
    chain = evidence.GENESIS
    for first in range(1, covered + 1, CHUNK):
        last = min(first + CHUNK - 1, covered)
        checkpoints = {point.position: point for point in Checkpoint.objects.filter(position__range=(first, last))}
        for seal, entry in _sealed(first, last):
            chain = _verify_link(chain, seal, entry)
            if anchor and anchor.position == seal.position and anchor.chain != chain:
                raise BrokenLog(f"position {seal.position}: the chain up to here is not the one of the anchor")
            if seal.position in checkpoints:
                _verify_checkpoint(checkpoints[seal.position], chain)
        progress(last, covered)
    return chain


def _sealed(first: int, last: int) -> Iterator[tuple[Seal, Entry]]:
    seals = {seal.position: seal for seal in Seal.objects.filter(position__range=(first, last))}
    entries = _load([seal.entry_id for seal in seals.values()])
    for position in range(first, last + 1):
        if position not in seals:
            raise BrokenLog(f"position {position}: the seal is missing")
        seal = seals[position]
        if seal.entry_id not in entries:
            raise BrokenLog(f"entry {seal.entry_id} at position {position}: missing")
        yield seal, entries[seal.entry_id]


def _load(ids: list[UUID]) -> dict[UUID, Entry]:
    """Return entries by id; one that Python cannot hold (a date of infinity, any text on SQLite) is named."""
    entries = Entry.objects.select_related("personal")
    try:
        return entries.in_bulk(ids)
    except _UNREADABLE:
        for entry_id in ids:
            try:
                entries.in_bulk([entry_id])
            except _UNREADABLE:
                raise BrokenLog(f"entry {entry_id}: altered so that it cannot be read") from None
        raise


def _verify_link(previous: str, seal: Seal, entry: Entry) -> str:
    where = f"entry {entry.id} at position {seal.position}"
    digest = _verify_entry(where, entry)
    if digest != seal.digest:
        raise BrokenLog(f"{where}: not the one that was sealed here")
    chain = evidence.link(previous=previous, position=seal.position, entry_id=entry.id, digest=digest)
    if chain != seal.chain:
        raise BrokenLog(f"{where}: put in, moved, or next to one that was removed")
    return chain


def _verify_entry(where: str, entry: Entry) -> str:
    """Return the digest of an entry that is ours and unaltered, personal fields included unless erased."""
    digest = _digest(where, entry)
    if not _holds(entry.mac, lambda key_id: evidence.mac_of(digest, key_id=key_id), where):
        raise BrokenLog(f"{where}: altered, or not written by this product")
    personal: Personal | None = getattr(entry, "personal", None)
    if personal is None or not (personal.salt or personal.address or personal.agent or personal.name):
        return digest  # erased
    if _commitment(personal) != entry.commitment:
        raise BrokenLog(f"{where}: its personal fields were altered")
    return digest


def _digest(where: str, entry: Entry) -> str:
    try:
        return evidence.digest_of(entry)
    except (ValueError, TypeError, AttributeError):
        raise BrokenLog(f"{where}: altered so that it cannot be read") from None


def _commitment(personal: Personal) -> str:
    try:
        return evidence.commitment_to(
            salt=personal.salt, address=personal.address, agent=personal.agent, name=personal.name
        )
    except ValueError:  # the salt is no hexadecimal text
        return ""


def _verify_checkpoint(point: Checkpoint, chain: str) -> None:
    where = f"checkpoint at position {point.position}"
    if point.chain != chain:
        raise BrokenLog(f"{where}: the chain since the checkpoint before it was rewritten")
    if not _holds(
        point.signature,
        lambda key_id: evidence.signature_of(position=point.position, chain=chain, at=point.at, key_id=key_id),
        where,
    ):
        raise BrokenLog(f"{where}: the signature is not ours")


def _verify_waiting(covered: int, progress: Progress) -> int:
    """Verify the entries without a seal, which no chain guards yet: each must be ours and marked as waiting."""
    waiting = 0
    orphans = Personal.objects.filter(~Exists(Entry.objects.filter(id=OuterRef("entry_id"))), sealed=False)
    orphan = orphans.order_by("entry_id").first()
    if orphan:
        raise BrokenLog(f"entry {orphan.entry_id}, not sealed: missing")
    unsealed = Entry.objects.filter(seal__isnull=True).select_related("personal").order_by("id")
    for entry in unsealed.iterator(chunk_size=CHUNK):
        where = f"entry {entry.id}, not sealed"
        _verify_entry(where, entry)
        personal: Personal | None = getattr(entry, "personal", None)
        if personal is None or personal.sealed:
            raise BrokenLog(f"{where}: its seal was removed, or it was kept from being sealed")
        waiting += 1
        if waiting % CHUNK == 0:
            progress(covered + waiting, covered + waiting)
    return waiting


def _holds(signed: str, again: Callable[[str], str], where: str) -> bool:
    key_id = evidence.key_id_of(signed)
    try:
        return hmac.compare_digest(signed.encode(), again(key_id).encode())
    except keyring.UnknownKey:
        raise BrokenLog(f"{where}: made with key {key_id!r}, which VAULT_KEYS does not hold") from None
