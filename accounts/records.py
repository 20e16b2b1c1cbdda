"""The record of refused sign-ins that staff read: who was tried, from where, how often; in the tables of django-axes.

A row is one account, network address and agent, and counts up. A name that nobody holds may be anything that was typed
by mistake, a password too: it is forgotten after a day.
"""

import datetime as dt
import ipaddress

from axes.models import AccessAttempt
from django.db import connection
from django.db.models import Exists, OuterRef

from accounts import conf
from accounts.models import Handle, User
from kit import canonical
from kit.origin import Origin
from kit.personal_data import Eraser, Exporter, Subject, shown

MODELS = frozenset({"axes.AccessAttempt"})
PURGED_AT_ONCE = 5_000


def note(*, door: str, user: User | None, name: str, now: dt.datetime, origin: Origin) -> None:
    """Count a refusal on its row, in one statement, in the caller's transaction."""
    values = {
        "name": (user.email if user else canonical.fold(name))[:255],
        "address": connection.ops.adapt_ipaddressfield_value(address_of(origin.address)),
        "agent": origin.agent[:255],
        "door": door[:255],
        "at": connection.ops.adapt_datetimefield_value(now),
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, values)


def purge(*, now: dt.datetime) -> int:
    """Delete old rows, those of names that nobody holds sooner, at most 5,000 in one call; return how many."""
    day_ago = now - dt.timedelta(seconds=conf.unknown_names_kept())
    old = AccessAttempt.objects.filter(attempt_time__lte=now - dt.timedelta(seconds=conf.refusals_kept()))
    held = Exists(Handle.objects.filter(canonical=OuterRef("username")))
    unknown = AccessAttempt.objects.filter(~held, attempt_time__lte=day_ago)
    purged = 0
    for rows in (old, unknown):
        ids = list(rows.order_by("attempt_time").values_list("pk", flat=True)[:PURGED_AT_ONCE])
        purged += AccessAttempt.objects.filter(pk__in=ids).delete()[0]
    return purged


def address_of(text: str) -> str | None:
    """Return a network address as the record keeps it, None for what is none."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


def _collect(subject: Subject) -> dict[str, object]:
    rows = AccessAttempt.objects.filter(username__in=subject.names)
    columns = ("username", "ip_address", "user_agent", "path_info", "attempt_time", "failures_since_start")
    return {"refused_sign_ins": shown(rows, *columns)}


def _erase(subject: Subject, _now: dt.datetime) -> None:
    for named in subject.named("username", moment="attempt_time"):
        AccessAttempt.objects.filter(named).delete()


EXPORTER = Exporter(name="refused_sign_ins", models=MODELS, collect=_collect)
ERASER = Eraser(models=MODELS, erase=_erase)

_NOTE = """
INSERT INTO axes_accessattempt
    (username, ip_address, user_agent, path_info, attempt_time, failures_since_start, http_accept, get_data, post_data)
VALUES (%(name)s, %(address)s, %(agent)s, %(door)s, %(at)s, 1, '', '', '')
ON CONFLICT (username, ip_address, user_agent) DO UPDATE SET
    failures_since_start = axes_accessattempt.failures_since_start + 1,
    attempt_time = excluded.attempt_time,
    path_info = excluded.path_info
"""
