"""Periodic work of second factors. Safe to run twice at once, late, or never for a while."""

from celery import shared_task

from kit.clock import utcnow
from mfa import trust
from mfa.models import Ceremony


@shared_task(name="mfa.purge")
def purge() -> int:
    """Delete what is over and kept no more: trust in devices, and challenges of passkeys; return how many."""
    now = utcnow()
    ceremonies, _ = Ceremony.objects.filter(expires_at__lte=now).delete()
    return trust.purge(now=now) + ceremonies
