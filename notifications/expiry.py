"""Messages that have outlived their use while nobody could send them: ended together, without being claimed.

What a worker holds, or held when it died, is left to whoever claims it next: it may have gone out. What a provider has
taken and not reported on is past expiring.
"""

from datetime import datetime

from django.db.models import Case, F, Value, When

from notifications import outcomes
from notifications.models import Message

AT_ONCE = 500


def end(now: datetime) -> int:
    """Fail the waiting messages whose own end has come, 500 in a statement; return how many."""
    late = Message.objects.filter(due_at__lte=now, expires_at__lte=now, lease_until=None, awaiting="")
    reason = Case(When(in_doubt="", then=Value(outcomes.EXPIRED)), default=Value(outcomes.UNKNOWN))
    ended = 0
    while keys := list(late.values_list("pk", flat=True)[:AT_ONCE]):
        ended += late.filter(pk__in=keys).update(
            status=Message.Status.FAILED, failure=reason, due_at=None, fence=F("fence") + 1
        )
        if len(keys) < AT_ONCE:
            break
    return ended
