"""What Django's own tables keep of a person: her cookie's row in the admin, and the admin's log of changes."""

import datetime as dt
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session as CookieRow
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.admin_session import SESSION_KEY
from accounts.models import Session
from kit.personal_data import Eraser, Exporter, Subject, shown

_NOTHING = {"object_repr": "", "change_message": ""}


def _collect(subject: Subject) -> dict[str, Any]:
    """Return when she changed what kind of thing in the admin; of what it was, nothing: that may be another's."""
    by_her = LogEntry.objects.filter(user_id=subject.id)
    return {"changes": shown(by_her, "action_time", "content_type__app_label", "content_type__model", "action_flag")}


def _erase(subject: Subject, _now: dt.datetime) -> None:
    """Delete her rows, and empty those of others that speak of her."""
    LogEntry.objects.filter(user_id=subject.id).delete()
    of_others = LogEntry.objects.annotate(lower=Lower("object_repr"))
    for of_her in (Q(object_id=str(subject.id)), *subject.named("lower", moment="action_time")):
        of_others.filter(of_her).update(**_NOTHING)
    sessions = {str(pk) for pk in Session.objects.filter(user=subject.id).values_list("pk", flat=True)}
    # What a row holds is not readable to the database; there are as many as there are staff at work.
    for row in CookieRow.objects.iterator():
        if row.get_decoded().get(SESSION_KEY) in sessions:
            row.delete()


EXPORTER = Exporter(name="admin", models=frozenset({"admin.LogEntry"}), collect=_collect)
ERASER = Eraser(models=frozenset({"admin.LogEntry", "sessions.Session"}), erase=_erase)
