"""Periodic work of second factors. Safe to run twice at once, late, or never for a while."""

from celery import shared_task

from kit.clock import utcnow
from mfa import ceremonies, enrolment, trust


@shared_task(name="mfa.purge")
def purge() -> int:
    """Delete what is over: trust in devices, challenges of passkeys, factors never confirmed; return how many."""
    now = utcnow()
    return trust.purge(now=now) + ceremonies.purge(now=now) + enrolment.purge(now=now)
