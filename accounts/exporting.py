"""Taking people out: a file of them in the form in which `importing` takes them, one batch in memory at a time."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from accounts import event_types
from accounts.models import Handle, User
from accounts.people_files import FIELDS, Writer
from audit import recording
from audit.vocabulary import ActorKind

BATCH = 1000
HASH = "password_hash"
WITHOUT_HASHES = tuple(name for name in FIELDS if name != HASH)


def columns(*, with_hashes: bool) -> tuple[str, ...]:
    """Return what is written of each person: a hash only where it is asked for."""
    return FIELDS if with_hashes else WITHOUT_HASHES


def run(*, writer: Writer, with_hashes: bool, clock: Callable[[], dt.datetime], tell: Callable[[int], None]) -> int:
    """Write everybody, in the order of their ids, and record that; return how many. `tell` is called with each batch.

    People who come to be while it runs may be in it or not. Accounts that are deleted and wait to be erased are not.
    """
    recording.record(
        event_types.PEOPLE_EXPORTED,
        now=clock(),
        actor_kind=ActorKind.COMMAND,
        details={"count": User.objects.filter(erase_at=None).count(), "with_hashes": with_hashes},
    )
    count = 0
    for batch in _batches():
        names = _names_of(batch)
        for user in batch:
            writer.write(_row(user, names.get(user.pk, []), with_hashes=with_hashes))
        count += len(batch)
        tell(len(batch))
    return count


def _batches() -> Iterator[list[User]]:
    people = User.objects.filter(erase_at=None).order_by("pk")
    batch = list(people[:BATCH])
    while batch:
        yield batch
        batch = list(people.filter(pk__gt=batch[-1].pk)[:BATCH])


def _names_of(batch: list[User]) -> dict[UUID, list[str]]:
    """Return the further addresses of people, by their ids."""
    found: dict[UUID, list[str]] = {}
    others = Handle.objects.filter(
        user__in=batch, kind=Handle.Kind.EMAIL, is_primary=False, held_until=None, confirmed_at__isnull=False
    )
    for user_id, name in others.order_by("pk").values_list("user_id", "canonical"):
        found.setdefault(user_id, []).append(name)
    return found


def _row(user: User, others: list[str], *, with_hashes: bool) -> dict[str, Any]:
    plain = {name: getattr(user, name) for name in FIELDS if name not in {"other_emails", "created_at", HASH}}
    row = {**plain, "other_emails": others, "created_at": user.created_at.isoformat()}
    if with_hashes and user.has_usable_password():
        row[HASH] = user.password
    return row
