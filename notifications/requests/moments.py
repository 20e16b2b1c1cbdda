"""When a message is sent, and until when it is worth sending.

Every moment comes with its offset: no hour is there twice, and none is missing.
"""

from datetime import datetime, timedelta

from kit.errors import Invalid
from notifications.lanes import PATIENCE, Lane
from notifications.requests.base import MessageRequest

MAX_DELAY = timedelta(days=3653)
MAX_TTL = timedelta(days=30)  # beyond its moment
SKEW = timedelta(minutes=5)  # a clock that is a little behind means "now"


def span_of(request: MessageRequest, *, lane: Lane, now: datetime) -> tuple[datetime, datetime]:
    """Return when a message is due and when it is given up. Raises `Invalid` for moments that cannot be."""
    due_at = max(_begin_of(request.send_at, now), now)
    return due_at, _end_of(request, due_at, lane)


def _begin_of(send_at: datetime | None, now: datetime) -> datetime:
    if send_at is None:
        return now
    if send_at < now - SKEW:
        raise Invalid("send_at", "This moment has passed.", "past")
    if send_at > now + MAX_DELAY:
        raise Invalid("send_at", "Choose a moment within ten years.", "too_far")
    return send_at


def _end_of(request: MessageRequest, due_at: datetime, lane: Lane) -> datetime:
    if request.ttl is not None and request.expires_at is not None:
        raise Invalid("ttl", "Give expires_at or ttl, not both.", "one_of")
    if request.ttl is not None:
        if not 1 <= request.ttl <= MAX_TTL.total_seconds():
            raise Invalid("ttl", "Use 1 second to 30 days.", "out_of_range")
        return due_at + timedelta(seconds=request.ttl)
    if request.expires_at is None:
        return due_at + PATIENCE[lane].horizon
    if request.expires_at <= due_at:
        raise Invalid("expires_at", "It would be over before it is sent.", "past")
    if request.expires_at > due_at + MAX_TTL:
        raise Invalid("expires_at", "Choose a moment within 30 days of sending.", "too_far")
    return request.expires_at
