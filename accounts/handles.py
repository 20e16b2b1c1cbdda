"""The names by which people are found: addresses and user names, in one namespace that the database keeps unique.

A name that has been given up may be held for a while: nobody is found by it, and only the person who had it may take
it back, so that a stranger cannot step into her place before she has noticed.
"""

import datetime as dt
import math
import re
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts import conf
from accounts.models import FormerName, Handle, User
from kit import canonical
from kit.errors import Conflict, Invalid, Throttled

MOST_HELD = 10  # user names that are kept for one person: nobody keeps many from others by passing through them
RESERVED = frozenset(
    (
        *("abuse", "hostmaster", "info", "mailerdaemon", "noc", "noreply", "postmaster", "security", "webmaster"),
        *("admin", "administrator", "operator", "owner", "root", "superuser", "sysadmin", "system"),
        *("gatehouse", "help", "helpdesk", "moderator", "official", "staff", "support", "team"),
        *("anonymous", "everyone", "me", "nobody", "null", "undefined"),
    )
)


class NameTaken(Conflict):
    """Somebody holds this address or user name already."""

    default_detail = "Somebody holds this name already."


def username(text: str, *, field: str = "username") -> str:
    """Return the canonical form of a user name that a person may have. Raises `Invalid`, also for a reserved one.

    Reserved is what looks like the house itself speaking (RFC 2142 and its like), however it is punctuated.
    """
    name = canonical.username(text, field=field)
    if re.sub(r"[._-]", "", name) in RESERVED:
        raise Invalid(field, "This user name is reserved. Choose another.", "reserved")
    return name


def is_taken(name: str, *, now: dt.datetime) -> bool:
    """Say whether somebody holds this canonical name, or has given it up so lately that nobody else may take it."""
    in_force = Q(held_until=None) | Q(held_until__gt=now)
    return Handle.objects.filter(in_force, canonical=name).exists()


def owner_of(address: str) -> User | None:
    """Return the person whose confirmed address this is, in canonical form; by one statement."""
    own = Handle.objects.filter(canonical=address, kind=Handle.Kind.EMAIL, held_until=None, confirmed_at__isnull=False)
    handle = own.select_related("user").first()
    return handle.user if handle else None


def is_hers(*, user: User, address: str) -> bool:
    """Say whether this canonical address is a person's now: one that she has given up is not."""
    return Handle.objects.filter(user=user, canonical=address, kind=Handle.Kind.EMAIL, held_until=None).exists()


def claim(*, user: User, kind: Handle.Kind, name: str, now: dt.datetime, is_primary: bool = False) -> None:
    """Give a person a canonical name, in the caller's transaction. Raises `NameTaken`.

    Her own is hers to take again, held or not; anybody else's only when its time is over. Of two who claim a name at
    once one gets it: each way ends in one conditional statement.
    """
    wanted = {"user": user, "kind": kind, "confirmed_at": now, "is_primary": is_primary, "held_until": None}
    if Handle.objects.filter(Q(user=user) | Q(held_until__lte=now), canonical=name).update(**wanted):
        return
    try:
        with transaction.atomic():
            Handle.objects.create(canonical=name, **wanted)
    except IntegrityError as error:
        raise NameTaken from error


def give_up(*, handle: Handle, now: dt.datetime) -> None:
    """Let nobody be found by a name any more, and keep it from others, in the caller's transaction.

    For as long as the link is good by which an owner undoes a change, or what she gave up could not come back to her.
    """
    handle.is_primary, handle.held_until = False, now + dt.timedelta(seconds=conf.undo_lifetime())
    handle.save(update_fields=["is_primary", "held_until"])
    remember(user_id=handle.user_id, name=handle.canonical, until=handle.held_until)


def remember(*, user_id: UUID, name: str, until: dt.datetime) -> None:
    """Keep in mind, in the caller's transaction, that a canonical name or number was a person's until then."""
    FormerName.objects.bulk_create(
        [FormerName(user_id=user_id, canonical=name, until=until)],
        update_conflicts=True,
        unique_fields=["user", "canonical"],
        update_fields=["until"],
    )


def change_username(*, user: User, name: str, now: dt.datetime) -> None:
    """Give a locked person another user name, or none where it is empty, in the caller's transaction.

    The one she had is held. `name` is canonical. Raises `NameTaken`, or `Throttled` where too many are held for her.
    """
    own = Handle.objects.filter(user=user, kind=Handle.Kind.USERNAME)
    for handle in own.filter(held_until=None):
        give_up(handle=handle, now=now)
    if name:
        claim(user=user, kind=Handle.Kind.USERNAME, name=name, now=now, is_primary=True)
    ends = own.filter(held_until__gt=now).values_list("held_until", flat=True)
    held = [end for end in ends if end is not None]
    if len(held) > MOST_HELD:
        raise Throttled(
            math.ceil((min(held) - now).total_seconds()),
            f"{MOST_HELD} user names that were given up lately are kept for you. Take one of them back, or wait.",
        )


def purge(*, now: dt.datetime) -> int:
    """Delete the names whose time of being held is over; return how many."""
    deleted, _ = Handle.objects.filter(held_until__lte=now).delete()
    return deleted
