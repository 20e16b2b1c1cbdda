"""Grants that have ended by themselves: they are in force no more from their moment on, and here they are cleared away.

Nobody's set is dated anew for it: each knows its own end (`effective.EffectiveSet.until`).
"""

import datetime as dt

from django.db import transaction

from roles import event_types, notices, records, stamps
from roles.models import Grant, Group
from roles.notices import News
from roles.records import Act

MOST_AT_ONCE = 100  # in one transaction: every other change of a role waits for it


def clear(*, now: dt.datetime) -> int:
    """Delete the grants and denials whose end has come, with an entry for each, and tell people of theirs.

    Returns how many. Safe to run twice at once: what one has cleared the other does not find.
    """
    due = Grant.objects.filter(expires_at__lte=now).order_by("expires_at")
    cleared = 0
    while due.exists():
        with transaction.atomic():
            stamps.lock(now=now)
            # Under the lock: one that has just been given on to a later end stays.
            for grant in due.select_related("user", "group")[:MOST_AT_ONCE]:
                _clear(grant, now=now)
                cleared += 1
    return cleared


def _clear(grant: Grant, *, now: dt.datetime) -> None:
    holder = grant.holder
    entry = records.record(
        Act(
            event=event_types.GRANT_ENDED,
            actor=None,
            by_itself=True,
            now=now,
            target_kind="group" if isinstance(holder, Group) else "user",
            target=holder.pk,
            details={
                "role": grant.role_id,
                "resource": grant.resource,
                "denies": grant.denies,
                "expires_at": grant.expires_at,
            },
        )
    )
    grant.delete()
    if not isinstance(holder, Group):
        notices.tell_of_grant(News.GRANT_ENDED, person=holder, entry=entry, now=now)
