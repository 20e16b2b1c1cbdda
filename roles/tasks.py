"""Periodic work of roles. Each is safe to run twice at once, late, or never for a while."""

from celery import shared_task

from kit.clock import utcnow
from roles import access_requests, endings


@shared_task(name="roles.end")
def end() -> int:
    """Clear away the grants that have ended, and let requests lapse that nobody decided; return how many of both."""
    now = utcnow()
    return endings.clear(now=now) + access_requests.lapse(now=now)
