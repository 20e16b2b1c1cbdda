"""What is kept of what a person may do: her grants."""

import datetime as dt
from typing import Any

from django.db import transaction

from kit.personal_data import Eraser, Exporter, Subject, shown
from roles import stamps
from roles.models import Grant, PersonStamp


def _collect(subject: Subject) -> dict[str, Any]:
    """Return her grants. Who gave them is the giver's."""
    columns = ("role", "resource", "reason", "created_at", "expires_at")
    return {"roles": shown(Grant.objects.filter(user_id=subject.id), *columns)}


def _erase(subject: Subject, now: dt.datetime) -> None:
    """Delete her grants and their date, under the lock of every change of a grant."""
    with transaction.atomic():
        stamps.lock(now=now)
        Grant.objects.filter(user_id=subject.id).delete()
        PersonStamp.objects.filter(user_id=subject.id).delete()


EXPORTER = Exporter(name="permissions", models=frozenset({"roles.Grant"}), collect=_collect)
ERASER = Eraser(models=frozenset({"roles.Grant", "roles.PersonStamp"}), erase=_erase)
