"""What workers do: drain the queue when the bell rings, look for what it missed, gather, forget.

Tasks carry nothing but the wish: which messages are due is written in the database alone.
"""

from celery import shared_task

from kit.clock import utcnow
from notifications import attachments, bell, digests, dispatching, expiry, idempotency, polling, receipts, retention


@shared_task(name="notifications.dispatch")
def dispatch() -> None:
    """Send what is due. A run that ends with work left rings again, so that no task lasts for ever."""
    polling.EAR.hear()
    settled = dispatching.drain(utcnow)
    polling.EAR.hear()
    if settled is not None and dispatching.is_due(utcnow()):
        bell.ring()


@shared_task(name="notifications.sweep")
def sweep() -> None:
    """Send what the bell missed: a scheduled or retried message whose moment has come, one whose worker died."""
    polling.EAR.hear()
    if dispatching.is_due(utcnow()):
        dispatch()


def look_by_ourselves() -> None:
    """Send what is due, unasked: what `polling` does in a worker that no task reaches."""
    if dispatching.is_due(utcnow()):
        dispatching.drain(utcnow)


@shared_task(name="notifications.tidy")
def tidy() -> None:
    """End what nobody could send in its time, heed what providers told at an awkward moment, let go of sent files."""
    expiry.end(utcnow())
    expiry.end_left(utcnow())
    receipts.match_late(utcnow())
    digests.follow_all()
    attachments.discard_spent(utcnow())


@shared_task(name="notifications.purge")
def purge() -> None:
    """Forget idempotency keys after their 24 hours."""
    idempotency.purge(utcnow())


@shared_task(name="notifications.digest")
def digest() -> None:
    """Put together what people want told together, once its moment has come."""
    digests.put_together(utcnow())


@shared_task(name="notifications.forget")
def forget() -> None:
    """Forget what old messages said, and delete those that are older still, and reports that nobody knows."""
    retention.blank(utcnow())
    retention.delete(utcnow())
    retention.delete_strangers(utcnow())
