"""Writing an entry, in the transaction of the change that it tells of: both are there, or neither.

Text that a client may choose (agent, tried name, request id) never makes a request fail here: it is cleaned and cut.
"""

import datetime as dt
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from audit import event_types, evidence, floods
from audit.models import Entry, Flood, Personal
from audit.vocabulary import ActorKind, EventType, Outcome
from kit import seams
from kit.origin import NOWHERE, Origin
from kit.tenants import HOUSE
from vault.uses import Caller

Scalar = str | int | bool | UUID | dt.datetime | None

MOST_BATCHES = 20  # of floods in one call, so that a task stays short
MAX_DETAIL = 500  # characters of one text in the details
MAX_INTEGER = 2**53  # what every reader of JSON agrees on (RFC 8259, section 6)

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def record(
    event: EventType,
    *,
    now: dt.datetime,
    actor: UUID | None = None,
    actor_kind: str = ActorKind.PERSON,
    target_kind: str = "",
    target: str | UUID = "",
    outcome: Outcome = Outcome.DONE,
    details: Mapping[str, Scalar] | None = None,
    origin: Origin = NOWHERE,
    name: str = "",
    tenant: UUID = HOUSE,
) -> Entry | None:
    """Write one entry and its personal fields: two statements, in the caller's transaction.

    `name` is a personal text (an address or user name that was tried); it goes beside the entry, where erasure
    reaches it. A "person" without an id is a stranger. Who acts for the actor comes with `origin`. A refusal costs one
    more statement and falls under the flood rule: None means that it was counted, not written. Consumers
    (`AUDIT_CONSUMERS`) are called before this returns. Raises ValueError for a detail that the event does not declare.
    """
    if actor is None and actor_kind == ActorKind.PERSON:
        actor_kind = ActorKind.STRANGER
    entry = Entry(
        tenant=tenant,
        at=now,
        action=event.name,
        outcome=Outcome(outcome),
        actor_kind=ActorKind(actor_kind),
        actor=actor,
        impersonator=origin.impersonator,
        target_kind=target_kind,
        target=_clean(str(target), 100),
        request_id=_clean(origin.request_id, 64),
        details=_details(event, details or {}),
    )
    with transaction.atomic(savepoint=False):
        if entry.outcome == Outcome.REFUSED and floods.is_flooded(entry, address=origin.address):
            return None
        return _append(entry, address=origin.address, agent=origin.agent, name=name)


def record_many(
    event: EventType,
    *,
    now: dt.datetime,
    target_kind: str,
    targets: Iterable[UUID],
    actor_kind: str,
    details: Mapping[str, Scalar] | None = None,
    tenant: UUID = HOUSE,
) -> None:
    """Write an entry for each target, alike in all else, in the caller's transaction: what a command does to many.

    A few statements for a thousand. Nothing personal is kept but the targets' ids. Consumers are called for each.
    """
    kept = _details(event, details or {})
    rows = [
        _sealed_off(
            Entry(
                tenant=tenant,
                at=now,
                action=event.name,
                outcome=Outcome.DONE,
                actor_kind=ActorKind(actor_kind),
                target_kind=target_kind,
                target=str(target),
                details=kept,
            )
        )
        for target in targets
    ]
    with transaction.atomic(savepoint=False):
        Entry.objects.bulk_create([entry for entry, _ in rows])
        Personal.objects.bulk_create([personal for _, personal in rows])
        for consume in seams.load_all("AUDIT_CONSUMERS"):
            for entry, _ in rows:
                consume(entry)


def record_use(
    event: str,
    *,
    now: dt.datetime,
    target: str,
    details: Mapping[str, str | int],
    caller: Caller | None = None,
    is_refused: bool = False,
) -> None:
    """Write what the vault did with a key; the vault's recorder (`VAULT_RECORDER`), called in its transaction."""
    record(
        event_types.BY_NAME[event],
        now=now,
        actor=caller.id if caller else None,
        actor_kind=ActorKind.PERSON if caller else ActorKind.SYSTEM,
        target_kind="signing_key" if "signing_key" in event else "root_key",
        target=target,
        outcome=Outcome.REFUSED if is_refused else Outcome.DONE,
        details=details,
        origin=caller.origin if caller else NOWHERE,
        tenant=caller.tenant if caller else HOUSE,
    )


def flush_floods(*, now: dt.datetime) -> int:
    """Write one entry for each flood whose minute is over, with the number of refusals not written one by one.

    Returns how many entries were written. Safe when several run at once: each flood is written by one of them.
    """
    written = 0
    for _ in range(MOST_BATCHES):
        if not floods.any_over(now):
            break
        with transaction.atomic():
            flooded = [flood for flood in floods.claim_over(now) if flood.count > floods.LIMIT]
            for flood in flooded:
                _append(_entry_of(flood), address=flood.network)
        written += len(flooded)
    return written


def _entry_of(flood: Flood) -> Entry:
    details: dict[str, Any] = {
        "repeated": flood.count - floods.LIMIT,
        "first_at": flood.first_at.isoformat(),
        "last_at": flood.last_at.isoformat(),
    }
    return Entry(
        tenant=flood.tenant,
        at=flood.last_at,
        action=flood.action,
        outcome=Outcome.REFUSED,
        actor_kind=flood.actor_kind,
        actor=flood.actor,
        impersonator=flood.impersonator,
        details=details | ({"reason": flood.reason} if flood.reason else {}),
    )


def _append(entry: Entry, *, address: str = "", agent: str = "", name: str = "") -> Entry:
    entry, personal = _sealed_off(entry, address=address, agent=agent, name=name)
    entry.save(force_insert=True)
    personal.save(force_insert=True)
    for consume in seams.load_all("AUDIT_CONSUMERS"):
        consume(entry)
    return entry


def _sealed_off(entry: Entry, *, address: str = "", agent: str = "", name: str = "") -> tuple[Entry, Personal]:
    """Return an entry with its commitment and its MAC, and the row of its personal fields; neither is saved."""
    personal = Personal(
        entry_id=entry.id,
        salt=secrets.token_hex(16),
        address=_clean(address, 64),
        agent=_clean(agent, 512),
        name=_clean(name, 254),
    )
    entry.commitment = evidence.commitment_to(
        salt=personal.salt, address=personal.address, agent=personal.agent, name=personal.name
    )
    entry.mac = evidence.mac_of(evidence.digest_of(entry))
    return entry, personal


def _details(event: EventType, details: Mapping[str, Scalar]) -> dict[str, Any]:
    undeclared = details.keys() - event.fields
    if undeclared:
        raise ValueError(f"{event.name} declares no detail {', '.join(sorted(undeclared))}")
    return {key: _scalar(f"{event.name}: {key}", value) for key, value in details.items()}


def _scalar(label: str, value: Scalar) -> str | int | bool | None:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) <= MAX_INTEGER:
        return int(value)
    if isinstance(value, str):
        return _clean(str(value), MAX_DETAIL)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, dt.datetime):
        return value.isoformat()
    raise ValueError(f"{label} holds a {type(value).__name__}, not a small scalar")


def _clean(text: str, length: int) -> str:
    """Return a text that both databases take: no control characters, no lone surrogates, at most `length` long."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text[:length])
