"""What the log keeps of a person: what she did and what was done to her, and from where she did it."""

import datetime as dt
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower

from audit import erasure
from audit.models import Entry, Personal
from kit import canonical
from kit.personal_data import Eraser, Exporter, Subject, shown


def _collect(subject: Subject) -> dict[str, Any]:
    """Return her entries. Where somebody else acted, it is not told who or from where: that is theirs.

    So is the name beside what she did, where it is not her own: whom she invited, say.
    """
    by_her = Entry.objects.filter(Q(actor=subject.id, impersonator=None) | Q(impersonator=subject.id))
    for_her = Entry.objects.filter(actor=subject.id).exclude(impersonator=None)
    on_her = Entry.objects.filter(target=str(subject.id)).exclude(actor=subject.id)
    columns = ("at", "action", "outcome", "request_id")
    origin = ("personal__address", "personal__agent", "personal__name")
    done = shown(by_her, *columns, *origin)
    for entry in done:
        if canonical.fold(entry["personal__name"] or "") not in subject.names:
            entry["personal__name"] = ""
    return {
        "done_by_you": done,
        "done_for_you_by_staff": shown(for_her, *columns),
        "done_to_you": shown(on_her, *columns, "actor_kind"),
    }


def _erase(subject: Subject, now: dt.datetime) -> None:
    """Empty what lies beside her entries, and beside those that name her where she was nobody yet."""
    erasure.erase_personal(actor_or_target=subject.id, now=now)
    left = Personal.objects.annotate(lower=Lower("name")).filter(erased_at=None)
    for named in subject.named("lower", moment="entry__at"):
        # Found before it is written: the whole table is looked through, and no other writer should wait for that.
        for entry in list(left.filter(named).values_list("pk", flat=True)):
            Personal.objects.filter(pk=entry).update(salt="", address="", agent="", name="", erased_at=now)


EXPORTER = Exporter(name="history", models=frozenset({"audit.Entry", "audit.Personal"}), collect=_collect)
ERASER = Eraser(models=frozenset({"audit.Personal"}), erase=_erase)
