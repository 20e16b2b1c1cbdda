"""Erasure: a person's traces beside the log are emptied; the entries and the chain stay as they are."""

import datetime as dt
from uuid import UUID

from django.db.models import Q

from audit.models import Entry, Personal


def erase_personal(*, actor_or_target: UUID, now: dt.datetime) -> int:
    """Empty the personal fields of every entry in which this id acted or was acted upon; return how many.

    Where somebody acted for another person they are gone with either of the two. The salt goes with them, so that
    nobody can find out by trying which address an entry was committed to.
    """
    acted = Q(actor=actor_or_target) | Q(impersonator=actor_or_target)
    hers = Entry.objects.filter(acted | Q(target=str(actor_or_target)))
    left = Personal.objects.filter(entry_id__in=hers.values("id"), erased_at__isnull=True)
    return left.update(salt="", address="", agent="", name="", erased_at=now)
