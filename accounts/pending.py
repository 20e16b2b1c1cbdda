"""What is under way for a person: links and codes that were mailed to her, sign-ins that wait for a further step.

All of it rests on what she proved before. When that falls (a new password, a change undone), so does this.
"""

import datetime as dt

from accounts import links
from accounts.models import Link, LoginAttempt, SentCode, User

LINKS = tuple(purpose for purpose in Link.Purpose if purpose is not Link.Purpose.UNDO)


def void(*, user: User, now: dt.datetime) -> None:
    """Make all of it good no more, in the caller's transaction. Links that undo a change stay good."""
    links.void(user=user, purposes=LINKS, now=now)
    SentCode.objects.filter(user=user, used_at=None, void_at=None).update(void_at=now)
    LoginAttempt.objects.filter(user=user, spent_at=None).update(spent_at=now)
