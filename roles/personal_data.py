"""What is kept of what a person may do: her grants, the groups she is in, what she asked for."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Model

from kit.personal_data import Eraser, Exporter, Subject, shown
from roles import stamps
from roles.models import AccessRequest, Grant, Membership, PersonStamp


def _collect(subject: Subject) -> dict[str, Any]:
    """Return her grants, groups and requests. Who gave or decided them is the giver's."""
    grant = ("role", "resource", "denies", "reason", "created_at", "expires_at")
    request = ("role", "resource", "reason", "state", "asked_at", "decided_at", "answer")
    return {
        "roles": shown(Grant.objects.filter(user_id=subject.id), *grant),
        "groups": shown(Membership.objects.filter(user_id=subject.id), "group", "created_at"),
        "access_requests": shown(AccessRequest.objects.filter(user_id=subject.id), *request),
    }


def _erase(subject: Subject, now: dt.datetime) -> None:
    """Delete all of it and its date, under the lock of every change of a grant."""
    with transaction.atomic():
        stamps.lock(now=now)
        for model in _MODELS:
            model._base_manager.filter(user_id=subject.id).delete()


_MODELS: tuple[type[Model], ...] = (Grant, Membership, AccessRequest, PersonStamp)
_SHOWN = frozenset({"roles.Grant", "roles.Membership", "roles.AccessRequest"})
EXPORTER = Exporter(name="permissions", models=_SHOWN, collect=_collect)
ERASER = Eraser(models=_SHOWN | {"roles.PersonStamp"}, erase=_erase)
