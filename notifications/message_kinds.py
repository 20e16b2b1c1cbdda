"""The mails that this app sends of itself: what a person wants told together."""

from datetime import timedelta

from notifications.kinds import Kind
from notifications.lanes import Lane

DIGEST = Kind(
    name="notifications.digest",
    lane=Lane.NORMAL,
    category="other",  # each has the category of what it tells of
    template="notifications/messages/digest",
    build="notifications.digests.content_of",
    expires_after=timedelta(days=1),
    sample={
        "category": "comments",
        "number": 7,
        "messages": [{"subject": "Bert has answered you", "excerpt": "I think that we should meet on Thursday."}] * 2,
        "more": 5,
    },
)

KINDS = (DIGEST,)
