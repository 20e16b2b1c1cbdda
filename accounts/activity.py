"""What happened to a person's account, as the log has it, for herself to read.

What she did, and what was done to her. Of others there is nothing in it: not who they are, nor what she did to them.
"""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from audit import vocabulary
from audit.models import Entry
from audit.vocabulary import ActorKind

ORDER = ("-at", "-id")


@dataclass(frozen=True, kw_only=True, slots=True)
class Happening:
    """One entry as its person may see it. `by` is `you`, `stranger`, or whoever else may act on an account."""

    id: UUID
    at: dt.datetime
    action: str
    meaning: str
    outcome: str
    by: str
    ip_address: str
    user_agent: str


def lists_of(user_id: UUID) -> tuple[QuerySet[Entry], QuerySet[Entry]]:
    """Return what she did and what was done to her: two lists, each in the order of an index."""
    entries = Entry.objects.select_related("personal")
    return entries.filter(actor=user_id), entries.filter(target=str(user_id))


def shown(entry: Entry, *, to: UUID) -> Happening:
    """Return an entry as its person may see it: from where, only of herself and of strangers who tried to be her.

    What staff did who acted for her is theirs.
    """
    own, event = entry.actor == to and entry.impersonator is None, vocabulary.find(entry.action)
    seen = entry.personal if own or entry.actor_kind == ActorKind.STRANGER else None
    return Happening(
        id=entry.pk,
        at=entry.at,
        action=entry.action,
        meaning=event.meaning if event else "",
        outcome=entry.outcome,
        by="you" if own else "staff" if entry.actor_kind == ActorKind.PERSON else entry.actor_kind,
        ip_address=seen.address if seen else "",
        user_agent=seen.agent if seen else "",
    )
