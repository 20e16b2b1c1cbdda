"""The bell: wakes a worker after a commit. It may fall silent at any time; the sweeper finds what it missed."""

from django.conf import settings

from kit import seams
from kit.outbox import Bell


def _enqueue() -> None:
    path = getattr(settings, "NOTIFICATIONS_BELL", "notifications.tasks.dispatch")
    if path:
        # No retries: a broker that is down must not hold up the request that rings.
        seams.load(path).apply_async(retry=False, ignore_result=True)


_bell = Bell(_enqueue)


def ring() -> None:
    """Wake a worker now. Never raises."""
    _bell.ring()


def ring_after_commit() -> None:
    """Wake a worker once the caller's transaction is committed."""
    _bell.ring_after_commit()
