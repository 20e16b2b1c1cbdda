"""Periodic work of the house as a whole. Safe to run twice at once, late, or never for a while."""

from celery import shared_task

from config import alerts, heartbeats
from kit.clock import utcnow


@shared_task(name="house.watch")
def watch() -> None:
    """Tell staff of refusals and failures that have become much more frequent; forget workers long silent."""
    now = utcnow()
    alerts.watch(now=now)
    heartbeats.purge(now=now)
