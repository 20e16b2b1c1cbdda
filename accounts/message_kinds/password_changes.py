"""The mail with the link that sets a new password."""

import datetime as dt
import uuid

from accounts import conf, links
from accounts.models import Link
from notifications import samples
from notifications.kinds import Content, Kind
from notifications.lanes import Lane


def reset_link(reference: uuid.UUID, now: dt.datetime) -> Content | None:
    """Build the mail of a link that sets a new password; None for nobody's, and once it is good no more."""
    link = Link.objects.filter(pk=reference).first()
    if link is None or not links.is_good(link, now=now):
        return None
    return Content(
        context={
            "link": links.url_of(link, page="reset-password"),
            "at": link.created_at,
            "network": link.data.get("network", ""),  # not told where staff, or the owner's "this wasn't me", asked
            "minutes": round((link.expires_at - link.created_at).total_seconds() / 60),
            "site": conf.public_url(),
        },
    )


SAMPLE = {
    "link": samples.LINK,
    "at": samples.AT,
    "network": samples.NETWORK,
    "minutes": 30,
    "site": samples.SITE,
}
RESET = Kind(
    name="accounts.reset",
    lane=Lane.URGENT,
    category="security",
    template="accounts/messages/reset",
    build=reset_link,
    expires_after=dt.timedelta(minutes=30),
    sample=SAMPLE,
)
KINDS = (RESET,)
