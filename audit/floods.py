"""The flood rule: after 20 refusals of one cause from one source in a minute, the rest are counted and not written.

The minute is part of the key, so a count that waits to be flushed is never overwritten by the next minute's.
One source is one network (a /64 of IPv6) and one person, or one who acts for her: nobody else behind her address hides
her refusals.
"""

import datetime as dt
import hashlib
import json

from django.db import connection
from django.db.models import QuerySet

from audit.models import Entry, Flood
from kit import origin

LIMIT = 20
WINDOW = 60  # seconds

_COUNT = """
    INSERT INTO audit_flood
        (key, tenant, action, reason, actor_kind, actor, impersonator, network, first_at, last_at, count)
    VALUES (%(key)s, %(tenant)s, %(action)s, %(reason)s, %(actor_kind)s, %(actor)s, %(impersonator)s, %(network)s,
        %(first_at)s, %(last_at)s, %(count)s)
    ON CONFLICT (key) DO UPDATE SET count = audit_flood.count + 1, last_at = excluded.last_at
    RETURNING count
"""


def is_flooded(entry: Entry, *, address: str) -> bool:
    """Count one refusal, in one statement, and tell whether it is one too many to be written by itself."""
    network = origin.network_of(address) if address else ""
    reason = str(entry.details.get("reason", ""))[:100]
    minute = int(entry.at.timestamp()) // WINDOW
    cause = [str(entry.tenant), entry.action, reason, network, str(entry.actor), str(entry.impersonator), minute]
    flood = Flood(
        key=hashlib.sha256(json.dumps(cause).encode()).hexdigest(),
        tenant=entry.tenant,
        action=entry.action,
        reason=reason,
        actor_kind=entry.actor_kind,
        actor=entry.actor,
        impersonator=entry.impersonator,
        network=network,
        first_at=entry.at,
        last_at=entry.at,
        count=1,
    )
    values = {
        field.attname: field.get_db_prep_save(getattr(flood, field.attname), connection)
        for field in Flood._meta.concrete_fields
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        [(count,)] = cursor.fetchall()
    return bool(count > LIMIT)


def any_over(now: dt.datetime) -> bool:
    """Tell whether the minute of any count is over."""
    return _over(now).exists()


def claim_over(now: dt.datetime, *, batch: int = 500) -> list[Flood]:
    """Take the counts of minutes that are over out of the table, in the caller's transaction, and return them.

    Two callers at once never get the same one: rows are locked on PostgreSQL, the transaction is exclusive on SQLite.
    """
    floods = list(_over(now).select_for_update(skip_locked=True).order_by("key")[:batch])
    Flood.objects.filter(key__in=[flood.key for flood in floods]).delete()
    return floods


def _over(now: dt.datetime) -> QuerySet[Flood]:
    return Flood.objects.filter(first_at__lte=now - dt.timedelta(seconds=2 * WINDOW))
