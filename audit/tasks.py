"""Periodic work of the log. Both are safe to run twice at once, late, or never for a while."""

from celery import shared_task

from audit import recording, sealing
from kit.clock import utcnow


@shared_task(name="audit.seal")
def seal() -> int:
    """Seal the entries that are due; return how many."""
    return sealing.seal_due(now=utcnow())


@shared_task(name="audit.flush_floods")
def flush_floods() -> int:
    """Write the counted entries of floods that are over; return how many."""
    return recording.flush_floods(now=utcnow())
