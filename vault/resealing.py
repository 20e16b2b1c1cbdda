"""Bringing every encrypted value under the active root key, while everybody goes on reading and writing.

Each value is compared and set by one statement of its own: whoever wrote it in the meantime is right, nothing is locked
for longer than a row's update, and a run that was stopped at any moment has lost nothing and is simply run again.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, QuerySet

from kit import seams
from vault import conf, keyring, sealing
from vault.fields import EncryptedField, Sealed, everywhere

BATCH = 500


@dataclass(slots=True)
class Outcome:
    """What a run did: values renewed, and values that somebody else wrote first."""

    renewed: int = 0
    overtaken: int = 0
    shut: list[str] = field(default_factory=list)  # `label row` of what does not open


def waiting() -> int:
    """Return how many values are not under the active key."""
    return sum(_waiting(column).count() for column in everywhere())


def run(*, tell: Callable[[int], None]) -> Outcome:
    """Seal anew what is not under the active key; `tell` hears of each batch how many values it had."""
    outcome = Outcome()
    for column in everywhere():
        for batch in _batches(column):
            for row, sealed in batch:
                try:
                    is_ours = renew(column, row=row, sealed=sealed)
                except sealing.CannotUnseal:
                    outcome.shut.append(f"{column.label} {row}")
                else:
                    outcome.renewed += is_ours
                    outcome.overtaken += not is_ours
            tell(len(batch))
    return outcome


def renew(column: EncryptedField, *, row: Any, sealed: Sealed) -> bool:
    """Seal one value anew, and tell whether it was still the one that was read. Raises `CannotUnseal`."""
    renewed = Sealed(sealing.seal(sealed.open(row), label=column.label, row=str(row)), column.label)
    unchanged = _rows(column).filter(**{"pk": row, f"{column.name}__same": sealed})
    return bool(unchanged.update(**{column.name: renewed}))


def remaining() -> dict[str, Counter[str]]:
    """Return how many values of each label are under which key id; the empty id is for keys that we have not."""
    return {column.label: _count(column) for column in everywhere()}


def holders(key_id: str, *, now: dt.datetime) -> Iterator[str]:
    """Yield a sentence for each thing besides encrypted values that would be lost with this root key.

    What apps above keep is for the functions to say that `VAULT_KEY_HOLDERS` names: `holder(key_id, now=…)`.
    """
    if key_id == keyring.oldest_id():
        yield "as the last of the list it makes the digests that things are counted and found by"
    for path in conf.holders():
        yield from seams.load(path)(key_id, now=now)


def _batches(column: EncryptedField) -> Iterator[list[tuple[Any, Sealed]]]:
    waiting = _waiting(column).order_by("pk").values_list("pk", column.name)
    batch = list(waiting[:BATCH])
    while batch:
        yield batch
        batch = list(waiting.filter(pk__gt=batch[-1][0])[:BATCH])


def _count(column: EncryptedField) -> Counter[str]:
    rows = _rows(column)
    counts = Counter({key_id: rows.filter(**{f"{column.name}__under": key_id}).count() for key_id in keyring.ids()})
    counts[""] = rows.filter(**{f"{column.name}__isnull": False}).count() - counts.total()
    return +counts


def _waiting(column: EncryptedField) -> QuerySet[Model]:
    filled = _rows(column).filter(**{f"{column.name}__isnull": False})
    return filled.exclude(**{f"{column.name}__under": keyring.active_id()})


def _rows(column: EncryptedField) -> QuerySet[Model]:
    return column.model._base_manager.all()
